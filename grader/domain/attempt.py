"""The state of one attempt: a pure fold over its events. What may happen next is decided in `grader.review`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import takewhile
from typing import Any

from grader.domain import attempt_events as ev
from grader.domain.attempt_events import AttemptId, Event, PersonId
from grader.domain.attempt_terms import Terms
from grader.domain.instant import Instant
from grader.domain.score import DimensionId, Points
from grader.domain.twin import SkillId


class Phase(StrEnum):
    """Where an attempt stands."""

    CREATED = "created"
    LIVE = "live"
    POSTMORTEM = "postmortem"
    EXPIRED = "expired"
    SUBMITTED = "submitted"
    GRADING = "grading"
    GRADE_ERROR = "grade_error"
    GRADED = "graded"
    CLAIMED = "claimed"
    IN_REVIEW = "in_review"
    SIGNED_OFF = "signed_off"


_NEVER = Instant(0)

OPEN = frozenset({Phase.LIVE, Phase.POSTMORTEM})
"""The learner may still hand in, if the clock allows it."""
REVIEWABLE = frozenset({Phase.GRADED, Phase.CLAIMED, Phase.IN_REVIEW})
"""What a mentor has to finish."""
TERMINAL = frozenset({Phase.SIGNED_OFF, Phase.EXPIRED})
"""Nothing is pending, so that a re-attempt may start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One event as it stands in the ledger: with its place, its times and whoever caused it."""

    seq: int
    recorded_at: Instant
    effective_at: Instant
    actor: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was handed in; `at` is when the request reached us."""

    mode: str
    content: str
    commit: str
    answers: Mapping[str, bool]
    failing_critical: tuple[str, ...]
    forced: ev.Forced
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the grader: pending, or recorded (`record` is set), or failed (`error` is set)."""

    number: int
    requested_at: Instant
    reason: str
    pre_scores: Mapping[DimensionId, Points | None] = field(default_factory=dict)
    record: str = ""
    grader: str = ""
    error: str = ""

    @property
    def pending(self) -> bool:
        """Neither a result nor an error has been recorded."""
        return not self.record and not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A mentor's lease; sign-off is due at `due`, and one millisecond later the lease may be taken over."""

    mentor: PersonId
    since: Instant
    due: Instant
    breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A mentor's points for one dimension, beside what the machine had proposed."""

    points: Points
    proposed: Points | None
    reason: str
    by: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """One reading that was signed, and when."""

    at: Instant
    seq: int
    event: ev.SignedOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Everything that later decisions depend on. Of a stream without entries: `Attempt(id=...)`."""

    id: AttemptId
    phase: Phase = Phase.CREATED
    seq: int = 0
    recorded_at: Instant = _NEVER
    start: ev.Started | None = None
    updates: int = 0
    draft: ev.Saved | None = None
    saves: int = 0
    forces: Mapping[str, str] = field(default_factory=dict)
    refusals: int = 0
    submission: Submission | None = None
    runs: tuple[Run, ...] = ()
    claim: Claim | None = None
    breaches: int = 0
    decisions: Mapping[DimensionId, Decision] = field(default_factory=dict)
    skills: Mapping[SkillId, int] = field(default_factory=dict)
    sign_offs: tuple[SignOff, ...] = ()
    readings: tuple[SignOff, ...] = ()
    """Sign-offs of the review under way, which waits for a second reader."""
    disputes: int = 0
    disputed: SignOff | None = None
    """The sign-off that an open dispute is about."""

    @property
    def started(self) -> ev.Started:
        """The start; ValueError before it."""
        if self.start is None:
            raise ValueError(f"attempt {self.id} has not started")
        return self.start

    @property
    def terms(self) -> Terms:
        """The terms fixed at the start; ValueError before it."""
        return self.started.terms

    @property
    def run(self) -> Run | None:
        """The latest run that has a result: the one that a mentor decides on."""
        return next((run for run in reversed(self.runs) if run.record), None)

    @property
    def failures(self) -> int:
        """How many of the latest runs failed in a row."""
        failed = takewhile(lambda run: run.error, reversed(self.runs))
        return sum(1 for _ in failed)

    @property
    def result(self) -> SignOff | None:
        """The latest final sign-off; it stands while a dispute or a regrade is under way."""
        return next((sign_off for sign_off in reversed(self.sign_offs) if sign_off.event.final), None)


def fold(attempt_id: AttemptId, facts: Iterable[Fact]) -> Attempt:
    """The state after all facts of the attempt's stream, in their order."""
    attempt = Attempt(id=attempt_id)
    for fact in facts:
        attempt = evolve(attempt, fact)
    return attempt


def evolve(attempt: Attempt, fact: Fact) -> Attempt:
    """The state after one more fact."""
    return _apply(replace(attempt, seq=fact.seq, recorded_at=fact.recorded_at), fact)


def _apply(now: Attempt, fact: Fact) -> Attempt:  # noqa: C901, PLR0912 - one line per event, nothing nested
    match fact.event:
        case ev.Started() as event:
            return replace(now, phase=Phase.LIVE, start=event)
        case ev.UpdatePosted():
            return replace(now, updates=now.updates + 1)
        case ev.LiveClosed():
            return replace(now, phase=Phase.POSTMORTEM)
        case ev.Saved() as event:
            return replace(now, draft=event, saves=now.saves + 1)
        case ev.CheckForced() as event:
            return replace(now, forces={**now.forces, event.check: event.reason})
        case ev.SubmitRefused():
            return replace(now, refusals=now.refusals + 1)
        case ev.Submitted() as event:
            return replace(now, phase=Phase.SUBMITTED, submission=_submission(event, fact))
        case ev.Expired():
            return replace(now, phase=Phase.EXPIRED)
        case ev.GradeRequested() | ev.GradeRecorded() | ev.GradeFailed():
            return _graded(now, fact)
        case _:
            return _reviewed(now, fact)


def _graded(now: Attempt, fact: Fact) -> Attempt:
    match fact.event:
        case ev.GradeRequested() as event:
            run = Run(number=event.run, requested_at=fact.effective_at, reason=event.reason)
            return replace(now, phase=Phase.GRADING, runs=(*now.runs, run))
        case ev.GradeRecorded() as event:
            done = replace(now.runs[-1], pre_scores=event.pre_scores, record=event.record, grader=event.grader)
            fresh = replace(now, runs=(*now.runs[:-1], done), decisions={}, skills={}, readings=())
            return replace(fresh, phase=_review_phase(fresh))
        case ev.GradeFailed() as event:
            failed = replace(now, runs=(*now.runs[:-1], replace(now.runs[-1], error=event.reason)))
            return replace(failed, phase=_review_phase(failed) if failed.run else Phase.GRADE_ERROR)
    return now


def _reviewed(now: Attempt, fact: Fact) -> Attempt:  # noqa: C901, PLR0912 - one line per event, nothing nested
    match fact.event:
        case ev.Claimed() as event:
            claim = Claim(mentor=event.mentor, since=fact.effective_at, due=event.sla_due)
            return replace(now, phase=Phase.CLAIMED, claim=claim, decisions={}, skills={})
        case ev.SlaBreached():
            overdue = replace(now.claim, breached=True) if now.claim else None
            return replace(now, claim=overdue, breaches=now.breaches + 1)
        case ev.Released():
            return replace(now, phase=Phase.GRADED, claim=None, decisions={}, skills={})
        case ev.Confirmed(dimension=dimension, points=points):
            return _decided(now, fact, dimension, Decision(points=points, proposed=points, reason="", **_who(fact)))
        case ev.Overridden(dimension=dimension, points=points, proposed=proposed, reason=reason):
            return _decided(
                now, fact, dimension, Decision(points=points, proposed=proposed, reason=reason, **_who(fact))
            )
        case ev.SkillAsserted(skill=skill, weight=weight):
            others = {key: value for key, value in now.skills.items() if key != skill}
            return replace(now, phase=Phase.IN_REVIEW, skills={**others, skill: weight} if weight else others)
        case ev.SignedOff() as event:
            return _signed(now, SignOff(at=fact.effective_at, seq=fact.seq, event=event))
        case ev.DisputeOpened():
            return replace(now, phase=Phase.GRADED, disputes=now.disputes + 1, disputed=now.result)
        case ev.DisputeResolved():
            return replace(now, disputed=None)
    return now


def _submission(event: ev.Submitted, fact: Fact) -> Submission:
    return Submission(
        mode=event.mode,
        content=event.content,
        commit=event.commit,
        answers=event.answers,
        failing_critical=event.failing_critical,
        forced=ev.Forced(event.forced),
        at=fact.effective_at,
    )


def _decided(now: Attempt, fact: Fact, dimension: DimensionId, decision: Decision) -> Attempt:
    return replace(now, phase=Phase.IN_REVIEW, decisions={**now.decisions, dimension: decision})


def _who(fact: Fact) -> dict[str, Any]:
    return {"by": fact.actor, "at": fact.effective_at}


def _signed(now: Attempt, sign_off: SignOff) -> Attempt:
    signed = replace(now, claim=None, sign_offs=(*now.sign_offs, sign_off))
    if sign_off.event.final:
        return replace(signed, phase=Phase.SIGNED_OFF, readings=())
    return replace(signed, phase=Phase.GRADED, decisions={}, skills={}, readings=(*now.readings, sign_off))


def _review_phase(now: Attempt) -> Phase:
    """Where a run that just ended leaves an attempt that has a result to look at."""
    if now.claim:
        return Phase.IN_REVIEW if now.decisions or now.skills else Phase.CLAIMED
    settled = now.result and now.run and now.result.event.run == now.run.number
    return Phase.SIGNED_OFF if settled and not now.disputed else Phase.GRADED
