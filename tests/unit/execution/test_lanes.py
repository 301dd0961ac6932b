"""Lanes: every run is made once, however many ask for it, and what did not come to its end is not remembered."""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.adapters.case_files import CaseFiles
from grader.adapters.file_cache import FileCache
from grader.domain.case import Case, CaseId
from grader.domain.observation import Ended
from grader.domain.sandbox import ImageId, SandboxOrder, SandboxOutcome
from grader.domain.tree import File, Tree
from grader.errors import SandboxUnavailable
from grader.execution.lanes import AT_ONCE, MOST_ALONE, Lanes
from grader.execution.suite import SuiteRun

CASE = CaseFiles().get(CaseId("airline-refund"))
EVENTS = [{"event": "begin"}, {"event": "collected", "ids": []}, {"event": "end", "status": 0, "changed": []}]


class Model:
    """A scripted model that obeys."""

    def ask(self, line: bytes, *, seconds: float) -> bytes | Ended:
        return b'{"ok": true, "calls": []}'


class FakePods:
    """Pods that note what they are asked; `ends` says how each run ends, the last of it again and again."""

    def __init__(self, *ends: Ended) -> None:
        self.ends = list(ends) or [Ended.EXITED]
        self.orders: list[SandboxOrder] = []
        self.expected: list[tuple[SandboxOrder, ...]] = []
        self.open = 0
        self.made = 0
        self.lock = threading.Lock()
        self.service = Model()
        self.broken = False
        self.running = 0
        self.beside: Counter[tuple[float, bool]] = Counter()
        """By the time limit and whether it ran alone: how many runs."""

    @contextmanager
    def pod(self, service: SandboxOrder) -> Iterator["FakePods"]:
        with self.lock:
            self.open += 1
            self.made += 1
        yield self
        with self.lock:
            self.open -= 1

    def expect(self, orders: Iterable[SandboxOrder]) -> None:
        with self.lock:
            self.expected.append(tuple(orders))

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        if self.broken:
            raise SandboxUnavailable("the engine is gone")
        with self.lock:
            self.orders.append(order)
            ended = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
            self.running += 1
        threading.Event().wait(0.02)
        with self.lock:
            self.beside[(order.limits.wall_seconds, self.running == 1)] += 1
            self.running -= 1
        stdout = b"\n".join(json.dumps(event).encode() for event in EVENTS)
        status = 0 if ended is Ended.EXITED else None
        return SandboxOutcome(ended=ended, status=status, stdout=stdout, stderr=b"", seconds=1, runtime="fake")


def suite(content: str, repeat: int = 0) -> SuiteRun:
    tree = Tree.of([File(path="tests/test_a.py", content=content.encode())])
    return SuiteRun(tree=tree, modules=("tests/test_a.py",), test_files=frozenset(tree.by_path), repeat=repeat)


def lanes(pods: FakePods) -> Lanes:
    return Lanes(pods=pods, case=CASE, image=ImageId("sha256:0"))


def test_equal_runs_are_made_once() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        several.run_all({"one": suite("a"), "same": suite("a"), "other": suite("b")})
        several.run_all({"again": suite("b"), "repeat": suite("b", repeat=1)})
        assert several.made == 3
    assert len(pods.orders) == 3


def test_two_that_ask_at_the_same_time_share_the_run() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        askers = [threading.Thread(target=several.run_all, args=({"x": suite("a")},)) for _ in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert len(pods.orders) == 1


def test_what_did_not_come_to_its_end_is_asked_again() -> None:
    pods = FakePods(Ended.OUTPUT_LIMIT, Ended.EXITED)
    with lanes(pods) as several:
        ends = [several.run_all({"x": suite("a")})["x"].ended for _ in range(3)]
    assert ends == [Ended.OUTPUT_LIMIT, Ended.EXITED, Ended.EXITED]
    assert len(pods.orders) == 2


def test_a_late_run_is_made_again_alone_with_more_time_before_it_counts() -> None:
    pods = FakePods(Ended.WALL_LIMIT, Ended.EXITED)
    with lanes(pods) as several:
        assert several.run_all({"x": suite("a")})["x"].ended is Ended.EXITED
    first, second = (order.limits.wall_seconds for order in pods.orders)
    assert second == 2 * first


def test_while_a_late_run_is_made_again_nothing_else_runs() -> None:
    pods = FakePods(Ended.WALL_LIMIT, Ended.WALL_LIMIT, Ended.EXITED)
    with lanes(pods) as several:
        several.run_all({str(n): suite(str(n)) for n in range(8)})
    usual = pods.orders[0].limits.wall_seconds
    assert pods.beside[(2 * usual, True)] == 2
    assert pods.beside[(2 * usual, False)] == 0


def test_a_suite_that_hangs_does_not_cost_time_without_end() -> None:
    pods = FakePods(Ended.WALL_LIMIT)
    with lanes(pods) as several:
        seen = several.run_all({str(n): suite(str(n)) for n in range(8)})
    assert {run.ended for run in seen.values()} == {Ended.WALL_LIMIT}
    assert len(pods.orders) == 8 + MOST_ALONE


def test_pods_are_few_used_again_and_let_go() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        several.run_all({str(n): suite(str(n)) for n in range(9)})
        assert pods.open <= AT_ONCE
    assert pods.open == 0
    assert pods.made <= AT_ONCE


def test_a_repeat_starts_under_its_own_hash_seed_and_imports_what_the_case_declares() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        several.run_all({"first": suite("a"), "repeat": suite("a", repeat=3)})
    assert sorted((order.hash_seed, order.warm) for order in pods.orders) == [(0, CASE.warm), (3, CASE.warm)]


@pytest.mark.parametrize(("disorder", "seeds"), [(0, [0, 2]), (7, [7, 9])])
def test_in_disorder_first_runs_too_have_a_random_order_and_the_hash_seed(disorder: int, seeds: list[int]) -> None:
    pods = FakePods()
    with Lanes(pods=pods, case=CASE, image=ImageId("sha256:0"), disorder=disorder) as several:
        several.run_all({"first": suite("a"), "repeat": suite("a", repeat=2)})
    made = {json.loads(order.payload.partition(b"\n")[0])["order"]: order.hash_seed for order in pods.orders}
    assert made == {seed: seed for seed in seeds}


def test_what_was_seen_in_order_does_not_stand_for_what_is_asked_in_disorder(tmp_path: Path) -> None:
    pods, cache = FakePods(), FileCache(tmp_path)
    for disorder in (None, 0, 1, 1):
        with Lanes(pods=pods, case=CASE, image=ImageId("sha256:0"), disorder=disorder, cache=cache) as several:
            several.run_all({"x": suite("a")})
    assert len(pods.orders) == 3


def test_the_container_of_the_next_run_is_announced_without_anything_of_a_tree() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        several.run_all({str(n): suite(str(n)) for n in range(6)})
    assert max(len(orders) for orders in pods.expected) == 2
    assert all(order.payload == b"" for orders in pods.expected for order in orders)


def test_an_engine_that_fails_is_told_and_may_work_again() -> None:
    pods = FakePods()
    with lanes(pods) as several:
        pods.broken = True
        with pytest.raises(SandboxUnavailable, match="engine is gone"):
            several.run_all({"x": suite("a")})
        pods.broken = False
        assert several.run_all({"x": suite("a")})["x"].ended is Ended.EXITED
    assert pods.open == 0


class Memory:
    """Keeps what it is given, as a cache does."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.kept[key] = value


def runs_made(case: Case, memory: Memory) -> int:
    with Lanes(pods=FakePods(), case=case, image=ImageId("sha256:0"), cache=memory) as several:
        several.run_all({"x": suite("a")})
        return several.made


def test_what_an_author_writes_beside_a_run_spoils_no_remembered_answer() -> None:
    memory = Memory()
    assert runs_made(CASE, memory) == 1
    assert runs_made(replace(CASE, digest="other", title="other", calibrations=(), variants=()), memory) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"model": {**CASE.model, "fallback": "Something else."}},
        {"module": "app.other"},
        {"today": "2031-01-01"},
    ],
)
def test_what_a_run_can_notice_makes_it_another_one(changed: dict[str, Any]) -> None:
    memory = Memory()
    assert runs_made(CASE, memory) == 1
    assert runs_made(replace(CASE, **changed), memory) == 1


def test_walks_wait_at_the_same_time_but_think_one_at_a_time() -> None:
    thinking, most = [0], [0]

    def think() -> None:
        thinking[0] += 1
        most[0] = max(most[0], thinking[0])
        threading.Event().wait(0.005)
        thinking[0] -= 1

    pods = FakePods()
    with lanes(pods) as several:

        def walk(name: str) -> str:
            think()
            several.run_all({"x": suite(name)})
            think()
            several.together([think, think])
            think()
            return name

        names = [str(n) for n in range(8)]
        assert several.together([partial(walk, name) for name in names]) == names
    assert most == [1]
    assert len(pods.orders) == 8
