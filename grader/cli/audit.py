"""`grader audit`: is the ledger what it was, take it along, forget a person."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from grader.cli.desk import opened
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain import facts
from grader.domain.ledger import Entry, Fault, Verifier, from_line, to_line
from grader.errors import InputInvalid, LedgerBroken


@click.group()
def audit() -> None:
    """Verify the ledger's chain, export it, forget a person."""


@audit.command()
@click.option("--file", "file", metavar="FILE", help="Verify an export instead of this installation's ledger.")
@click.option("--anchor", "anchors", multiple=True, metavar="HASH", help="A hash that has to be in it.")
@json_option
@click.pass_obj
def verify(settings: Settings, file: str | None, anchors: tuple[str, ...], json_file: str | None) -> int:
    """Check every entry against the hash of the one before it.

    Exit status: 0 everything verifies, 1 it does not (the first fault is told), 2 the call is wrong.
    """
    entries = _exported(file) if file else opened(settings).ledger.records.entries()
    verifier, missing = Verifier(), set(anchors)
    fault = _first_fault(entries, verifier, missing)
    document = _document(verifier, fault, sorted(missing) if fault is None else [])
    if json_file is not None:
        write_json(document, json_file)
    if json_file != "-":
        click.echo(document["reason"])
    return 0 if document["verifies"] else 1


@audit.command()
@click.option("--out", "out", metavar="FILE", default="-", show_default=True, help="Where to; `-` is stdout.")
@click.pass_obj
def export(settings: Settings, out: str) -> None:
    """Write all entries as JSON lines, one entry a line; `grader audit verify --file` reads them."""
    entries = opened(settings).ledger.records.entries()
    if out == "-":
        _write(entries, sys.stdout)
        return
    try:
        with Path(out).open("w", encoding="utf-8") as file:
            _write(entries, file)
    except OSError as error:
        raise InputInvalid(f"cannot write {out}: {error.strerror}") from None


@audit.command()
@click.argument("login", metavar="LOGIN")
@click.pass_obj
def erase(settings: Settings, login: str) -> None:
    """Forget LOGIN: the name behind the id, and the texts, submissions and records of their attempts.

    What happened, when, and with what scores stays, about an id that means nobody; the ledger still verifies.
    """
    desk = opened(settings)
    person = desk.person(login)
    own, others = set[str](), set[str]()
    streams = {f"attempt/{a.id}" for a in desk.attempts() if a.started.learner == person}
    for entry in desk.ledger.records.entries():
        mine = entry.stream in streams or entry.stream.startswith(f"enrollment/{person}/")
        (own if mine else others).update(_digests(entry))
    for digest in own - others:
        for inner in _inner(desk.ledger.contents.get(digest)):
            desk.ledger.contents.erase(inner)
        desk.ledger.contents.erase(digest)
    desk.ledger.people.erase(login)
    click.echo(f"forgot {login}: their name, and {len(own - others)} texts and files of {len(streams)} attempts")


def _digests(entry: Entry) -> Iterator[str]:
    """The contents that an entry names."""
    (fact,) = facts.facts([entry])
    for name in ("text", "content", "reason", "record", "document"):
        value = getattr(fact.event, name, None)
        if isinstance(value, str) and len(value) == 64:
            yield value


def _inner(content: bytes | None) -> Iterator[str]:
    """The tar that a handed-in document names."""
    if content and content.startswith(b"{") and b'"schema":"grader/handed-in/1"' in content:
        yield str(json.loads(content)["tar"])


def _first_fault(entries: Iterable[Entry], verifier: Verifier, missing: set[str]) -> Fault | None:
    for entry in entries:
        if fault := verifier.fault(entry):
            return fault
        try:
            list(facts.facts([entry]))
        except LedgerBroken as error:
            return Fault(stream=entry.stream, seq=entry.seq, detail=str(error))
        missing.discard(entry.hash)
    return None


def _document(verifier: Verifier, fault: Fault | None, missing: list[str]) -> dict[str, Any]:
    count = f"{verifier.count} entries in {len(verifier.heads)} streams"
    if fault:
        reason = f"BROKEN at {fault.stream} entry {fault.seq}: {fault.detail} ({count} before it verify)"
    elif missing:
        reason = f"BROKEN: {', '.join(missing)} is not in the ledger, which verifies otherwise ({count})"
    else:
        reason = f"{count} verify"
    return {
        "schema": "grader/audit/1",
        "verifies": fault is None and not missing,
        "reason": reason,
        "entries": verifier.count,
        "heads": {stream: {"seq": seq, "hash": head} for stream, (seq, _, head) in sorted(verifier.heads.items())},
        "fault": fault and {"stream": fault.stream, "seq": fault.seq, "detail": fault.detail},
        "missing_anchors": missing,
    }


def _exported(name: str) -> Iterator[Entry]:
    try:
        with Path(name).open(encoding="utf-8") as file:
            for line in file:
                yield from_line(line)
    except (OSError, UnicodeDecodeError) as error:
        raise InputInvalid(f"cannot read {name}: {error}") from None
    except LedgerBroken as error:
        raise InputInvalid(f"{name}: {error}") from None


def _write(entries: Iterable[Entry], file: TextIO) -> None:
    for entry in entries:
        file.write(to_line(entry) + "\n")
