"""Runs mutants of a fix against the tests that caught the bug: facts for the strength of a regression test."""

from dataclasses import replace

from grader.domain.comparison import MutantRun
from grader.domain.observation import Outcome, SuiteObservation, TestId
from grader.execution.observe import Runner, RunsSuites
from grader.execution.suite import Extent, SuiteRun
from grader.execution.trees import Layout
from grader.execution.variation import Variation

FLOOR_SECONDS = 10.0
TIMES_SLOWER = 4.0
"""A mutant that takes this many times as long as the fix did, and at least the floor longer, hangs."""
PLAIN_ASSERTS = "--assert=plain"
PLAIN_FROM = 20_000
"""Bytes of test modules from which it takes longer to rewrite their asserts, once for each mutant, than to run them."""


def observe_mutants(
    runner: RunsSuites, layout: Layout, tests: tuple[TestId, ...], variations: tuple[Variation, ...]
) -> tuple[MutantRun, ...]:
    """Each variation run once against `tests`, ended at the first that fails; one that cannot compile is not run."""
    fix = _over(layout, tests)
    wanted = {
        variation.id: replace(fix, tree=variation.of(layout.after), extent=Extent.FIRST_FAILURE)
        for variation in variations
        if variation.compiles
    }
    seen = runner.run_all(wanted)
    return tuple(_described(variation, seen.get(variation.id)) for variation in variations)


def hurried(runner: Runner, after: SuiteObservation) -> Runner:
    """The runner with a limit that a mutant which hangs meets soon."""
    limits = runner.setting.limits
    seconds = min(limits.wall_seconds, FLOOR_SECONDS + TIMES_SLOWER * after.seconds)
    return replace(runner, setting=replace(runner.setting, limits=replace(limits, wall_seconds=seconds)))


def unexplained(runner: Runner, layout: Layout, tests: tuple[TestId, ...]) -> Runner:
    """The runner with asserts as Python compiles them, without pytest's explanations of what was unequal.

    Only where that saves much, and where the tests pass on the fix so: some look at the text of a failed assert.
    """
    fix = _over(layout, tests)
    if sum(len(layout.after.by_path[module].content) for module in fix.modules) < PLAIN_FROM:
        return runner
    arguments = (*runner.setting.pytest_args, PLAIN_ASSERTS)
    plain = replace(runner, setting=replace(runner.setting, pytest_args=arguments))
    seen = plain.run_all({"fix": fix})["fix"]
    return plain if all(seen.outcome(test) is Outcome.PASSED for test in tests) else runner


def _over(layout: Layout, tests: tuple[TestId, ...]) -> SuiteRun:
    modules = tuple(dict.fromkeys(test.partition("::")[0] for test in tests))
    return SuiteRun(tree=layout.after, modules=modules, test_files=layout.test_files, only=tests)


def _described(variation: Variation, run: SuiteObservation | None) -> MutantRun:
    return MutantRun(
        id=variation.id,
        kind=variation.kind,
        file=variation.path,
        line=variation.line,
        diff=variation.diff,
        run=run,
    )
