"""Between the ledger's entries and the facts that states are folded from: the JSON form of events."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from grader.domain import attempt, enrollment
from grader.domain.attempt import Attempt, Fact
from grader.domain.attempt_events import AttemptEvent, AttemptId, EnrollmentEvent, Event, PersonId, Started
from grader.domain.attempt_terms import Terms
from grader.domain.enrollment import Enrollment
from grader.domain.instant import Instant
from grader.domain.ledger import Draft, Entry, StreamId
from grader.domain.twin import TwinId
from grader.errors import LedgerBroken

KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in (*AttemptEvent.__args__, *EnrollmentEvent.__args__)}
"""An event's kind is the name of its class."""


def facts(entries: Iterable[Entry]) -> Iterator[Fact]:
    """Each entry's event; raises LedgerBroken when one is not known."""
    for entry in entries:
        yield Fact(
            seq=entry.seq,
            recorded_at=entry.recorded_at,
            effective_at=entry.effective_at,
            actor=entry.actor,
            event=from_body(entry.kind, json.loads(entry.body)),
        )


def fold_attempt(attempt_id: AttemptId, entries: Iterable[Entry]) -> Attempt:
    """The attempt whose stream the entries are."""
    return attempt.fold(attempt_id, facts(entries))


def fold_enrollment(learner: PersonId, twin: TwinId, entries: Iterable[Entry]) -> Enrollment:
    """The enrollment whose stream the entries are."""
    return enrollment.fold(learner, twin, facts(entries))


def draft(stream: StreamId, effective_at: Instant, event: Event) -> Draft:
    """An event as a draft for the ledger."""
    return Draft(stream=stream, effective_at=effective_at, kind=type(event).__name__, body=to_body(event))


def to_body(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values."""
    return {field.name: plain(getattr(event, field.name)) for field in fields(event)}


def from_body(kind: str, body: Mapping[str, Any]) -> Event:
    """The inverse of `to_body`; raises LedgerBroken for an unknown kind or fields that do not fit."""
    try:
        values = {name: _frozen(value) for name, value in body.items()}
        if kind == Started.__name__:
            values["terms"] = Terms(**values["terms"])
        return KINDS[kind](**values)
    except (KeyError, TypeError) as error:
        raise LedgerBroken(f"no {kind} event has this form ({error}); `grader audit verify` shows where") from None


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Mappings, sequences and dataclasses as JSON values."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _frozen(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
