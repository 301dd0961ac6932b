"""Runs that are dropped, doubled, delayed, cut off, stumble and overlap end where the orderly run ends.

A run may be stopped before or after each of its writes, and another whole run may happen there: that is every way in
which two runs with a compare-and-swap between them can be woven together, short of timing inside the host.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from grader.domain.attempt import Phase
from grader.domain.ledger import verify
from grader.errors import CodeHostUnavailable, StreamMoved
from grader.reconcile import Delivered
from tests.fakes.github.classroom import REPO, Classroom

EXACT, LATE = range(200), range(200, 250)


class CutOff(Exception):
    """The runner cancels the job."""


@dataclass
class Chaos:
    """Decides at each step of a run what goes wrong there; the same seed, the same trouble."""

    random: random.Random
    room: Classroom | None = None
    depth: int = 0
    trouble: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        if self.room is None:
            return
        chance = self.random.random()
        if chance < 0.04:
            self.trouble.append(f"cut off {name}")
            raise CutOff(name)
        if chance < 0.08:
            self.trouble.append(f"fault {name}")
            raise CodeHostUnavailable(name)
        if chance < 0.16 and self.depth < 2:
            self.trouble.append(f"another run {name}")
            self.depth += 1
            self.attempt_run(None)
            self.depth -= 1

    def attempt_run(self, delivered: Delivered | None) -> None:
        assert self.room is not None
        try:
            self.room.run(delivered)
        except (CutOff, CodeHostUnavailable, StreamMoved):
            return


Action = Callable[[Classroom], Delivered | None]


def _say(login: str, body: str, *, minutes: float = 3) -> Action:
    def act(room: Classroom) -> None:
        room.world.tick(minutes=minutes)
        room.say(login, body)

    return act


def _push(room: Classroom) -> None:
    room.world.tick(minutes=3)
    room.push()


def _ready(room: Classroom) -> None:
    room.world.tick(minutes=3)
    room.world.ready(REPO, 7)


def _result(room: Classroom) -> Delivered | None:
    """The grading job hands over what was ordered; the order is what an undisturbed run would be given."""
    room.world.tick(minutes=5)
    attempt = room.attempt
    if not attempt.runs or not attempt.runs[-1].pending:
        return None
    return Delivered(attempt=attempt.id, run=attempt.runs[-1].number, record=room.golden())


def _edit(room: Classroom) -> None:
    """Somebody rewrites the oldest update, which counts as it was."""
    room.world.tick(minutes=3)
    comments = room.world.comments_of(REPO, 7)
    update = next(c for c in comments if c["body"].startswith("/status"))
    room.world.edit(REPO, update["id"], "/signoff", by="mia")


SCRIPT: tuple[Action, ...] = (
    _say("stranger", "/confirm"),
    _say("learner", "/start"),
    _say("learner", "/status Refunds are answered wrongly for all web customers.\n/status"),
    _push,
    _say("learner", "/root-cause app/prompt.py"),
    _edit,
    _ready,
    _say("learner", "/status too late to matter"),
    _result,
    _say("mia", "/score communication 0.85 the second update was late\n/assert llm.ops.incident-response 0.8"),
    _say("noa", "/confirm"),
    _say("mia", "/regrade the case was fixed"),
    _result,
    _say("mia", "/confirm\n/assert llm.ops.incident-response 0.8\n/signoff"),
    _say("learner", "/reattempt"),
    _say("learner", "/submit", minutes=10),
    _result,
    _say("noa", "/confirm\n/signoff", minutes=60),
    _say("learner", "/help"),
)


OVERTAKEN = "Saved"
"""What an orderly run keeps because it comes by; a late one finds that it was handed in already."""
UNEDITED = tuple(act for act in SCRIPT if act is not _edit)
"""For late runs: a comment that is edited before it was read gives no command, by design."""


def orderly(script: tuple[Action, ...]) -> Classroom:
    room = Classroom()
    for act in script:
        room.run(act(room))
    room.run()
    return room


@pytest.fixture(scope="module")
def calm() -> Classroom:
    room = orderly(SCRIPT)
    assert room.attempt.phase is Phase.SIGNED_OFF
    assert len(room.checks) == 2
    return room


@pytest.fixture(scope="module")
def unedited() -> Classroom:
    return orderly(UNEDITED)


def seen(room: Classroom) -> dict[str, object]:
    """What people see in the end."""
    return {
        "comment": room.shown.partition("\n")[2],
        "checks": room.checks,
        "labels": room.labels,
    }


@pytest.mark.parametrize("seed", EXACT)
def test_disturbed_runs_end_in_the_same_ledger_and_comment(calm: Classroom, seed: int) -> None:
    chaos = Chaos(random.Random(seed))
    room = Classroom(step=chaos.step)
    for act in SCRIPT:
        delivered = act(room)
        chaos.room = room
        for _ in range(chaos.random.choice((0, 1, 1, 2, 3))):
            chaos.attempt_run(delivered)
        chaos.room = None
        room.run(delivered)
    room.run()
    assert room.ledger() == calm.ledger(), chaos.trouble
    assert seen(room) == seen(calm), chaos.trouble
    assert len(room.world.bot_comments(REPO, 7)) == 1
    assert _reactions(room) == _reactions(calm)
    assert len(room.world.repository(REPO).reactions) == len(_reactions(room))


@pytest.mark.parametrize("seed", LATE)
def test_runs_that_come_late_or_not_at_all_change_nothing_that_people_did(unedited: Classroom, seed: int) -> None:
    """People see the same; in the ledger only what the grader's own clock stamps may then differ."""
    calm, chaos = unedited, Chaos(random.Random(seed))
    room = Classroom(step=chaos.step)
    for act in UNEDITED:
        if act is _result:
            chaos.room = None
            room.run()
        delivered = act(room)
        chaos.room = room
        for _ in range(chaos.random.choice((0, 0, 1, 2))):
            chaos.attempt_run(delivered)
        chaos.room = None
        if delivered:
            room.run(delivered)
    room.run()
    assert verify(room.notebook.entries()) is None
    assert _by_people(room) == _by_people(calm), chaos.trouble
    assert seen(room) == seen(calm), chaos.trouble
    assert _reactions(room) == _reactions(calm)
    assert Counter(room.kinds()) - Counter(calm.kinds()) == Counter(), "something happened twice"
    once = Counter(kind for kind in calm.kinds() if kind != OVERTAKEN)
    assert Counter(kind for kind in room.kinds() if kind != OVERTAKEN) == once, "something was lost"
    assert len(room.world.bot_comments(REPO, 7)) == 1


def _reactions(room: Classroom) -> set[tuple[int, str]]:
    return {(comment, content) for comment, content, _ in room.world.repository(REPO).reactions}


def _by_people(room: Classroom) -> list[tuple[str, str, int]]:
    """Every answer to a comment, and every event that a comment caused, with its time."""
    answers = [("answered", entry.body.partition('"head"')[0], entry.effective_at) for entry in room.answered()]
    caused = [
        (entry.kind, entry.key, entry.effective_at)
        for entry in room.notebook.entries("attempt/")
        if entry.key.startswith("comment:") and entry.kind not in ("SubmitRefused",)
    ]
    return sorted([*answers, *caused])


def test_trouble_really_happens() -> None:
    chaos = Chaos(random.Random(1))
    room = Classroom(step=chaos.step)
    chaos.room = room
    for _ in range(40):
        chaos.attempt_run(None)
    kinds = {word.split()[0] for word in chaos.trouble}
    assert kinds == {"cut", "fault", "another"}
