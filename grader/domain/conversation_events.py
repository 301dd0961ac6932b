"""What a conversation adds to the ledger beside its attempts: which comments were answered and how, what was shown.

Stream `conversation/<pull request>`. As everywhere in the ledger no entry holds a person's words: a comment is its id
and the digest of its text; `words` are our own answer.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from grader.domain.attempt_events import AttemptId
from grader.domain.instant import Instant
from grader.domain.ledger import Draft, Entry, StreamId
from grader.errors import LedgerBroken


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Our answer to one command of a comment."""

    line: int
    name: str
    accepted: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAnswered:
    """All commands of one comment were answered, once and for all. `role` is what the host said of its author then."""

    comment: int
    author: int
    role: str
    digest: str
    head: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptBound:
    """This conversation is where an attempt takes place."""

    attempt: AttemptId


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadKept:
    """At this head the pull request held this content (digest of the bundle): saved, and perhaps handed in later."""

    attempt: AttemptId
    head: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """A reminder was shown; its key is never used again."""

    attempt: AttemptId
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialDelivered:
    """The credential was put where the course wants it."""

    credential: str


ConversationEvent = CommentAnswered | AttemptBound | HeadKept | Reminded | CredentialDelivered
_KINDS: dict[str, type[ConversationEvent]] = {
    kind.__name__: kind for kind in (CommentAnswered, AttemptBound, HeadKept, Reminded, CredentialDelivered)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A comment that was answered, when (its own server time), and how."""

    at: Instant
    event: CommentAnswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The fold of one conversation."""

    answered: tuple[Answered, ...] = ()
    attempts: tuple[AttemptId, ...] = ()
    heads: tuple[HeadKept, ...] = ()
    reminders: tuple[tuple[Instant, Reminded], ...] = ()
    delivered: frozenset[str] = frozenset()

    def has_answered(self, comment: int) -> bool:
        """Whether a comment's commands were carried out or refused before."""
        return any(each.event.comment == comment for each in self.answered)

    def head_of(self, content: str) -> str:
        """The head at which a content was first kept; empty when it never was."""
        return next((kept.head for kept in self.heads if kept.content == content), "")


def stream_of(pull: int) -> StreamId:
    """The stream of a pull request's conversation."""
    return StreamId(f"conversation/{pull}")


def draft(stream: StreamId, at: Instant, event: ConversationEvent) -> Draft:
    """An event as a draft for the ledger."""
    return Draft(stream=stream, effective_at=at, kind=type(event).__name__, body=asdict(event))


def fold(entries: Iterable[Entry]) -> Conversation:
    """The conversation whose stream the entries are; raises LedgerBroken."""
    now = Conversation()
    for entry in entries:
        now = _evolve(now, entry.effective_at, _event(entry))
    return now


def _evolve(now: Conversation, at: Instant, event: ConversationEvent) -> Conversation:
    match event:
        case CommentAnswered():
            return replace(now, answered=(*now.answered, Answered(at=at, event=event)))
        case AttemptBound():
            return replace(now, attempts=(*now.attempts, event.attempt))
        case HeadKept():
            return replace(now, heads=(*now.heads, event))
        case Reminded():
            return replace(now, reminders=(*now.reminders, (at, event)))
        case CredentialDelivered():
            return replace(now, delivered=now.delivered | {event.credential})


def _event(entry: Entry) -> ConversationEvent:
    try:
        body: dict[str, Any] = json.loads(entry.body)
        if entry.kind == CommentAnswered.__name__:
            body["answers"] = tuple(Answer(**answer) for answer in body["answers"])
        return _KINDS[entry.kind](**body)
    except (KeyError, TypeError) as error:
        raise LedgerBroken(f"{entry.stream} entry {entry.seq}: no {entry.kind} has this form ({error})") from None
