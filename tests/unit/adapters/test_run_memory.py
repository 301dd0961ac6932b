"""A run that may be reused is made once; nothing else is ever taken from memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.adapters.run_memory import RunMemory
from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, Finding, ImageId, Reuse, SandboxOrder, SandboxOutcome

ORDER = SandboxOrder(image=ImageId("i"), program="suite", payload=b"x", reuse=Reuse.BY_CONTENT)


class Counting:
    """Sandboxes that say how often they ran."""

    def __init__(self, ended: Ended = Ended.EXITED) -> None:
        self.runs = 0
        self.ended = ended

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        return ImageId("i")

    def expect(self, order: SandboxOrder, count: int) -> None:
        pass

    def doctor(self) -> tuple[Finding, ...]:
        return ()

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        self.runs += 1
        return SandboxOutcome(ended=self.ended, status=0, stdout=b"\xff{}\n", stderr=b"", seconds=1.5, runtime="runc")


def test_the_same_order_is_run_once_and_answered_alike(tmp_path: Path) -> None:
    inner = Counting()
    first, second = (RunMemory(inner, tmp_path / "runs").run(ORDER) for _ in range(2))
    assert first == second
    assert inner.runs == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, payload=b"y"),
        replace(ORDER, image=ImageId("j")),
        replace(ORDER, limits=replace(ORDER.limits, wall_seconds=1)),
        replace(ORDER, reuse=Reuse.NEVER),
    ],
)
def test_another_order_is_run(tmp_path: Path, other: SandboxOrder) -> None:
    inner = Counting()
    memory = RunMemory(inner, tmp_path)
    memory.run(ORDER)
    memory.run(other)
    assert inner.runs == 2


def test_what_a_limit_ended_is_forgotten(tmp_path: Path) -> None:
    inner = Counting(Ended.WALL_LIMIT)
    for _ in range(2):
        RunMemory(inner, tmp_path).run(ORDER)
    assert inner.runs == 2


def test_a_spoilt_memory_is_no_memory(tmp_path: Path) -> None:
    inner = Counting()
    memory = RunMemory(inner, tmp_path)
    memory.run(ORDER)
    for spoilt in (b"", b"[]", b'{"stdout": "!"}', b"{}"):
        for file in tmp_path.iterdir():
            file.write_bytes(spoilt)
        memory.run(ORDER)
    assert inner.runs == 5
