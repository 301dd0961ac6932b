"""`grader credential`: keys, issue, verify, revoke."""

import json
from pathlib import Path
from typing import Any

import click

from grader import award, wiring
from grader.attempts import Request
from grader.cli.desk import Desk, as_option, opened
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import Role
from grader.domain.enrollment import Award
from grader.domain.instant import iso
from grader.domain.refusal import Refusal
from grader.errors import InputInvalid
from grader.ports import Signed

FORMS = {"credential.json": "embedded proof", "credential.jwt": "VC-JWT"}


@click.group()
def credential() -> None:
    """Open Badges for passed attempts."""


@credential.group()
def key() -> None:
    """The issuer's keys."""


@key.command("new")
@click.option("--replace", is_flag=True, help="Set keys that are there aside; what they signed stays valid.")
@click.pass_obj
def new_key(settings: Settings, replace: bool) -> None:
    """Make the issuer's keys, readable by you alone."""
    keys = wiring.keys(settings)
    if replace:
        keys.set_aside()
    keys.make()
    click.echo(f"made keys in {keys.folder}; keep a copy in a safe place")
    _tell_issuers(settings)


@key.command("show")
@click.pass_obj
def show_key(settings: Settings) -> None:
    """Show whom the keys issue as; never the keys themselves."""
    _tell_issuers(settings)


@key.command("did-document")
@click.pass_obj
def did_document(settings: Settings) -> None:
    """Print the did.json that a did:web issuer publishes."""
    if not settings.issuer:
        raise InputInvalid("a did:key needs no document; set GRADER_ISSUER to a did:web to issue as one")
    click.echo(json.dumps(wiring.signer(settings).did_document(), indent=1))


@credential.command()
@click.argument("attempt", metavar="ATTEMPT")
@click.option("--out", "folder", default=".", show_default=True, metavar="DIR", help="Where the two files go.")
@click.option("--subject", default="", metavar="URI", help="The learner's own id, e.g. a DID; default: an opaque one.")
@click.option("--evidence", multiple=True, metavar="URL", help="Where the report can be read.")
@as_option
@json_option
@click.pass_obj
def issue(
    settings: Settings,
    attempt: str,
    folder: str,
    subject: str,
    evidence: tuple[str, ...],
    login: str | None,
    json_file: str | None,
) -> None:
    """Issue the credential for the best result of the learner of ATTEMPT; asked again, it is the same one."""
    desk = opened(settings)
    found = desk.attempt(attempt)
    for uri in (subject, *evidence):
        _check_uri(uri)
    wish = award.Wish(
        learner=found.started.learner,
        twin=wiring.twins().get(found.terms.twin),
        issuer=settings.issuer_name,
        subject=subject,
        evidence=evidence,
    )
    ledger = desk.ledger
    tools = award.Tools(
        records=ledger.records, contents=ledger.contents, people=ledger.people, signer=wiring.signer(settings)
    )
    signed = award.issue(wish, tools, _request(desk, login))
    if isinstance(signed, Refusal):
        desk.refuse(signed)
        return
    files = _write(signed, Path(folder))
    if json_file is not None:
        write_json({"schema": "grader/credential/1", "credential": signed.document, "files": files}, json_file)
    if json_file != "-":
        click.echo(f"issued {signed.document['id']}\n" + "\n".join(files))


@credential.command()
@click.argument("file", metavar="FILE")
@click.option("--issuer", default="", metavar="DID", help="Refuse any other issuer.")
@click.option("--did-document", "did_file", metavar="FILE", help="The did.json of a did:web issuer.")
@click.option("--offline", is_flag=True, help="Do not ask this installation's ledger whether it was taken back.")
@json_option
@click.pass_obj
def verify(
    settings: Settings, file: str, issuer: str, did_file: str | None, offline: bool, json_file: str | None
) -> int:
    """Verify a credential, either form, without any network.

    Exit status: 0 it is what its issuer signed, 1 it is not or was taken back, 2 the call is wrong.
    """
    from grader.adapters.ed25519_signer import verify as verified

    document = _object(did_file) if did_file else None
    found = verified(_read(file), issuer=issuer, did_document=document)
    ask = not offline and not found.reason and wiring.has_ledger(settings)
    known = award.standing(found.credential, opened(settings).ledger.records) if ask else None
    reason = found.reason or _taken_back(known)
    if json_file is not None:
        write_json(
            {
                "schema": "grader/credential-check/1",
                "verifies": not reason,
                "reason": reason or None,
                "form": found.form,
                "credential": found.credential,
                "issuer": found.issuer,
                "standing": known.standing.value if known else "unknown",
            },
            json_file,
        )
    if json_file != "-":
        click.echo(f"NOT VALID: {reason}" if reason else f"valid: {found.credential}, {found.form} by {found.issuer}")
        if not reason and not issuer:
            click.echo("the signature is that issuer's; whether you trust it is yours to know (--issuer DID)")
    return 1 if reason else 0


@credential.command()
@click.argument("attempt", metavar="ATTEMPT")
@click.argument("reason", metavar="REASON")
@as_option
@click.pass_obj
def revoke(settings: Settings, attempt: str, reason: str, login: str | None) -> None:
    """Take back the credential in force of the learner of ATTEMPT."""
    desk = opened(settings)
    found: Attempt = desk.attempt(attempt)
    twin = wiring.twins().get(found.terms.twin)
    answer = award.revoke(found.started.learner, twin, reason, desk.ledger.records, _request(desk, login))
    if isinstance(answer, Refusal):
        desk.refuse(answer)
    click.echo(f"revoked {answer}")


def _request(desk: Desk, login: str | None) -> Request:
    return Request(actor=desk.actor(Role.OPERATOR, login), received_at=desk.arrived)


def _tell_issuers(settings: Settings) -> None:
    for form, did in zip(FORMS.values(), wiring.signer(settings).issuers(), strict=True):
        click.echo(f"{form}: issued by {did}")


def _write(signed: Signed, folder: Path) -> list[str]:
    contents = (json.dumps(signed.document, ensure_ascii=False, indent=1) + "\n", signed.jwt + "\n")
    written = []
    for name, text in zip(FORMS, contents, strict=True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputInvalid(f"cannot write {folder / name}: {error.strerror}") from None
        written.append(str(folder / name))
    return written


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise InputInvalid(f"cannot read {file}: {error.strerror}") from None


def _object(file: str) -> dict[str, Any]:
    try:
        document = json.loads(_read(file))
    except ValueError as error:
        raise InputInvalid(f"{file} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InputInvalid(f"{file} is no DID document")
    return document


def _taken_back(known: Award | None) -> str:
    if known is None or known.until is None:
        return ""
    why = f": {known.reason}" if known.reason else ""
    return f"it was {known.standing} at {iso(known.until)}{why}"


def _check_uri(uri: str) -> None:
    scheme, _, rest = uri.partition(":")
    if uri and not (scheme.isalpha() and rest and uri.isascii() and uri.isprintable() and " " not in uri):
        raise InputInvalid(f"{uri!r} is no URI; expected e.g. https://... or did:...")
