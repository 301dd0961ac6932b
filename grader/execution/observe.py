"""The walk's eyes: which runs are made, in which order, two at a time; facts only."""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from grader.domain.comparison import Runs
from grader.domain.observation import Ended, Outcome, SuiteObservation, TestId
from grader.execution.suite import Setting, SuiteRun, run_suite
from grader.execution.trees import Layout
from grader.ports import Sandboxes

AT_ONCE = 2
"""Containers at a time."""


@dataclass(slots=True)
class Runner:
    """Makes runs in an order that their names do not show, and counts them."""

    sandboxes: Sandboxes
    setting: Setting
    tell: Callable[[str], None] = lambda _: None
    made: int = field(default=0)

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        """All runs, by name; raises SandboxUnavailable when the engine fails any of them."""
        blinded = sorted(wanted, key=lambda name: hashlib.sha256(f"{self.setting.seed} {name}".encode()).digest())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            started = {name: pool.submit(self._run, wanted[name]) for name in blinded}
            try:
                return {name: started[name].result() for name in wanted}
            finally:
                pool.shutdown(cancel_futures=True)

    def _run(self, run: SuiteRun) -> SuiteObservation:
        observation = run_suite(self.sandboxes, self.setting, run)
        self.made += 1
        self.tell(f"{self.made} runs made")
        return observation


def observe(runner: Runner, layout: Layout, repeats: int) -> Runs:
    """Original, before and after over the touched modules, and the rest of the suite on base and fix."""
    if not layout.touched:
        return Runs()
    seen = runner.run_all(_first_runs(layout, repeats))
    runs = Runs(
        original=seen.get("original"),
        before=tuple(seen[f"before {n}"] for n in range(repeats)),
        after=tuple(seen[f"after {n}"] for n in range(repeats)),
        rest_original=_finished(seen.get("rest original")),
        rest_after=_finished(seen.get("rest after")),
    )
    return _look_again(runner, layout, runs)


def _first_runs(layout: Layout, repeats: int) -> dict[str, SuiteRun]:
    def over(modules: tuple[str, ...]) -> Callable[..., SuiteRun]:
        return lambda tree, repeat=0: SuiteRun(tree=tree, modules=modules, test_files=layout.test_files, repeat=repeat)

    touched = over(layout.touched)
    wanted = {f"before {n}": touched(layout.before, n) for n in range(repeats)}
    wanted |= {f"after {n}": touched(layout.after, n) for n in range(repeats)}
    if was_there := (*layout.touched_in(layout.original), *layout.deleted):
        wanted["original"] = over(was_there)(layout.original)
    if layout.rest:
        wanted["rest original"] = over(layout.rest)(layout.original)
        wanted["rest after"] = over(layout.rest)(layout.after)
    return wanted


def _finished(run: SuiteObservation | None) -> tuple[SuiteObservation, ...]:
    return (run,) if run is not None and run.ended is Ended.EXITED else ()


def _look_again(runner: Runner, layout: Layout, runs: Runs) -> Runs:
    """Run again what would count against the fix and may have another reason than the fix."""
    wanted: dict[str, SuiteRun] = {}
    if gone := _gone(runs):
        modules = tuple(dict.fromkeys(test.partition("::")[0] for test in gone))
        wanted["gone"] = SuiteRun(
            tree=layout.base_tests_on_fix, modules=modules, test_files=layout.test_files, only=gone
        )
    if red := _red_elsewhere(runs):
        modules = tuple(dict.fromkeys(test.partition("::")[0] for test in red))
        again = SuiteRun(tree=layout.original, modules=modules, test_files=layout.test_files, only=red)
        wanted["rest original"] = again
        wanted["rest after"] = replace(again, tree=layout.after)
    if not wanted:
        return runs
    seen = runner.run_all(wanted)
    return replace(
        runs,
        base_tests_on_fix=seen.get("gone"),
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
