"""The walk's eyes: which runs are made, in which order, two at a time; facts only."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

from grader.domain.comparison import Runs
from grader.domain.observation import Ended, Outcome, SuiteObservation, TestId
from grader.domain.sandbox import Reuse, SandboxOrder
from grader.domain.tree import Tree
from grader.execution.structural import restored
from grader.execution.suite import Extent, Setting, SuiteRun, run_suite
from grader.execution.trees import Layout, sources
from grader.ports import Sandboxes

AT_ONCE = 2
"""Containers at a time."""
MOST_ALONE = 3
"""More runs than this that reach the limit are no accident."""


@dataclass(slots=True)
class Runner:
    """Makes runs in an order that their names do not show, and counts them."""

    sandboxes: Sandboxes
    setting: Setting
    tell: Callable[[str], None] = lambda _: None
    made: list[str] = field(default_factory=list)
    """The trees that were run, by digest, in no order that matters."""
    announced: Counter[SandboxOrder] = field(default_factory=Counter)
    """Containers that are being started ahead and that no run has used yet."""

    def announce(self, runs: Iterable[SuiteRun]) -> None:
        """Have containers started ahead for runs that are not made yet; one that is announced again costs nothing."""
        orders = Counter(self.setting.order(run) for run in runs if run.reuse is Reuse.NEVER)
        for order, count in (orders - self.announced).items():
            self.sandboxes.expect(order, count)
        self.announced |= orders

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        """All runs, by name; raises SandboxUnavailable when the engine fails any of them."""
        blinded = sorted(wanted, key=lambda name: hashlib.sha256(f"{self.setting.seed} {name}".encode()).digest())
        self.announce(wanted.values())
        self.announced -= Counter(self.setting.order(run) for run in wanted.values())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            started = {name: pool.submit(self._run, wanted[name]) for name in blinded}
            try:
                seen = {name: started[name].result() for name in wanted}
            finally:
                pool.shutdown(cancel_futures=True)
        return seen | self._alone(wanted, seen)

    def _alone(
        self, wanted: Mapping[str, SuiteRun], seen: Mapping[str, SuiteObservation]
    ) -> dict[str, SuiteObservation]:
        """Runs that came late where others did not, one at a time and in twice the time: the machine may be busy."""
        late = [name for name, run in seen.items() if run.ended is Ended.WALL_LIMIT]
        late = [name for name in late if wanted[name].extent is Extent.ALL]
        if not late or len(late) > MOST_ALONE or len(late) == len(seen):
            return {}
        limits = self.setting.limits
        patient = replace(self.setting, limits=replace(limits, wall_seconds=2 * limits.wall_seconds))
        return {name: run_suite(self.sandboxes, patient, wanted[name]) for name in late}

    def _run(self, run: SuiteRun) -> SuiteObservation:
        observation = run_suite(self.sandboxes, self.setting, run)
        self.made.append(run.tree.digest)
        self.tell(f"{len(self.made)} runs made")
        return observation


class RunsSuites(Protocol):
    """Whatever makes suite runs: a `Runner`, or the lanes of a case."""

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        """All runs, by name; raises SandboxUnavailable when the engine fails any of them."""
        ...


def likely(layout: Layout, repeats: int) -> tuple[SuiteRun, ...]:
    """The runs that `observe` will make of most changes, in its order; their ids are not known yet, nor needed here."""
    before, after = (_over(layout, layout.touched, tree) for tree in (layout.before, layout.after))
    again = [replace(run, repeat=n) for n in range(1, repeats) for run in (before, after)]
    refactored = (before, after) if layout.refactored is not None else ()
    return (*_first_runs(layout).values(), *again, *refactored)


def observe(runner: RunsSuites, layout: Layout, repeats: int) -> Runs:
    """Every tree once, then the ids that decide again under another order and hash seed."""
    if not layout.touched:
        return Runs()
    seen = runner.run_all(_first_runs(layout))
    runs = Runs(
        original=seen.get("original"),
        before=(seen["before"],),
        after=(seen["after"],),
        rest_original=_finished(seen.get("rest original")),
        rest_after=_finished(seen.get("rest after")),
    )
    return _look_again(runner, layout, runs, repeats)


def _over(layout: Layout, modules: tuple[str, ...], tree: Tree) -> SuiteRun:
    return SuiteRun(tree=tree, modules=modules, test_files=layout.test_files)


def _only(run: SuiteRun, tests: tuple[TestId, ...]) -> SuiteRun:
    modules = tuple(dict.fromkeys(test.partition("::")[0] for test in tests))
    return replace(run, modules=modules, only=tests)


def _first_runs(layout: Layout) -> dict[str, SuiteRun]:
    wanted = {
        "before": _over(layout, layout.touched, layout.before),
        "after": _over(layout, layout.touched, layout.after),
    }
    if was_there := (*layout.touched_in(layout.original), *layout.deleted):
        wanted["original"] = replace(_over(layout, was_there, layout.original), reuse=Reuse.BY_CONTENT)
    if layout.rest:
        wanted["rest original"] = replace(_over(layout, layout.rest, layout.original), reuse=Reuse.BY_CONTENT)
        wanted["rest after"] = _over(layout, layout.rest, layout.after)
    return wanted


def deciding(layout: Layout, runs: Runs) -> tuple[TestId, ...]:
    """Ids that can decide the verdict: whose code is new or changed, or that are not simply green on both sides."""
    known = sources(layout)
    before, after = runs.before[0], runs.after[0]
    ids = dict.fromkeys(test.id for run in (after, before) for test in run.tests)
    return tuple(
        test
        for test in ids
        if not (known.is_unchanged(test) and before.outcome(test) is after.outcome(test) is Outcome.PASSED)
    )


def look_closer(runner: Runner, layout: Layout, runs: Runs, tests: tuple[TestId, ...]) -> Runs:
    """Run again what answered differently on a rewritten tree; and old tests there, to see that it behaves alike."""
    if layout.refactored is None:
        return runs
    base, fix = layout.refactored
    wanted = {
        "refactored base": replace(_only(_over(layout, (), base), tests), repeat=1),
        "refactored fix": replace(_only(_over(layout, (), fix), tests), repeat=1),
    }
    if green := _steady(layout, runs):
        wanted["control base"] = _only(_over(layout, (), base), green)
        wanted["control fix"] = _only(_over(layout, (), fix), green)
    seen = runner.run_all(wanted)
    return replace(
        runs,
        base_refactored=(*runs.base_refactored, seen["refactored base"]),
        fix_refactored=(*runs.fix_refactored, seen["refactored fix"]),
        controls=tuple(run for name, run in seen.items() if name.startswith("control")),
    )


def observe_restored(
    runner: Runner, layout: Layout, tests: tuple[TestId, ...], repeats: int
) -> tuple[SuiteObservation, ...]:
    """The tests on the fix's names with base's behaviour; nothing when that tree cannot be made."""
    tree = restored(layout.after, layout.change)
    if tree is None:
        return ()
    run = _only(_over(layout, (), tree), tests)
    seen = runner.run_all({f"restored {n}": replace(run, repeat=n) for n in range(repeats)})
    return tuple(seen.values())


def _steady(layout: Layout, runs: Runs) -> tuple[TestId, ...]:
    """Old tests that are green wherever they ran: first those beside the change's own, else the rest of the suite."""
    known = sources(layout)
    touched = (*runs.before, *runs.after, *(run for run in (runs.original,) if run is not None))
    beside = [test.id for test in runs.before[0].tests if known.is_unchanged(test.id) and _all_green(touched, test.id)]
    rest = (*runs.rest_original, *runs.rest_after)
    others = [test.id for test in rest[0].tests if _all_green(rest, test.id)] if rest else []
    return tuple(beside or others)


def _all_green(runs: tuple[SuiteObservation, ...], test: TestId) -> bool:
    return all(run.outcome(test) is Outcome.PASSED for run in runs if run.was_asked(test))


def _present(run: SuiteObservation | None) -> tuple[SuiteObservation, ...]:
    return (run,) if run is not None else ()


def _finished(run: SuiteObservation | None) -> tuple[SuiteObservation, ...]:
    return (run,) if run is not None and run.ended is Ended.EXITED else ()


def _look_again(runner: RunsSuites, layout: Layout, runs: Runs, repeats: int) -> Runs:
    """Repeat what decides, and what would count against the fix but may have another reason than the fix."""
    wanted: dict[str, SuiteRun] = {}
    if tests := deciding(layout, runs):
        again = range(1, repeats)
        before, after = (_only(_over(layout, (), tree), tests) for tree in (layout.before, layout.after))
        wanted |= {f"before {n}": replace(before, repeat=n) for n in again}
        wanted |= {f"after {n}": replace(after, repeat=n) for n in again}
        if layout.refactored is not None:
            wanted["refactored base"] = replace(before, tree=layout.refactored[0])
            wanted["refactored fix"] = replace(after, tree=layout.refactored[1])
    if gone := _gone(runs):
        wanted["gone"] = _only(_over(layout, (), layout.base_tests_on_fix), gone)
    if red := _red_elsewhere(runs):
        wanted["rest original"] = _only(_over(layout, (), layout.original), red)
        wanted["rest after"] = _only(_over(layout, (), layout.after), red)
    seen = runner.run_all(wanted)
    return replace(
        runs,
        before=(*runs.before, *(seen[name] for name in wanted if name.startswith("before"))),
        after=(*runs.after, *(seen[name] for name in wanted if name.startswith("after"))),
        base_tests_on_fix=seen.get("gone"),
        base_refactored=_present(seen.get("refactored base")),
        fix_refactored=_present(seen.get("refactored fix")),
        rest_original=(*runs.rest_original, *_finished(seen.get("rest original"))),
        rest_after=(*runs.rest_after, *_finished(seen.get("rest after"))),
    )


def _gone(runs: Runs) -> tuple[TestId, ...]:
    """Ids that were green on base and that the fix's tests no longer have."""
    if runs.original is None:
        return ()
    green = (test.id for test in runs.original.tests if test.outcome is Outcome.PASSED)
    return tuple(test for test in green if all(run.outcome(test) is Outcome.NOT_COLLECTED for run in runs.after))


def _red_elsewhere(runs: Runs) -> tuple[TestId, ...]:
    """Ids of untouched modules that are green on base and not on the fix."""
    if not runs.rest_original or not runs.rest_after:
        return ()
    green = (test.id for test in runs.rest_original[0].tests if test.outcome is Outcome.PASSED)
    fine = (Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
    return tuple(test for test in green if runs.rest_after[0].outcome(test) not in fine)
