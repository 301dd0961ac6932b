"""Does a test judge behaviour? Pure: its answers on rewritten trees, which behave alike, against those it gave before.

A test that fingerprints files, searches the source, counts lines or reads byte code answers differently there. That
convicts it, provided the answer holds in a second run and old tests show that the rewritten trees do behave alike.
"""

from dataclasses import dataclass

from grader.domain.comparison import Runs
from grader.domain.observation import Outcome, SuiteObservation, TestId
from grader.domain.verdict import Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """`convicted` tell trees apart by something else than behaviour, `fickle` answer differently each time."""

    convicted: tuple[TestId, ...] = ()
    fickle: tuple[TestId, ...] = ()
    flags: tuple[Flag, ...] = ()


def differing(runs: Runs, tests: tuple[TestId, ...]) -> tuple[TestId, ...]:
    """The tests that were not red on the rewritten base, or not green on the rewritten fix, in the first run."""
    return tuple(
        test
        for test in tests
        if not _answers(runs.base_refactored[:1], test, Outcome.FAILED)
        or not _answers(runs.fix_refactored[:1], test, Outcome.PASSED)
    )


def judge(runs: Runs, tests: tuple[TestId, ...]) -> Behaviour:
    """What the differing tests are, once they ran twice."""
    base = tuple(test for test in tests if not any(_answers((r,), test, Outcome.FAILED) for r in runs.base_refactored))
    fix = tuple(test for test in tests if not any(_answers((r,), test, Outcome.PASSED) for r in runs.fix_refactored))
    convicted = tuple(test for test in tests if test in base or test in fix)
    fickle = tuple(test for test in tests if test not in convicted)
    readers = {by for run in runs.deciding for by, _ in run.reads}
    if not _behave_alike(runs.controls):
        excused = tuple(test for test in convicted if test.partition("::")[0] not in readers)
        convicted = tuple(test for test in convicted if test not in excused)
        detail = "old tests fail on the rewritten trees too, so that nothing follows from the new ones' answers there"
        return Behaviour(convicted=convicted, flags=(Flag(id="refactoring_not_neutral", detail=detail),))
    return Behaviour(convicted=convicted, fickle=fickle, flags=_flags(convicted, base, fix))


def _flags(convicted: tuple[TestId, ...], base: tuple[TestId, ...], fix: tuple[TestId, ...]) -> tuple[Flag, ...]:
    def detail(test: TestId) -> str:
        if test in base and test in fix:
            return "does not fail on a rewritten base and does not pass on a rewritten fix"
        return "does not fail on a rewritten base" if test in base else "does not pass on a rewritten fix"

    words = "which behaves the same: it looks at something else than behaviour"
    return tuple(Flag(id="tells_trees_apart", detail=f"{test} {detail(test)}, {words}") for test in convicted[:5])


def _answers(runs: tuple[SuiteObservation, ...], test: TestId, expected: Outcome) -> bool:
    return all(run.outcome(test) is expected for run in runs if run.was_asked(test))


def _behave_alike(controls: tuple[SuiteObservation, ...]) -> bool:
    return all(test.outcome is Outcome.PASSED for run in controls for test in run.tests) and all(
        run.only is None or len(run.tests) == len(run.only) for run in controls
    )
