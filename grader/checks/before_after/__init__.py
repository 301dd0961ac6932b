"""Does the change come with a test that fails before it and passes after it? Pure: runs in, verdict out.

The rules are those of docs/grading.md, 1 and 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.checks.before_after.table import Table
from grader.domain.comparison import CheckVerdict, Runs, TestSources, Transition
from grader.domain.observation import Cause, Outcome, SuiteObservation, TestId
from grader.domain.verdict import Flag, PairedTest

SHOWN = 3
"""How many test ids a reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict over before and after, with the ids behind it."""

    verdict: CheckVerdict
    reason: str
    fail_to_pass: tuple[TestId, ...] = ()
    pass_to_pass: tuple[TestId, ...] = ()
    pass_to_fail: tuple[TestId, ...] = ()
    not_collected: tuple[TestId, ...] = ()
    """Ids that pass after and could not be collected before, less the masked ones, which were green on base."""
    tests: tuple[PairedTest, ...] = ()
    flags: tuple[Flag, ...] = ()


def judge(runs: Runs, sources: TestSources) -> Finding:
    """The verdict; raises nothing."""
    if not sources.touched:
        return Finding(verdict=CheckVerdict.NO_TEST, reason="the change adds or edits no test module")
    table = Table(runs, sources)
    verdict, reason = _verdict(table)
    return Finding(
        verdict=verdict,
        reason=reason,
        fail_to_pass=table.having(Transition.FAIL_TO_PASS),
        pass_to_pass=table.having(Transition.PASS_TO_PASS),
        pass_to_fail=table.broken,
        not_collected=tuple(test for test in table.appearing if table.original(test) is not Outcome.PASSED),
        tests=table.paired(),
        flags=tuple(_flags(table)),
    )


def accept_structural(finding: Finding, restored: tuple[SuiteObservation, ...]) -> Finding:
    """The finding once the tests that base cannot collect ran on the fix's names with base's behaviour.

    Those that fail there in every run guard the change; without any the finding stays inconclusive.
    """
    red = tuple(
        test
        for test in finding.not_collected
        if restored and all(run.outcome(test) is Outcome.FAILED for run in restored)
    )
    if not red:
        return finding
    detail = f"not collected on base; red with the fix's names and the base's behaviour: {_list(red)}"
    return replace(
        finding,
        verdict=CheckVerdict.FAIL_BEFORE_PASS_AFTER,
        reason=f"passed on the fix and failed where only the base's behaviour was put back: {_list(red)}",
        fail_to_pass=red,
        flags=(*finding.flags, Flag(id="structural", detail=detail)),
    )


def _verdict(table: Table) -> tuple[CheckVerdict, str]:
    found = table.having(Transition.FAIL_TO_PASS)
    if not table.ids and not table.collection_problem((*table.runs.before, *table.runs.after)):
        return CheckVerdict.NO_TEST, f"no test is collected from {_list(table.sources.touched)}"
    if table.unstable:
        return CheckVerdict.UNSTABLE, f"repeats disagree on {_list(table.unstable)}"
    if table.red_after:
        return CheckVerdict.FAILS_AFTER, f"should pass on the fix and did not: {_list(table.red_after)}"
    if problem := table.collection_problem(table.runs.after):
        return CheckVerdict.FAILS_AFTER, f"on the fix a test module cannot be run: {problem}"
    if found:
        one = len(found) == 1
        words = "fails on the base and passes on the fix" if one else "fail on the base and pass on the fix"
        return CheckVerdict.FAIL_BEFORE_PASS_AFTER, f"{_list(found)} {words}"
    return _without_catch(table)


def _without_catch(table: Table) -> tuple[CheckVerdict, str]:
    """Nothing is red on the fix, and no id fails before and passes after: why."""
    if table.appearing:
        problem = table.collection_problem(table.runs.before)
        return CheckVerdict.INCONCLUSIVE, f"on the base the tests cannot be collected, so none of them fails: {problem}"
    if broken := table.having(Transition.BREAKS_TO_PASS):
        return (
            CheckVerdict.INCONCLUSIVE,
            f"broke on the base before it could fail (set-up error or limit): {_list(broken)}",
        )
    if table.other_parameters:
        return (
            CheckVerdict.INCONCLUSIVE,
            f"fails on the base with parameters that the fix does not have, so no id can be compared; "
            f"give them ids that the product does not decide: {_list(table.other_parameters)}",
        )
    return CheckVerdict.PASSES_BEFORE, "no touched test fails on the base"


def _flags(table: Table) -> Iterable[Flag]:
    causes = {test.id: test.before_cause for test in table.paired()}
    found = table.having(Transition.FAIL_TO_PASS)
    if found and all(causes[test] is Cause.TEST_ERROR for test in found):
        yield Flag(
            id="weak_failure",
            detail=f"the test's own code raises, as where a name is missing: {_list(found)}",
        )
    for test in table.ids:
        if table.is_flaky(test):
            before, after = (" and ".join(sorted(seen)) for seen in (table.before(test), table.after(test)))
            yield Flag(id="flaky_test", detail=f"{test}: before {before}, after {after}")
    masked = [test for test in table.appearing if table.original(test) is Outcome.PASSED]
    if masked:
        yield Flag(
            id="masked",
            detail=f"passed on the base as it was; not collected with the change's tests: {_list(masked)}",
        )
    if bool(table.runs.rest_original) is not bool(table.runs.rest_after):
        where = "fix" if table.runs.rest_original else "base"
        yield Flag(
            id="suite_not_finished", detail=f"the untouched test modules did not come to their end on the {where}"
        )
    if found and table.other_parameters:
        detail = f"fails on the base with parameters that the fix does not have: {_list(table.other_parameters)}"
        yield Flag(id="other_parameters", detail=detail)
    gone = [test for test in table.having(Transition.ABSENT) if not table.sources.is_defined(test)]
    if gone:
        yield Flag(id="test_removed", detail=f"gone: {_list(gone)}")


def _list(ids: Iterable[str]) -> str:
    names = list(ids)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
