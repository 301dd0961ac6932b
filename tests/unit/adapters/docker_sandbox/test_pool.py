"""The warm pool's bookkeeping, without an engine: how many are started ahead, of which kinds, and for whom."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from grader.adapters.docker_sandbox.container import Specification
from grader.adapters.docker_sandbox.pool import AT_ONCE, MOST, WarmPool
from grader.adapters.docker_sandbox.run import Held
from grader.domain.sandbox import Limits


class Starts:
    """Instead of an engine: notes the hash seeds that were started, and which of them are there."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.there: list[int] = []

    def __call__(self, wanted: Specification) -> Held:
        self.made.append(wanted.hash_seed)
        self.there.append(wanted.hash_seed)
        leaving = ExitStack()
        leaving.callback(self.there.remove, wanted.hash_seed)
        return Held(running=None, leaving=leaving)  # type: ignore[arg-type]


@pytest.fixture
def starts() -> Starts:
    return Starts()


@pytest.fixture
def pool(starts: Starts) -> Iterator[WarmPool]:
    made = WarmPool(starts)
    yield made
    made.close()
    assert starts.there == []


def kind(seed: int) -> Specification:
    return Specification(image="i", command=(), limits=Limits(), runtime="runc", labels={}, seccomp="", hash_seed=seed)


def test_many_kinds_at_once_start_no_more_than_two_rounds_and_each_announced_run_once(
    pool: WarmPool, starts: Starts
) -> None:
    seeds = range(AT_ONCE * 5)
    for seed in seeds:
        pool.expect(kind(seed), 1)
    taken = [(seed, pool.take(kind(seed))) for seed in reversed(seeds)]
    warm = [seed for seed, held in taken if held is not None]
    assert len(starts.there) <= MOST
    for _, held in taken:
        if held is not None:
            held.close()
    assert sorted(starts.made) == sorted(warm) == list(range(MOST))


def test_what_is_used_makes_room_for_another_kind(pool: WarmPool, starts: Starts) -> None:
    for seed in range(MOST + 1):
        pool.expect(kind(seed), 1)
    for seed in range(MOST + 1):
        held = pool.take(kind(seed))
        assert held is not None
        held.close()
    assert pool.take(kind(MOST)) is None
    assert sorted(starts.made) == list(range(MOST + 1))


def test_one_kind_waits_as_often_as_runs_go_on_at_a_time(pool: WarmPool, starts: Starts) -> None:
    pool.expect(kind(0), 100)
    held = pool.take(kind(0))
    assert held is not None
    pool.close()
    assert len(starts.made) <= AT_ONCE + 1
    held.close()
