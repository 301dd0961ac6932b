"""A small world for tests of the rules: one learner, two mentors, a clock in their hands, a ledger in memory."""

from dataclasses import replace

from grader.adapters.twin_files import TwinFiles
from grader.domain import attempt_commands as do
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import GRADER, Actor, Command, Role
from grader.domain.attempt_events import PersonId
from grader.domain.attempt_terms import Terms
from grader.domain.enrollment import Enrollment, attempt_id, attempt_stream
from grader.domain.facts import fold_attempt, fold_enrollment
from grader.domain.instant import HOUR, MINUTE, Instant
from grader.domain.ledger import Draft, Entry, Sender, StreamId, seal_all, verify
from grader.domain.refusal import Refusal
from grader.domain.score import Points
from grader.domain.twin import TwinId
from grader.review.decide import decide
from grader.review.states import as_of
from grader.review.window import open_attempt

TERMS = Terms.of(TwinFiles().get(TwinId("jt-incident-4")))
T0 = Instant(1_800_000_000_000)
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
        self.entries: dict[StreamId, list[Entry]] = {}
        self.refusal: Refusal | None = None
        self.number = 1

    @property
    def enrollment(self) -> Enrollment:
        stream = Enrollment(learner=ADA.id, twin=self.terms.twin).stream
        return fold_enrollment(ADA.id, self.terms.twin, self.entries.get(stream, ()))

    @property
    def stored(self) -> Attempt:
        """The current attempt as the ledger has it."""
        return self.attempt(self.number)

    @property
    def shown(self) -> Attempt:
        """The current attempt as it stands by the clock."""
        return as_of(self.stored, self.now)

    def attempt(self, number: int) -> Attempt:
        of = attempt_id(ADA.id, self.terms.twin, number)
        return fold_attempt(of, self.entries.get(attempt_stream(of), ()))

    def start(self) -> "Story":
        done = self.enrollment.attempts
        previous = self.attempt(len(done)) if done else None
        opening = open_attempt(self.enrollment, previous, "airline-refund", self.terms, self.now)
        self.refusal = opening.refusal
        self._append(ADA, opening.drafts)
        self.number = max(1, len(self.enrollment.attempts))
        return self

    def does(self, actor: Actor, command: Command, *, number: int | None = None) -> "Story":
        attempt = self.attempt(number or self.number)
        decided = decide(attempt, actor, command, self.now)
        self.refusal = decided.refusal
        self._append(actor, decided.drafts(attempt_stream(attempt.id)))
        return self

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
        return [entry.kind for entry in self.entries.get(attempt_stream(of), ())]

    def _append(self, actor: Actor, drafts: tuple[Draft, ...]) -> None:
        heads = {stream: entries[-1] for stream, entries in self.entries.items()}
        for entry in seal_all(drafts, sender=Sender(actor=str(actor)), now=self.now, heads=heads):
            self.entries.setdefault(entry.stream, []).append(entry)
        assert verify(entry for stream in self.entries.values() for entry in stream) is None


def result(run: int, points: int | None = 14) -> do.RecordGrade:
    """A run that proposes the same points everywhere."""
    pre_scores = {d: None if points is None else Points(points) for d in TERMS.weights}
    return do.RecordGrade(run=run, pre_scores=pre_scores, record=f"record-{run}", grader="0.1.0")
