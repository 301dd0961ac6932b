"""The exercise's rules under arbitrary commands, clocks and retries: all invariants after every step.

Three kinds of steps reach the deep states: `advance` (a few legal steps), `jump` (a deadline less, exactly, plus one
millisecond), and any command at any time by anybody.
"""

import os
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from grader.attempts import Outcome, Reading, Request, perform, start
from grader.domain import attempt_commands as do
from grader.domain.attempt import Attempt, Phase
from grader.domain.attempt_commands import GRADER, Actor, Command, Role
from grader.domain.attempt_events import CredentialIssued, ResultSigned
from grader.domain.enrollment import attempt_id
from grader.domain.facts import draft
from grader.domain.instant import DAY, HOUR, MINUTE, Instant
from grader.domain.refusal import Refusal
from grader.domain.score import Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId
from grader.review.standing import earned, revocation
from grader.review.states import SETTLE_GRACE, as_of
from tests.fakes.memory_ledger import MemoryRecords
from tests.fakes.story import ADA, MIA, NOA, OPS, T0, TERMS
from tests.properties.invariants import check

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "150"))
STEPS = 40

OWN_MENTOR = Actor(role=Role.MENTOR, id=ADA.id)
BOB = Actor(role=Role.LEARNER, id=MIA.id)
ACTORS = st.sampled_from([ADA, MIA, NOA, OPS, GRADER, OWN_MENTOR, BOB])
MENTORS = st.sampled_from([MIA, NOA])
NUMBERS = st.sampled_from([1, 1, 1, 2])
DIMENSIONS = st.sampled_from([*TERMS.weights, "charm"])
SKILLS = st.sampled_from([SkillId("llm.ops.incident-response"), SkillId("other"), SkillId("juggling")])
ANSWERS = st.fixed_dictionaries({"F1": st.booleans(), "F2": st.booleans()}, optional={"F3": st.booleans()})
HANDED = st.builds(do.Handed, mode=st.sampled_from(["repo_url", "fax"]), content=st.just("c"), answers=ANSWERS)
REASON = st.sampled_from(["", " ", "why"])
RUN = st.sampled_from([None, 1, 2, 3])
POINTS = st.integers(-1, 21)
SCORES = st.fixed_dictionaries({d: st.none() | st.integers(11, 16) for d in TERMS.weights})
FORCE = st.builds(do.Force, check=st.sampled_from(["F1", "F2"]), reason=st.sampled_from(["", "digest"]))

COMMANDS = st.one_of(
    st.builds(do.Update, update=st.sampled_from(TimelineKind), text=st.just("t")),
    st.builds(do.Save, handed=HANDED),
    FORCE,
    st.builds(do.Submit, handed=HANDED, forces=st.lists(FORCE, max_size=1).map(tuple)),
    st.just(do.Settle()),
    st.builds(do.RequestGrade, reason=REASON),
    st.builds(do.RecordGrade, run=st.integers(1, 4), pre_scores=SCORES, record=st.just("r"), grader=st.just("1")),
    st.builds(do.FailGrade, run=st.integers(1, 4), reason=REASON),
    st.just(do.Claim()),
    st.builds(do.Release, reason=REASON),
    st.builds(do.Reassign, mentor=st.sampled_from([ADA.id, MIA.id, NOA.id])),
    st.builds(do.Confirm, dimensions=st.lists(DIMENSIONS, max_size=2).map(tuple), run=RUN),
    st.builds(do.Override, dimension=DIMENSIONS, points=POINTS, reason=REASON, run=RUN),
    st.builds(do.AssertSkill, skill=SKILLS, weight=st.integers(-1, 101)),
    st.builds(do.SignOff, run=RUN),
    st.builds(do.OpenDispute, reason=st.just("digest")),
)
TWISTS = st.sampled_from(
    [
        {},
        {"at_deadline": "expire"},
        {"second_reader": "always"},
        {"second_reader": "on_dispute"},
        {"skills": ((SkillId("llm.ops.incident-response"), 60), (SkillId("other"), 5))},
    ]
)


class Rules(RuleBasedStateMachine):
    """One learner's enrollment, a clock in our hands, everybody's commands."""

    @initialize(twist=TWISTS)
    def open(self, twist: dict[str, object]) -> None:
        self.terms = replace(TERMS, **twist)  # type: ignore[arg-type]
        self.records = MemoryRecords()
        self.now = T0
        self.sent: list[tuple[int, Command, Request]] = []
        self.checked = 0
        self.start()

    def attempt(self, number: int) -> Attempt:
        return Reading(self.records).attempt(attempt_id(ADA.id, self.terms.twin, number))

    def send(self, number: int, actor: Actor, command: Command) -> Outcome:
        """Send a command twice: the second time must not change anything (15), and states must be folds (14)."""
        request = Request(actor=actor, received_at=Instant(self.now), key=f"k{len(self.sent)}")
        of = attempt_id(ADA.id, self.terms.twin, number)
        outcome = perform(self.records, of, command, request)
        if outcome.entries:
            self.sent.append((number, command, request))
            before = list(self.records.entries())
            again = perform(self.records, of, command, request)
            assert again.replayed and list(self.records.entries()) == before, "15: replaying changed something"
            assert (again.refusal is None) == (outcome.refusal is None), "15: another answer"
        assert outcome.attempt == self.attempt(number), "14: the state is not the fold"
        return outcome

    @rule()
    def start(self) -> None:
        request = Request(actor=ADA, received_at=Instant(self.now))
        start(self.records, ADA.id, "case", self.terms, request)

    @rule(by=st.one_of(st.integers(0, 5), st.sampled_from([MINUTE, HOUR, SETTLE_GRACE, DAY]), st.integers(-3000, 0)))
    def tick(self, by: int) -> None:
        self.now += by

    @rule(
        number=NUMBERS,
        which=st.sampled_from(["live_until", "deadline", "settled", "due", "dispute"]),
        offset=st.sampled_from([-1, 0, 1]),
    )
    def jump(self, number: int, which: str, offset: int) -> None:
        """Land exactly at, just before or just after a deadline that lies ahead."""
        attempt = self.attempt(number)
        if attempt.start is None:
            return
        targets = {
            "live_until": attempt.start.live_until,
            "deadline": attempt.start.deadline,
            "settled": attempt.start.deadline + SETTLE_GRACE,
            "due": attempt.claim.due if attempt.claim else 0,
            "dispute": attempt.result.at + self.terms.dispute if attempt.result else 0,
        }
        self.now = max(self.now, targets[which] + offset)

    @rule(number=NUMBERS, steps=st.integers(1, 7), mentor=MENTORS, forced=st.booleans(), base=st.integers(11, 15))
    def advance(self, number: int, steps: int, mentor: Actor, forced: bool, base: int) -> None:
        """A few legal steps forward, so that deep states are common."""
        for _ in range(steps):
            attempt = as_of(self.attempt(number), Instant(self.now))
            if step := self._next_step(attempt, mentor, forced, base):
                self.send(number, *step)

    def _next_step(self, attempt: Attempt, mentor: Actor, forced: bool, base: int) -> tuple[Actor, Command] | None:
        holder = Actor(role=Role.MENTOR, id=attempt.claim.mentor) if attempt.claim else mentor
        match attempt.phase:
            case Phase.LIVE | Phase.POSTMORTEM:
                handed = do.Handed(mode="repo_url", content="c", answers={"F1": not forced, "F2": True, "F3": True})
                forces = (do.Force(check="F1", reason="d"),) if forced else ()
                return ADA, do.Submit(handed=handed, forces=forces)
            case Phase.SUBMITTED | Phase.GRADE_ERROR:
                return GRADER, do.RequestGrade()
            case Phase.GRADING:
                scores = {d: Points(base + place % 3) for place, d in enumerate(self.terms.weights)}
                run = len(attempt.runs)
                return GRADER, do.RecordGrade(run=run, pre_scores=scores, record="r", grader="1")
            case Phase.GRADED:
                return mentor, do.Claim()
            case Phase.CLAIMED | Phase.IN_REVIEW:
                full = set(attempt.decisions) == set(self.terms.weights)
                return holder, do.SignOff() if full else do.Confirm()
            case Phase.SIGNED_OFF if forced:
                return ADA, do.OpenDispute(reason="d")
        return None

    @rule(number=NUMBERS, actor=ACTORS, command=COMMANDS)
    def anything(self, number: int, actor: Actor, command: Command) -> None:
        self.send(number, actor, command)

    @rule(number=NUMBERS, command=COMMANDS)
    def plausible(self, number: int, command: Command) -> None:
        """A command by somebody who is likely to be allowed to give it."""
        attempt = self.attempt(number)
        match command:
            case do.Update() | do.Save() | do.Force() | do.Submit() | do.OpenDispute():
                actor = ADA
            case do.RecordGrade() | do.FailGrade() | do.Settle():
                actor = GRADER
            case do.RequestGrade():
                actor = OPS
            case _:
                actor = Actor(role=Role.MENTOR, id=attempt.claim.mentor) if attempt.claim else NOA
        self.send(number, actor, command)

    @rule(revoked=st.booleans())
    def credential(self, revoked: bool) -> None:
        """Issue for the best result, or take what is in force back."""
        reading = Reading(self.records)
        enrollment = reading.enrollment(ADA.id, self.terms.twin)
        answer = revocation(enrollment, "why") if revoked else earned(enrollment)
        if isinstance(answer, Refusal):
            return
        if isinstance(answer, ResultSigned):
            answer = CredentialIssued(
                credential=f"urn:c:{len(enrollment.awards)}",
                attempt=answer.attempt,
                run=answer.run,
                sign_off=answer.sign_off,
                total=answer.total,
                document="d",
                head="h",
            )
        request = Request(actor=OPS, received_at=Instant(self.now))
        reading.append([draft(enrollment.stream, request.received_at, answer)], request)

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """An old request comes again, later."""
        if not self.sent:
            return
        number, command, request = data.draw(st.sampled_from(self.sent))
        before = list(self.records.entries())
        later = replace(request, received_at=Instant(self.now))
        perform(self.records, attempt_id(ADA.id, self.terms.twin, number), command, later)
        assert list(self.records.entries()) == before, "15: an old request counted again"

    @invariant()
    def holds(self) -> None:
        entries = list(self.records.entries()) if hasattr(self, "records") else []
        if len(entries) != self.__dict__.get("checked", 0):
            check(entries)
            self.checked = len(entries)


TestRules = Rules.TestCase
TestRules.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
