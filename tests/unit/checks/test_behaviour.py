"""Rewritten trees convict a test only when its answer holds and old tests show that the trees behave alike."""

import pytest

from grader.checks.behaviour import differing, judge
from grader.domain.comparison import Runs
from grader.domain.observation import Ended, Outcome, SuiteObservation, TestId, TestObservation

T = TestId("tests/test_a.py::test_x")
OLD = TestId("tests/test_a.py::test_old")
P, F = Outcome.PASSED, Outcome.FAILED


def seen(outcome: Outcome, test: TestId = T, reads: bool = False) -> SuiteObservation:
    return SuiteObservation(
        tree_digest="",
        ended=Ended.EXITED,
        status=0,
        tests=(TestObservation(id=test, outcome=outcome),),
        only=frozenset({test}),
        reads=(("tests/test_a.py", "app/a.py"),) if reads else (),
    )


def runs(base: tuple[Outcome, ...], fix: tuple[Outcome, ...], old: Outcome = P, reads: bool = False) -> Runs:
    return Runs(
        base_refactored=tuple(seen(outcome, reads=reads) for outcome in base),
        fix_refactored=tuple(seen(outcome) for outcome in fix),
        controls=(seen(old, OLD),),
    )


def test_a_test_of_behaviour_answers_alike() -> None:
    assert differing(runs((F,), (P,)), (T,)) == ()
    assert differing(Runs(), (T,)) == ()


@pytest.mark.parametrize(("base", "fix"), [((P, P), (P, P)), ((F, F), (F, F)), ((P, P), (F, F))])
def test_a_test_that_looks_elsewhere_is_convicted(base: tuple[Outcome, ...], fix: tuple[Outcome, ...]) -> None:
    assert differing(runs(base[:1], fix[:1]), (T,)) == (T,)
    found = judge(runs(base, fix), (T,))
    assert (found.convicted, found.fickle, [flag.id for flag in found.flags]) == ((T,), (), ["tells_trees_apart"])


def test_an_answer_that_does_not_hold_is_fickle() -> None:
    found = judge(runs((F, F), (F, P)), (T,))
    assert (found.convicted, found.fickle) == ((), (T,))


def test_nothing_follows_where_old_tests_fail_too() -> None:
    found = judge(runs((F, F), (F, F), old=F), (T,))
    assert (found.convicted, [flag.id for flag in found.flags]) == ((), ["refactoring_not_neutral"])


def test_but_a_test_that_was_seen_reading_source_is_convicted_all_the_same() -> None:
    assert judge(runs((F, F), (F, F), old=F, reads=True), (T,)).convicted == (T,)
