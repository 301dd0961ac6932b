"""A small world for tests of the rules: one learner, two mentors, a clock in their hands, a ledger in memory."""

from dataclasses import replace

from grader.adapters.twin_files import TwinFiles
from grader.attempts import Outcome, Reading, Request, perform, start
from grader.domain import attempt_commands as do
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import GRADER, Actor, Command, Role
from grader.domain.attempt_events import PersonId
from grader.domain.attempt_terms import Terms
from grader.domain.enrollment import Enrollment, attempt_id, attempt_stream
from grader.domain.instant import HOUR, MINUTE, Instant
from grader.domain.ledger import Entry, StreamId
from grader.domain.refusal import Refusal
from grader.domain.score import Points
from grader.domain.twin import TwinId
from grader.review.states import as_of
from tests.fakes.memory_ledger import MemoryRecords

TERMS = Terms.of(TwinFiles().get(TwinId("jt-incident-4")))
T0 = Instant(1_768_464_000_000)
LIVE, POSTMORTEM, SLA = 90 * MINUTE, 4 * HOUR, 48 * HOUR
ADA = Actor(role=Role.LEARNER, id=PersonId("ada"))
MIA = Actor(role=Role.MENTOR, id=PersonId("mia"))
NOA = Actor(role=Role.MENTOR, id=PersonId("noa"))
OPS = Actor(role=Role.OPERATOR, id=PersonId("ops"))
YES = dict.fromkeys(TERMS.self_checks, True)
HANDED = do.Handed(mode="repo_url", content="c0ffee", commit="4f2a91c", answers=YES)


class Story:
    """Commands in, entries out; `refusal` is the answer to the last command, None when it was accepted."""

    def __init__(self, **changed_terms: object) -> None:
        self.terms = replace(TERMS, **changed_terms)  # type: ignore[arg-type]
        self.now = T0
        self.records = MemoryRecords()
        self.outcome: Outcome
        self.number = 1

    @property
    def entries(self) -> dict[StreamId, list[Entry]]:
        found: dict[StreamId, list[Entry]] = {}
        for entry in self.records.entries():
            found.setdefault(entry.stream, []).append(entry)
        return found

    @property
    def enrollment(self) -> Enrollment:
        return Reading(self.records).enrollment(ADA.id, self.terms.twin)

    @property
    def stored(self) -> Attempt:
        """The current attempt as the ledger has it."""
        return self.attempt(self.number)

    @property
    def shown(self) -> Attempt:
        """The current attempt as it stands by the clock."""
        return as_of(self.stored, self.now)

    def attempt(self, number: int) -> Attempt:
        return Reading(self.records).attempt(attempt_id(ADA.id, self.terms.twin, number))

    def start(self, key: str = "") -> "Story":
        request = Request(actor=ADA, received_at=self.now, key=key)
        self.outcome = start(self.records, ADA.id, "airline-refund", self.terms, request)
        self.number = max(1, len(self.enrollment.attempts))
        return self

    def does(
        self, actor: Actor, command: Command, *, number: int | None = None, key: str = "", seen: int | None = None
    ) -> "Story":
        request = Request(actor=actor, received_at=self.now, key=key, seen=seen)
        of = attempt_id(ADA.id, self.terms.twin, number or self.number)
        self.outcome = perform(self.records, of, command, request)
        return self

    @property
    def refusal(self) -> Refusal | None:
        return self.outcome.refusal

    def at(self, instant: int) -> "Story":
        self.now = Instant(instant)
        return self

    def submitted(self) -> "Story":
        return self.start().does(ADA, do.Submit(handed=HANDED))

    def graded(self, points: int = 14) -> "Story":
        started = self if self.stored.submission else self.submitted()
        started.does(GRADER, do.RequestGrade(reason="again"))
        return started.does(GRADER, result(len(started.stored.runs), points))

    def claimed(self, by: Actor = MIA) -> "Story":
        return self.graded().does(by, do.Claim())

    def signed(self, by: Actor = MIA, points: int = 14) -> "Story":
        graded = self.graded(points).does(by, do.Claim())
        return graded.does(by, do.Confirm()).does(by, do.SignOff())

    def kinds(self, number: int | None = None) -> list[str]:
        of = attempt_id(ADA.id, self.terms.twin, number or self.number)
        return [entry.kind for entry in self.records.stream(attempt_stream(of))]


def result(run: int, points: int | None = 14) -> do.RecordGrade:
    """A run that proposes the same points everywhere."""
    pre_scores = {d: None if points is None else Points(points) for d in TERMS.weights}
    return do.RecordGrade(run=run, pre_scores=pre_scores, record=f"record-{run}", grader="0.1.0")
