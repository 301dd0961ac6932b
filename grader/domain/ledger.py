"""The append-only ledger, whatever stores it: canonical JSON, one SHA-256 chain per stream, its verification.

An entry's hash covers every other field of the entry and the hash before it. SQL tables and Git refs hold the same
entries; nothing here knows where they lie.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NewType

from grader.domain.instant import Instant
from grader.errors import LedgerBroken

StreamId = NewType("StreamId", str)
"""`attempt/<id>` or `enrollment/<learner>/<twin>`."""

GENESIS = "0" * 64
"""What the first entry of a stream has for the hash before it."""

_LARGEST = 2**53
"""Whole numbers up to here mean the same in every JSON reader (RFC 8785)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who caused an entry, and the idempotency key and digest of the request; empty when it came with no key."""

    actor: str
    key: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be appended to a stream: an event's kind and body, and the time at which it takes effect."""

    stream: StreamId
    effective_at: Instant
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One sealed line of a stream. `body` is canonical JSON; `seq` counts from 1; times are milliseconds, UTC."""

    stream: StreamId
    seq: int
    recorded_at: Instant
    effective_at: Instant
    actor: str
    kind: str
    key: str
    request: str
    body: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where a chain breaks first, and how."""

    stream: StreamId
    seq: int
    detail: str


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces, one text per value; ValueError for floats and other inexact values."""
    _admit(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text.encode()  # a lone surrogate has no UTF-8 form: UnicodeEncodeError, which is a ValueError
    return text


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def seal(draft: Draft, *, sender: Sender, now: Instant, last: Entry | None) -> Entry:
    """The draft as the entry after `last`; recorded time never runs backwards within a stream."""
    fields: dict[str, Any] = {
        "stream": draft.stream,
        "seq": last.seq + 1 if last else 1,
        "recorded_at": max(now, last.recorded_at) if last else now,
        "effective_at": draft.effective_at,
        "actor": sender.actor,
        "kind": draft.kind,
        "key": sender.key,
        "request": sender.request,
        "body": canonical(draft.body),
        "prev": last.hash if last else GENESIS,
    }
    return Entry(**fields, hash=_hash(fields))


def seal_all(
    drafts: Iterable[Draft], *, sender: Sender, now: Instant, heads: Mapping[StreamId, Entry]
) -> tuple[Entry, ...]:
    """Seal drafts of one or more streams in their order; only the last of each stream carries the key.

    `heads` holds the last entry of every stream that has one.
    """
    ordered = list(drafts)
    final = {draft.stream: place for place, draft in enumerate(ordered)}
    keyless = Sender(actor=sender.actor)
    lasts, sealed = dict(heads), []
    for place, draft in enumerate(ordered):
        chosen = sender if final[draft.stream] == place else keyless
        entry = seal(draft, sender=chosen, now=now, last=lasts.get(draft.stream))
        lasts[draft.stream] = entry
        sealed.append(entry)
    return tuple(sealed)


class Verifier:
    """Reads entries one by one, streams mixed, each stream in order; keeps one head per stream."""

    def __init__(self) -> None:
        """Nothing has been read."""
        self.heads: dict[StreamId, tuple[int, Instant, str]] = {}
        self.count = 0

    def fault(self, entry: Entry) -> Fault | None:
        """What is wrong with the next entry, or None; a faulty entry does not become the head."""
        seq, recorded_at, prev = self.heads.get(entry.stream, (0, Instant(0), GENESIS))
        detail = ""
        if entry.seq != seq + 1:
            detail = f"expected entry {seq + 1}, found {entry.seq}"
        elif entry.prev != prev:
            detail = "the hash before it is not that of the entry before it"
        elif entry.hash != _hash(_sealed_fields(entry)):
            detail = "its content does not match its hash"
        elif entry.recorded_at < recorded_at:
            detail = "recorded time runs backwards"
        if detail:
            return Fault(stream=entry.stream, seq=entry.seq, detail=detail)
        self.heads[entry.stream] = (entry.seq, entry.recorded_at, entry.hash)
        self.count += 1
        return None


def verify(entries: Iterable[Entry]) -> Fault | None:
    """The first fault of one or many streams, or None."""
    verifier = Verifier()
    return next((fault for entry in entries if (fault := verifier.fault(entry))), None)


def to_line(entry: Entry) -> str:
    """The entry as one line of canonical JSON, its body as an object."""
    return canonical({**_sealed_fields(entry), "hash": entry.hash, "body": json.loads(entry.body)})


def from_line(line: str) -> Entry:
    """The inverse of `to_line`; raises LedgerBroken when the line is no entry. The chain is not checked here."""
    try:
        fields = json.loads(line)
        return Entry(**{**fields, "body": canonical(fields["body"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise LedgerBroken(
            f"not a ledger line: {line[:80]!r}; `grader audit verify` shows how far it is sound"
        ) from None


_FIELDS = ("prev", "stream", "seq", "recorded_at", "effective_at", "actor", "kind", "key", "request", "body")


def _sealed_fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _FIELDS}


def _hash(fields: Mapping[str, Any]) -> str:
    row = [fields[name] for name in _FIELDS]
    return digest(json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode())


def _admit(value: object) -> None:
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) <= _LARGEST:
            return
        case Mapping() if all(isinstance(key, str) for key in value):
            inner: Iterable[object] = value.values()
        case list() | tuple():
            inner = value
        case _:
            raise ValueError(f"a ledger holds no {type(value).__name__} like {value!r:.40}")
    for item in inner:
        _admit(item)
