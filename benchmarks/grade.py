"""How long a full grade of a case takes, and where the time goes: `python benchmarks/grade.py [CASE]`.

Grades the perfect submission with a repro, and the empty one: everything that `grader grade` runs in sandboxes, with a
warm image and what earlier grades remember of the starter; nothing of the submission itself is remembered. Prints
seconds beside what the product promises, the runs with their seconds, and how much of two lanes was idle.
"""

import importlib
import json
import os
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from grader import config, wiring
from grader.domain.case import Case, CaseId
from grader.domain.timeline import Timeline
from grader.domain.tree import Tree
from grader.domain.twin import SubmissionMode
from grader.execution.lanes import AT_ONCE, Job, Lanes
from grader.grade import GradeOrder, Tools
from grader.grade.receive import Handed
from grader.intake.documents import Document, Documents
from grader.intake.manifest import Manifest
from grader.verify import verify

observe_module = importlib.import_module("grader.grade.observe")  # the package gives the function of that name
PROMISED = {"perfect": 30.0, "empty": 5.0}


SPENT: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)


class TimedLanes(Lanes):
    """Notes how long each run holds its pod, and how much of that the program ran for."""

    def _run(self, job: Job[Any]) -> Any:  # noqa: ANN401
        started = perf_counter()
        found = super()._run(job)
        took = perf_counter() - started
        SPENT[job.order.program].append((took, getattr(found, "seconds", took)))
        return found


class StarterOnly:
    """Remembers what is asked before `frozen` is set, and nothing afterwards."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.frozen = False

    def get(self, key: str) -> bytes | None:
        return self.known.get(key)

    def put(self, key: str, value: bytes) -> None:
        if not self.frozen:
            self.known[key] = value


def repro(case: Case) -> Document:
    root = case.root_cause
    said = {
        "schema": "grader/repro/1",
        "turns": [case.public[0].turn.text],
        "failure_class": root.classes[0],
        "file": root.files[0],
    }
    return Document(path="repro.json", text=json.dumps(said))


def grade(case: Case, tree: Tree, diagnosis: Document | None, tools: Tools) -> tuple[float, int]:
    timeline = Timeline(opened_at=datetime.now(UTC), window=timedelta(minutes=90), events=())
    manifest = Manifest(case=case.id, mode=SubmissionMode.FILE_UPLOAD, source="")
    order = GradeOrder(case=case.id, manifest=manifest, timeline=timeline)
    documents = Documents(postmortem=None, diagnosis=diagnosis)
    handed = Handed(tree=tree, commit=tree.digest, base=case.starter.digest, documents=documents)
    SPENT.clear()
    started = perf_counter()
    seen = observe_module.observe(order, case, observe_module.lay_out(case, tree), handed, tools)
    return perf_counter() - started, seen.made


def main() -> None:
    settings = config.read(os.environ)
    case = wiring.cases(settings).get(CaseId(sys.argv[1] if len(sys.argv) > 1 else "airline-refund"))
    observe_module.Lanes = TimedLanes  # type: ignore[attr-defined]
    cache = StarterOnly()
    tools = replace(wiring.walk_tools(settings, cache=None), cache=cache)
    tools.sandboxes.environment(case.environment)
    perfect = next(c.tree for c in case.calibrations if c.archetype == "01_perfect")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for name, tree, diagnosis in (
        ("first of all, empty", case.starter, None),
        ("perfect", perfect, repro(case)),
        ("empty", case.starter, None),
    ):
        seconds, made = grade(case, tree, diagnosis, tools)
        if not cache.frozen:
            verify(case, wiring.verify_tools(settings, cache=cache), rules=(3,))
        cache.frozen = True
        promised = PROMISED.get(name)
        beside = f", {seconds / promised:.2f} of {promised:.0f} s" if promised else ""
        print(f"{name:20} {seconds:5.1f} s{beside}, {made} runs")
        for kind, times in sorted(SPENT.items()):
            held, ran = (sum(column) / len(times) for column in zip(*times, strict=True))
            print(f"    {kind:12} {len(times):3} x {held:5.2f} s, of which the program ran {ran:5.2f} s")
        busy = sum(held for times in SPENT.values() for held, _ in times)
        if busy:
            print(f"    lanes idle   {1 - busy / (AT_ONCE * seconds):.0%}")


if __name__ == "__main__":
    main()
