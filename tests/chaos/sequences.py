"""Random command sequences, fixed before they run: the same seed gives the same commands and the same ledger."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from grader.attempts import Outcome, Reading, Request, perform, start
from grader.domain import attempt_commands as do
from grader.domain.attempt import Attempt, Phase
from grader.domain.attempt_commands import GRADER, Actor, Command, Role
from grader.domain.attempt_events import PersonId
from grader.domain.enrollment import attempt_id
from grader.domain.instant import DAY, HOUR, MINUTE, Instant
from grader.domain.score import DimensionId, Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId
from grader.ports import Records
from grader.review.states import as_of
from tests.fakes.memory_ledger import MemoryRecords
from tests.fakes.story import HANDED, MIA, NOA, OPS, T0, TERMS, YES

STEPS = 24
FAILING = do.Handed(mode="repo_url", content="c0ffee", answers={**YES, "F1": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request: who, what (None starts an attempt), when, of which attempt, under which key."""

    learner: PersonId
    number: int
    actor: Actor
    command: Command | None
    now: Instant
    key: str

    def send(self, records: Records) -> Outcome:
        """Carry it out."""
        request = Request(actor=self.actor, received_at=self.now, key=self.key)
        if self.command is None:
            return start(records, self.learner, "airline-refund", TERMS, request)
        return perform(records, attempt_id(self.learner, TERMS.twin, self.number), self.command, request)


def sequence(seed: int, records: MemoryRecords) -> tuple[Step, ...]:
    """The steps of one seed; `records` becomes the ledger that they lead to."""
    dice = random.Random(seed)
    learner = Actor(role=Role.LEARNER, id=PersonId(f"p-{seed:010d}"))
    steps: list[Step] = []
    number, now = 0, T0
    for place in range(STEPS):
        now = Instant(now + dice.choice((0, 1, 40, MINUTE, HOUR, 2 * HOUR, DAY)))
        standing = _attempt(records, learner.id, number, now)
        if number == 0 or (standing.phase in (Phase.SIGNED_OFF, Phase.EXPIRED) and number == 1):
            number += 1
            actor, command = learner, None
        else:
            actor, command = _choose(dice, learner, standing)
        step = Step(learner=learner.id, number=number, actor=actor, command=command, now=now, key=f"{seed}-{place}")
        step.send(records)
        steps.append(step)
    return tuple(steps)


def _attempt(records: Records, learner: PersonId, number: int, now: Instant) -> Attempt:
    return as_of(Reading(records).attempt(attempt_id(learner, TERMS.twin, number)), now)


def _choose(dice: random.Random, learner: Actor, standing: Attempt) -> tuple[Actor, Command]:
    if dice.random() < 0.65:
        return _legal(dice, learner, standing)
    return dice.choice(tuple(_anything(dice, learner)))


def _legal(dice: random.Random, learner: Actor, standing: Attempt) -> tuple[Actor, Command]:
    mentor = dice.choice((MIA, NOA))
    holder = Actor(role=Role.MENTOR, id=standing.claim.mentor) if standing.claim else mentor
    match standing.phase:
        case Phase.LIVE | Phase.POSTMORTEM:
            return learner, dice.choice((do.Save(handed=HANDED), do.Submit(handed=HANDED)))
        case Phase.SUBMITTED | Phase.GRADE_ERROR:
            return GRADER, do.RequestGrade()
        case Phase.GRADING:
            scores = {d: Points(dice.randint(11, 17)) for d in TERMS.weights}
            run = len(standing.runs)
            return GRADER, do.RecordGrade(run=run, pre_scores=scores, record="r" * 64, grader="1")
        case Phase.GRADED:
            return mentor, do.Claim()
        case Phase.SIGNED_OFF:
            return learner, do.OpenDispute(reason="d" * 64)
        case _:
            full = set(standing.decisions) == set(TERMS.weights)
            return holder, do.SignOff() if full else do.Confirm()


def _anything(dice: random.Random, learner: Actor) -> Iterator[tuple[Actor, Command]]:
    mentor, dimension = dice.choice((MIA, NOA)), DimensionId(dice.choice(tuple(TERMS.weights)))
    yield learner, do.Update(update=TimelineKind.STATUS_UPDATE, text="t" * 64)
    yield learner, do.Save(handed=HANDED)
    yield learner, do.Submit(handed=FAILING)
    yield learner, do.Submit(handed=FAILING, forces=(do.Force(check="F1", reason="f" * 64),))
    yield GRADER, do.Settle()
    yield OPS, do.RequestGrade(reason="again")
    yield GRADER, do.FailGrade(run=dice.randint(1, 3), reason="no engine")
    yield mentor, do.Claim()
    yield mentor, do.Release(reason="ill")
    yield OPS, do.Reassign(mentor=mentor.id)
    yield mentor, do.Override(dimension=dimension, points=Points(dice.randint(0, 20)), reason="so")
    yield mentor, do.AssertSkill(skill=SkillId("llm.ops.incident-response"), weight=dice.randint(0, 100))
    yield mentor, do.SignOff()
