"""How much does the regression test guard? Pure: mutant runs in, killed and survived out.

A mutant counts as killed only when a test that caught the bug is collected as on the fix and fails in its call phase;
one that cannot be collected is invalid, not killed (docs/grading.md 4).
"""

from grader.domain.comparison import MutantRun
from grader.domain.observation import Ended, Outcome, TestId
from grader.domain.verdict import Flag, Mutant, MutantStatus


def judge(runs: tuple[MutantRun, ...], tests: tuple[TestId, ...]) -> tuple[Mutant, ...]:
    """The status of every mutant, in the order given; `tests` are those that caught the bug."""
    return tuple(_judged(run, tests) for run in runs)


def flags(mutants: tuple[Mutant, ...]) -> tuple[Flag, ...]:
    """A flag when the tests noticed none of the changes that could be run."""
    run = [mutant for mutant in mutants if mutant.status is not MutantStatus.INVALID]
    if run and all(mutant.status is MutantStatus.SURVIVED for mutant in run):
        return (Flag(id="guards_nothing", detail=f"none of {len(run)} changes to the fix makes the tests fail"),)
    return ()


def _judged(mutant: MutantRun, tests: tuple[TestId, ...]) -> Mutant:
    status, killed_by = _status(mutant, tests)
    return Mutant(
        id=mutant.id,
        kind=mutant.kind,
        file=mutant.file,
        line=mutant.line,
        status=status,
        killed_by=killed_by,
        diff=mutant.diff,
    )


def _status(mutant: MutantRun, tests: tuple[TestId, ...]) -> tuple[MutantStatus, tuple[TestId, ...]]:
    run = mutant.run
    if run is None:
        return MutantStatus.INVALID, ()
    killers = tuple(test for test in tests if run.outcome(test) is Outcome.FAILED)
    if killers:
        return MutantStatus.KILLED, killers
    if run.ended is Ended.WALL_LIMIT:
        return MutantStatus.TIMEOUT, ()
    if all(run.outcome(test) is Outcome.PASSED for test in tests):
        return MutantStatus.SURVIVED, ()
    return MutantStatus.INVALID, ()
