"""The walk of `grader case verify`: a case -> does it keep the eight promises that every case makes?

Its parts, rules and calibrations, go on at the same time: each asks for runs and waits, and the lanes make them two at
a time and each once. Every run is remembered when it ends, so that an interrupted walk goes on where it was.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from threading import Lock
from time import perf_counter
from typing import TypeVar

from grader.domain.case import Calibration, Case
from grader.domain.case_facts import Answers
from grader.domain.tree import Tree
from grader.execution import examine
from grader.execution.lanes import Lanes
from grader.verify.rehearse import classes, pre_scores, rehearse
from grader.verify.result import RULES, Progress, Rehearsal, RuleResult, Tools, Verification
from grader.verify.rules import Rules

__all__ = [
    "CLASSIFIED",
    "RULES",
    "WORDING",
    "Progress",
    "Rehearsal",
    "Tools",
    "Verification",
    "answers_of",
    "pre_scores",
    "verify",
]

CLASSIFIED, IN_BAND = 6, 7
"""Rules that rest on what the other parts saw."""
WORDING = 8
"""The rule that asks nothing."""
T = TypeVar("T")


def verify(
    case: Case,
    tools: Tools,
    *,
    rules: Iterable[int] = RULES,
    archetypes: Iterable[str] = (),
    disorder: int | None = None,
) -> Verification:
    """Look at the rules; `archetypes` limits rule 7 to some calibrations. Raises ServiceUnavailable, InputInvalid.

    `disorder` is a hash seed under which every run is made, in a random order.
    """
    started = perf_counter()
    numbers, wanted = sorted(set(rules)), frozenset(archetypes)
    chosen = [c for c in case.calibrations if not wanted or c.archetype in wanted] if IN_BAND in numbers else []
    image = tools.sandboxes.environment(case.environment)
    with Lanes(pods=tools.pods, case=case, image=image, disorder=disorder, cache=tools.cache) as lanes:
        missing = () if wanted else tuple(_missing(case))
        parts = _Parts(lanes, tools, chosen, numbers, missing)
        results, rehearsals = parts.all()
        runs = lanes.made
    return Verification(
        case=case, rules=tuple(results), rehearsals=tuple(rehearsals), seconds=perf_counter() - started, runs=runs
    )


def _missing(case: Case) -> Iterator[str]:
    there = {calibration.archetype for calibration in case.calibrations}
    for archetype in case.archetypes:
        if archetype not in there:
            yield f"there is no calibration of the archetype {archetype}"


def answers_of(case: Case, tree: Tree, tools: Tools, profiles: Iterable[str]) -> Answers:
    """Every probe of the case put to a tree, afresh; raises ServiceUnavailable."""
    image = tools.sandboxes.environment(case.environment)
    with Lanes(pods=tools.pods, case=case, image=image) as lanes:
        return examine.answers(lanes, examine.product_only(tree, classes(case, tree)), profiles)


class _Parts:
    """The parts of one walk, and how far it is."""

    def __init__(
        self, lanes: Lanes, tools: Tools, chosen: list[Calibration], numbers: list[int], missing: tuple[str, ...]
    ) -> None:
        self._lanes, self._tools, self._chosen, self._missing = lanes, tools, chosen, missing
        self._numbers = numbers
        self._rules = Rules(lanes)
        self._lock = Lock()
        apart = [number for number in numbers if number not in (CLASSIFIED, IN_BAND)]
        self._apart = apart
        self._progress = Progress(case=lanes.case.id, parts=max(1, len(apart) + len(chosen)))
        lanes.count = self._made

    def all(self) -> tuple[list[RuleResult], list[Rehearsal]]:
        """Everything, and then the rules that rest on it."""
        looks = [self._part(f"rule {number}", partial(self._look, number)) for number in self._apart]
        walks = [self._part(c.archetype, partial(rehearse, self._lanes, c, self._tools.twin)) for c in self._chosen]
        results, rehearsals = self._lanes.both(lambda: self._lanes.together(looks), lambda: self._lanes.together(walks))
        if CLASSIFIED in self._numbers:
            seen = self._rules.unclassified | {
                f"{place} of {r.calibration.archetype}" for r in rehearsals for place in r.unclassified
            }
            words = "the scripted model was called with something that it could not place"
            problems = tuple(f"{place}: {words}" for place in sorted(seen))
            results.append(RuleResult(number=CLASSIFIED, problems=problems, seconds=0.0))
        if IN_BAND in self._numbers:
            problems = (*self._missing, *(problem for r in rehearsals for problem in r.outside))
            seconds = sum(r.seconds for r in rehearsals)
            results.append(RuleResult(number=IN_BAND, problems=problems, seconds=seconds))
        return sorted(results, key=lambda result: result.number), rehearsals

    def _look(self, number: int) -> RuleResult:
        started = perf_counter()
        problems = tuple(self._rules.problems(number))
        return RuleResult(number=number, problems=problems, seconds=perf_counter() - started)

    def _part(self, name: str, work: Callable[[], T]) -> Callable[[], T]:
        def part() -> T:
            self._begin(name)
            found = work()
            self._end(name)
            return found

        return part

    def _begin(self, name: str) -> None:
        with self._lock:
            self._show(replace(self._progress, doing=(*self._progress.doing, name)))

    def _end(self, name: str) -> None:
        with self._lock:
            doing = tuple(other for other in self._progress.doing if other != name)
            self._show(replace(self._progress, doing=doing, done=self._progress.done + 1))

    def _made(self, runs: int) -> None:
        with self._lock:
            self._show(replace(self._progress, runs=runs))

    def _show(self, progress: Progress) -> None:
        self._progress = progress
        self._tools.show(progress)
