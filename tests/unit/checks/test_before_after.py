"""The verdict, from runs written by hand: one case for each way in which a change can be judged."""

from itertools import product

import pytest

from grader.checks.before_after import Finding, judge
from grader.domain.comparison import CheckVerdict, Runs, TestSources, Transition, compare
from grader.domain.observation import Cause, Ended, Outcome, SuiteObservation, TestId, TestObservation

M = "tests/test_a.py"
P, F, S, N = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED, Outcome.NOT_COLLECTED
CAUSES = {F: Cause.ASSERTION, Outcome.SETUP_ERROR: Cause.SETUP_ERROR, Outcome.TIMEOUT: Cause.TIMEOUT}


def seen(cause: Cause | None = None, broken: str = "", **outcomes: Outcome) -> SuiteObservation:
    tests = tuple(
        TestObservation(id=TestId(f"{M}::{name}"), outcome=outcome, cause=cause or CAUSES.get(outcome), message="m")
        for name, outcome in outcomes.items()
        if outcome is not N
    )
    problem = TestObservation(id=TestId(M), outcome=N, cause=Cause.NOT_COLLECTED, message=broken)
    return SuiteObservation(
        tree_digest="",
        ended=Ended.EXITED,
        status=0,
        tests=tests,
        collection_errors=(problem,) if broken else (),
    )


def sources(unchanged: str = "", defined: str = "x y z") -> TestSources:
    ids = (frozenset(f"{M}::{name}" for name in names.split()) for names in (unchanged, defined))
    unchanged_ids, defined_ids = ids
    return TestSources(touched=(M,), unchanged=unchanged_ids, defined=defined_ids)


def verdict(runs: Runs, unchanged: str = "", defined: str = "x y z") -> CheckVerdict:
    return judge(runs, sources(unchanged, defined)).verdict


def twice(run: SuiteObservation) -> tuple[SuiteObservation, SuiteObservation]:
    return run, run


def flags(finding: Finding) -> set[str]:
    return {flag.id for flag in finding.flags}


def test_red_before_and_green_after() -> None:
    runs = Runs(original=seen(y=P), before=twice(seen(x=F, y=P)), after=twice(seen(x=P, y=P)))
    finding = judge(runs, sources("y"))
    assert finding.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert (finding.fail_to_pass, finding.pass_to_pass) == ((f"{M}::x",), (f"{M}::y",))
    assert finding.tests[0].before_cause is Cause.ASSERTION
    assert finding.flags == ()


def test_no_touched_module() -> None:
    assert judge(Runs(), TestSources(touched=())).verdict is CheckVerdict.NO_TEST


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (seen(x=P), seen(x=P), CheckVerdict.PASSES_BEFORE),
        (seen(x=F), seen(x=F), CheckVerdict.FAILS_AFTER),
        (seen(x=P), seen(x=F), CheckVerdict.FAILS_AFTER),
        (seen(x=F), seen(x=N), CheckVerdict.FAILS_AFTER),
        (seen(broken="ImportError"), seen(broken="ImportError"), CheckVerdict.FAILS_AFTER),
        (seen(broken="ImportError"), seen(x=P), CheckVerdict.INCONCLUSIVE),
        (seen(x=Outcome.SETUP_ERROR), seen(x=P), CheckVerdict.INCONCLUSIVE),
        (seen(x=Outcome.TIMEOUT), seen(x=P), CheckVerdict.INCONCLUSIVE),
        (seen(x=Outcome.KILLED), seen(x=P), CheckVerdict.INCONCLUSIVE),
        (seen(x=S), seen(x=S), CheckVerdict.PASSES_BEFORE),
        (seen(x=F), seen(x=S), CheckVerdict.FAILS_AFTER),
        (seen(x=Outcome.XFAILED), seen(x=Outcome.XPASSED), CheckVerdict.PASSES_BEFORE),
        (seen(), seen(), CheckVerdict.NO_TEST),
        (seen(y=P), seen(x=P, y=P), CheckVerdict.PASSES_BEFORE),
    ],
)
def test_what_is_no_caught_bug(before: SuiteObservation, after: SuiteObservation, expected: CheckVerdict) -> None:
    assert verdict(Runs(before=twice(before), after=twice(after))) is expected


def test_a_missing_name_counts_but_is_flagged_as_weak() -> None:
    runs = Runs(before=twice(seen(Cause.TEST_ERROR, x=F)), after=twice(seen(x=P)))
    finding = judge(runs, sources())
    assert finding.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert flags(finding) == {"weak_failure"}


def test_repeats_that_disagree_are_unstable() -> None:
    runs = Runs(before=(seen(x=F), seen(x=P)), after=twice(seen(x=P)))
    finding = judge(runs, sources())
    assert finding.verdict is CheckVerdict.UNSTABLE
    assert "flaky_test" in flags(finding)


def test_whichever_limit_ends_a_test_first_it_is_red() -> None:
    limits = (seen(x=Outcome.KILLED), seen(x=Outcome.TIMEOUT))
    assert verdict(Runs(before=limits, after=limits)) is CheckVerdict.FAILS_AFTER
    assert verdict(Runs(before=limits, after=twice(seen(x=P)))) is CheckVerdict.INCONCLUSIVE
    assert verdict(Runs(before=(seen(x=F), seen(x=Outcome.KILLED)), after=twice(seen(x=P)))) is CheckVerdict.UNSTABLE


def test_an_old_flaky_test_beside_an_honest_one_is_only_flagged() -> None:
    runs = Runs(original=seen(y=P), before=twice(seen(x=F, y=P)), after=(seen(x=P, y=P), seen(x=P, y=F)))
    finding = judge(runs, sources(unchanged="y"))
    assert finding.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert flags(finding) == {"flaky_test"}


def test_an_old_test_that_never_passed_is_not_held_against_the_fix() -> None:
    runs = Runs(original=seen(y=F), before=twice(seen(x=F, y=F)), after=twice(seen(x=P, y=F)))
    assert verdict(runs, unchanged="y") is CheckVerdict.FAIL_BEFORE_PASS_AFTER


def test_a_green_test_that_the_fix_skips_is_red() -> None:
    runs = Runs(original=seen(y=P), before=twice(seen(x=F, y=P)), after=twice(seen(x=P, y=S)))
    assert verdict(runs) is CheckVerdict.FAILS_AFTER


def test_masked_ids_are_no_failure() -> None:
    runs = Runs(original=seen(y=P), before=twice(seen(broken="ImportError: x")), after=twice(seen(x=P, y=P)))
    finding = judge(runs, sources("y"))
    assert finding.verdict is CheckVerdict.INCONCLUSIVE
    assert (finding.fail_to_pass, flags(finding)) == ((), {"masked"})


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (seen(y=P), CheckVerdict.FAIL_BEFORE_PASS_AFTER),
        (seen(broken="ImportError"), CheckVerdict.FAIL_BEFORE_PASS_AFTER),
        (seen(Cause.TEST_ERROR, y=F), CheckVerdict.FAIL_BEFORE_PASS_AFTER),
        (seen(y=F), CheckVerdict.FAILS_AFTER),
    ],
)
def test_a_removed_test_counts_when_its_old_version_fails_on_the_fix(
    old: SuiteObservation, expected: CheckVerdict
) -> None:
    runs = Runs(original=seen(y=P), before=twice(seen(x=F)), after=twice(seen(x=P)), base_tests_on_fix=old)
    finding = judge(runs, sources(defined="x"))
    assert finding.verdict is expected
    assert "test_removed" in flags(finding)


def test_other_parameters_are_no_removal() -> None:
    runs = Runs(original=seen(**{"y[1]": P}), before=twice(seen(x=F)), after=twice(seen(x=P, **{"y[2]": P})))
    assert verdict(runs) is CheckVerdict.FAIL_BEFORE_PASS_AFTER


def test_parameters_made_of_what_the_fix_changes_are_not_held_against_it() -> None:
    """The tests are the same on both sides; a table of the product, or its answers, gives them other ids."""
    before, after = {"x[old]": F, "x[both]": P}, {"x[new]": P, "x[both]": P}
    alone = judge(Runs(before=twice(seen(**before)), after=twice(seen(**after))), sources())
    assert alone.verdict is CheckVerdict.INCONCLUSIVE
    assert f"{M}::x[old]" in alone.reason
    assert verdict(Runs(before=twice(seen(**before)), after=twice(seen(**{"x[both]": P})))) is CheckVerdict.INCONCLUSIVE
    beside = judge(Runs(before=twice(seen(**before, y=F)), after=twice(seen(**after, y=P))), sources())
    assert beside.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert (beside.fail_to_pass, flags(beside)) == ((f"{M}::y",), {"other_parameters"})


@pytest.mark.parametrize(
    ("original", "after"),
    [
        ({}, {"x[new]": F}),
        ({"x[old]": P}, {"x[new]": P}),
        ({}, {"y": P}),
    ],
)
def test_a_red_id_that_only_vanishes_is_red(original: dict[str, Outcome], after: dict[str, Outcome]) -> None:
    runs = Runs(
        original=seen(**original), before=twice(seen(**{"x[old]": F, "x[both]": P})), after=twice(seen(**after))
    )
    assert verdict(runs) is CheckVerdict.FAILS_AFTER


def test_a_break_elsewhere_is_seen_when_it_holds_in_a_second_run() -> None:
    good, bad = seen(z=P), seen(z=F)
    honest = Runs(before=twice(seen(x=F)), after=twice(seen(x=P)))
    broken = Runs(before=honest.before, after=honest.after, rest_original=(good, good), rest_after=(bad, bad))
    flaky = Runs(before=honest.before, after=honest.after, rest_original=(good, good), rest_after=(bad, good))
    assert judge(broken, sources()).pass_to_fail == (f"{M}::z",)
    assert verdict(broken) is CheckVerdict.FAILS_AFTER
    assert verdict(flaky) is CheckVerdict.FAIL_BEFORE_PASS_AFTER


def test_a_suite_that_ends_on_one_side_only_is_flagged() -> None:
    runs = Runs(before=twice(seen(x=F)), after=twice(seen(x=P)), rest_original=(seen(z=P),))
    assert flags(judge(runs, sources())) == {"suite_not_finished"}


@pytest.mark.parametrize(("before", "after"), list(product(Outcome, Outcome)))
def test_only_a_failed_call_that_then_passes_is_a_caught_bug(before: Outcome, after: Outcome) -> None:
    caught = compare(before, after) is Transition.FAIL_TO_PASS
    assert caught == (before is F and after is P)
    assert (compare(before, after) is Transition.PASS_TO_PASS) == (before is after is P)
