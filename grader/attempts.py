"""WALK: a request of a learner, a mentor or the grader -> the rules -> entries in the ledger, whatever the door.

Read the stream, decide, append on top of exactly what was read. When somebody else was faster, decide again on what
is there now: nothing is lost, nothing is overwritten, and a request that comes twice under one key counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.domain import facts
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import Actor, Command
from grader.domain.attempt_events import AttemptId, AttemptOpened, PersonId, SignedOff, SubmitRefused
from grader.domain.attempt_terms import Terms
from grader.domain.enrollment import Enrollment, attempt_id, attempt_stream, enrollment_stream
from grader.domain.instant import Instant
from grader.domain.ledger import Draft, Entry, Sender, StreamId, canonical, digest, seal_all
from grader.domain.refusal import Refusal, Rule
from grader.domain.twin import TwinId
from grader.errors import StreamMoved
from grader.ports import Records
from grader.review.decide import decide
from grader.review.decided import Decided
from grader.review.standing import on_sign_off
from grader.review.window import open_attempt

TRIES = 50
"""How often a request is decided again because others appended first; then the ledger is too busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks, when that reached us, and under which idempotency key (empty: none).

    `seen` is the number of the last entry that the person had in view, None when they did not say: with it, a
    command on something that has changed since is a conflict instead of a decision about something else.
    """

    actor: Actor
    received_at: Instant
    key: str = ""
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request: the entries it appended, the attempt after it, or the rule that refused it.

    `replayed` says that the same request had been carried out before; the entries are those of then.
    """

    attempt: Attempt
    entries: tuple[Entry, ...] = ()
    refusal: Refusal | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Streams as they were when they were read; appending goes on top of exactly that, or raises StreamMoved."""

    records: Records
    heads: dict[StreamId, Entry] = field(default_factory=dict)

    def stream(self, stream: StreamId) -> tuple[Entry, ...]:
        """The entries of a stream."""
        entries = self.records.stream(stream)
        if entries:
            self.heads[stream] = entries[-1]
        return entries

    def attempt(self, attempt: AttemptId) -> Attempt:
        """An attempt; of an unknown id one that has not started."""
        return facts.fold_attempt(attempt, self.stream(attempt_stream(attempt)))

    def enrollment(self, learner: PersonId, twin: TwinId) -> Enrollment:
        """A learner's enrollment; empty when they never started."""
        return facts.fold_enrollment(learner, twin, self.stream(enrollment_stream(learner, twin)))

    def append(self, drafts: Iterable[Draft], request: Request, asked: str = "") -> tuple[Entry, ...]:
        """Seal and append; `asked` is the digest of what the request's key stands for."""
        sender = Sender(actor=str(request.actor), key=request.key, request=asked if request.key else "")
        sealed = seal_all(drafts, sender=sender, now=request.received_at, heads=self.heads)
        if sealed:
            self.records.append(sealed)
        return sealed


def perform(records: Records, attempt: AttemptId, command: Command, request: Request) -> Outcome:
    """Carry out one command on one attempt; raises StreamMoved when others keep appending first."""
    for _ in range(TRIES):
        try:
            return _perform(Reading(records), attempt, command, request)
        except StreamMoved:
            continue
    raise StreamMoved(f"attempt {attempt} is too busy; try again")


def start(records: Records, learner: PersonId, case: str, terms: Terms, request: Request) -> Outcome:
    """Start the learner's next attempt at the twin that the terms are of."""
    for _ in range(TRIES):
        try:
            return _start(Reading(records), learner, case, terms, request)
        except StreamMoved:
            continue
    raise StreamMoved(f"the enrollment of {learner} is too busy; try again")


def _perform(reading: Reading, attempt: AttemptId, command: Command, request: Request) -> Outcome:
    entries = reading.stream(attempt_stream(attempt))
    standing = facts.fold_attempt(attempt, entries)
    asked = _asked(type(command).__name__, command, request)
    if earlier := _under_key(entries, request.key):
        return _replay(standing, earlier, asked)
    if refusal := _changed_since(standing, request):
        return Outcome(attempt=standing, refusal=refusal)
    decided = decide(standing, request.actor, command, request.received_at)
    drafts = (*decided.drafts(attempt_stream(attempt)), *_consequences(reading, standing, decided))
    sealed = reading.append(drafts, request, asked)
    own = (entry for entry in sealed if entry.stream == attempt_stream(attempt))
    after = facts.fold_attempt(attempt, (*entries, *own))
    return Outcome(attempt=after, entries=sealed, refusal=decided.refusal)


def _start(reading: Reading, learner: PersonId, case: str, terms: Terms, request: Request) -> Outcome:
    entries = reading.stream(enrollment_stream(learner, terms.twin))
    enrollment = facts.fold_enrollment(learner, terms.twin, entries)
    asked = _asked("Start", {"case": case, "twin": terms.twin}, request)
    if earlier := _under_key(entries, request.key):
        opened = next(facts.facts([earlier])).event
        of = opened.attempt if isinstance(opened, AttemptOpened) else enrollment.attempts[-1]
        return _replay(reading.attempt(of), earlier, asked)
    previous = reading.attempt(enrollment.attempts[-1]) if enrollment.attempts else None
    answer = open_attempt(enrollment, previous, case, terms, request.received_at)
    new = attempt_id(learner, terms.twin, len(enrollment.attempts) + 1)
    if answer.refusal:
        return Outcome(attempt=previous or Attempt(id=new), refusal=answer.refusal)
    sealed = reading.append(answer.drafts, request, asked)
    own = (entry for entry in sealed if entry.stream == attempt_stream(new))
    return Outcome(attempt=facts.fold_attempt(new, own), entries=sealed)


def _consequences(reading: Reading, standing: Attempt, decided: Decided) -> tuple[Draft, ...]:
    """What a sign-off among the events means for the learner's enrollment."""
    for place, each in enumerate(decided.events, start=1):
        if isinstance(each.event, SignedOff):
            enrollment = reading.enrollment(standing.started.learner, standing.terms.twin)
            events = on_sign_off(enrollment, standing.id, each.event, standing.seq + place)
            return tuple(facts.draft(enrollment.stream, each.at, event) for event in events)
    return ()


def _changed_since(standing: Attempt, request: Request) -> Refusal | None:
    if request.seen in (None, standing.seq):
        return None
    message = f"conflict: you looked at entry {request.seen}, the attempt is at entry {standing.seq}; look again"
    return Refusal(rule=Rule.CONFLICT, message=message)


def _under_key(entries: Iterable[Entry], key: str) -> Entry | None:
    return next((entry for entry in entries if key and entry.key == key), None)


def _replay(standing: Attempt, earlier: Entry, asked: str) -> Outcome:
    if earlier.request != asked:
        message = f"key_reused: key {earlier.key!r} stands for another request already; choose a new one"
        return Outcome(attempt=standing, refusal=Refusal(rule=Rule.KEY_REUSED, message=message))
    event = next(facts.facts([earlier])).event
    refusal = Refusal(rule=Rule(event.rule), message=event.message) if isinstance(event, SubmitRefused) else None
    return Outcome(attempt=standing, entries=(earlier,), refusal=refusal, replayed=True)


def _asked(name: str, command: object, request: Request) -> str:
    """The digest of who asked for what; two requests under one key have to be the same."""
    return digest(canonical([str(request.actor), name, facts.plain(command)]).encode())
