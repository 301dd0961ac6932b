"""A learner's way through one twin: the attempts there were, and the credential they earned. A pure fold."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from grader.domain import attempt_events as ev
from grader.domain.attempt import Fact
from grader.domain.attempt_events import AttemptId, PersonId
from grader.domain.instant import Instant
from grader.domain.ledger import StreamId, digest
from grader.domain.twin import TwinId
from grader.errors import LedgerBroken


class Standing(StrEnum):
    """Whether a credential still speaks for the learner."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """One credential that was issued, and how it stands."""

    issued: ev.CredentialIssued
    result: ev.ResultSigned
    at: Instant
    standing: Standing
    until: Instant | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """The fold of an enrollment's stream. Of a stream without entries: `Enrollment(learner=..., twin=...)`."""

    learner: PersonId
    twin: TwinId
    seq: int = 0
    attempts: tuple[AttemptId, ...] = ()
    results: tuple[ev.ResultSigned, ...] = ()
    """The latest final sign-off of each attempt that has one."""
    awards: tuple[Award, ...] = ()

    @property
    def best(self) -> ev.ResultSigned | None:
        """The result with the highest overall score, of equals the earlier attempt's; None while there is none."""
        return max(self.results, key=self._rank, default=None)

    def best_with(self, result: ev.ResultSigned) -> ev.ResultSigned:
        """The best result once `result` has taken its place among the others."""
        others = (other for other in self.results if other.attempt != result.attempt)
        return max((*others, result), key=self._rank)

    def _rank(self, result: ev.ResultSigned) -> tuple[int, int]:
        return result.total, -self.attempts.index(result.attempt)

    @property
    def stream(self) -> StreamId:
        """The stream that this is the fold of."""
        return enrollment_stream(self.learner, self.twin)

    @property
    def active(self) -> Award | None:
        """The one credential that is in force, if any."""
        return next((award for award in self.awards if award.standing is Standing.ACTIVE), None)


def enrollment_stream(learner: PersonId, twin: TwinId) -> StreamId:
    """The name of an enrollment's stream."""
    return StreamId(f"enrollment/{learner}/{twin}")


def attempt_stream(attempt: AttemptId) -> StreamId:
    """The name of an attempt's stream."""
    return StreamId(f"attempt/{attempt}")


def attempt_id(learner: PersonId, twin: TwinId, number: int) -> AttemptId:
    """The id of a learner's attempt: the same for the same three, and silent about who the learner is."""
    return AttemptId(digest(f"{enrollment_stream(learner, twin)}/{number}".encode())[:12])


def fold(learner: PersonId, twin: TwinId, facts: Iterable[Fact]) -> Enrollment:
    """The state after all facts of the enrollment's stream, in their order."""
    enrollment = Enrollment(learner=learner, twin=twin)
    for fact in facts:
        enrollment = evolve(enrollment, fact)
    return enrollment


def evolve(enrollment: Enrollment, fact: Fact) -> Enrollment:
    """The state after one more fact."""
    now = replace(enrollment, seq=fact.seq)
    match fact.event:
        case ev.AttemptOpened() as event:
            return replace(now, attempts=(*now.attempts, event.attempt))
        case ev.ResultSigned() as event:
            others = tuple(result for result in now.results if result.attempt != event.attempt)
            return replace(now, results=(*others, event))
        case ev.CredentialIssued() as event:
            return replace(now, awards=(*now.awards, _award(now, fact, event)))
        case ev.CredentialSuperseded() as event:
            return _end(now, fact, event.credential, Standing.SUPERSEDED)
        case ev.CredentialRevoked() as event:
            return _end(now, fact, event.credential, Standing.REVOKED)
    return now


def _award(now: Enrollment, fact: Fact, issued: ev.CredentialIssued) -> Award:
    for result in now.results:
        if (result.attempt, result.sign_off) == (issued.attempt, issued.sign_off):
            return Award(issued=issued, result=result, at=fact.effective_at, standing=Standing.ACTIVE)
    raise LedgerBroken(f"credential {issued.credential} speaks of no signed result; `grader audit verify` shows where")


def _end(now: Enrollment, fact: Fact, credential: str, standing: Standing) -> Enrollment:
    reason = fact.event.reason if isinstance(fact.event, ev.CredentialRevoked) else ""
    return replace(
        now,
        awards=tuple(
            replace(award, standing=standing, until=fact.effective_at, reason=reason)
            if award.issued.credential == credential
            else award
            for award in now.awards
        ),
    )
