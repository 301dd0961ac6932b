"""The answer to a command: events to append, a refusal, or (a refusal that leaves evidence) both."""

from dataclasses import dataclass

from grader.domain import facts
from grader.domain.attempt_events import Event
from grader.domain.instant import Instant
from grader.domain.ledger import Draft, StreamId
from grader.domain.refusal import Refusal, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event and the time at which it takes effect."""

    at: Instant
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """No events and no refusal means that the command changes nothing (it was carried out before)."""

    events: tuple[Happening, ...] = ()
    refusal: Refusal | None = None

    def drafts(self, stream: StreamId) -> tuple[Draft, ...]:
        """The events as drafts for one stream."""
        return tuple(facts.draft(stream, each.at, each.event) for each in self.events)


NOTHING = Decided()


def accept(at: Instant, *events: Event) -> Decided:
    """The events, all taking effect at the same time."""
    return Decided(events=tuple(Happening(at=at, event=event) for event in events))


def refuse(rule: Rule, message: str, *evidence: Happening) -> Decided:
    """A refusal, and what it leaves in the ledger."""
    return Decided(events=evidence, refusal=Refusal(rule=rule, message=message))
