"""How long a full grade of a case takes, and where the time goes: `python benchmarks/grade.py [CASE]`.

Grades the perfect submission and the empty one, with a warm image and what earlier grades remember of the starter;
nothing of the submission itself is remembered. Prints seconds, runs, and the ratio to what the product promises.
"""

import os
import sys
from collections import defaultdict
from time import perf_counter

from grader import config, wiring
from grader.domain.case import Case, CaseId
from grader.domain.tree import Tree
from grader.execution.lanes import Lanes
from grader.verify import Tools, pre_scores, verify

PROMISED = {"perfect": 30.0, "empty": 5.0}


class TimedLanes(Lanes):
    """Adds up how long each kind of run takes; two go on at a time, so the sum exceeds the wall clock."""

    spent: defaultdict[str, list[float]]

    def _remembered(self, key, kind, make):
        started = perf_counter()
        try:
            return super()._remembered(key, kind, make)
        finally:
            self.spent[key[0]].append(perf_counter() - started)


def grade(case: Case, tree: Tree, boxes, image, cache) -> tuple[float, TimedLanes]:
    lanes = TimedLanes(pods=boxes, case=case, image=image, cache=cache)
    lanes.spent = defaultdict(list)
    started = perf_counter()
    with lanes:
        pre_scores(lanes, tree)
    return perf_counter() - started, lanes


class StarterOnly:
    """Remembers what is asked before `freeze`, and nothing afterwards."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.frozen = False

    def get(self, key: str) -> bytes | None:
        return self.known.get(key)

    def put(self, key: str, value: bytes) -> None:
        if not self.frozen:
            self.known[key] = value


def main() -> None:
    settings = config.read(os.environ)
    case = wiring.cases(settings).get(CaseId(sys.argv[1] if len(sys.argv) > 1 else "airline-refund"))
    boxes, cache = wiring.sandboxes(settings), StarterOnly()
    image = boxes.environment(case.environment)
    verify(case, Tools(pods=boxes, sandboxes=boxes, cache=cache), rules=(3,))
    cache.frozen = True
    perfect = next(c.tree for c in case.calibrations if c.archetype == "01_perfect")
    for name, tree in (("perfect", perfect), ("empty", case.starter)):
        seconds, lanes = grade(case, tree, boxes, image, cache)
        print(f"{name:8} {seconds:5.1f} s, {seconds / PROMISED[name]:.2f} of {PROMISED[name]:.0f} s, {lanes.made} runs")
        for kind, times in sorted(lanes.spent.items()):
            print(f"         {kind:10} {len(times):3} x {sum(times) / len(times):5.2f} s")


if __name__ == "__main__":
    main()
