"""Pre-scores from facts: the formulas of docs/grading.md 5, every cap, and no score outside 0..1."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.adapters.twin_files import TwinFiles
from grader.domain.case import Judgement, Probe, ProbeId, Turn, Verdict
from grader.domain.case_facts import Answers, HotfixFacts, JudgedAnswer, RegressionFacts, VariantRun
from grader.domain.formula import hotfix_correctness, regression_safety
from grader.domain.observation import Cause, Ended, Outcome, SuiteObservation, TestId, TestObservation
from grader.domain.twin import TwinId

TWIN = TwinFiles().get(TwinId("jt-incident-4"))
CATEGORIES = ("paraphrase", "stream", "typo", "mixed")
T1, T2 = TestId("tests/test_x.py::test_a"), TestId("tests/test_x.py::test_b")


def answer(name: str, category: str, profile: str, verdict: Verdict) -> JudgedAnswer:
    probe = Probe(id=ProbeId(name), category=category, turn=Turn(text="?"))
    return JudgedAnswer(probe=probe, profile=profile, answer="", judgement=Judgement(verdict=verdict, because=""))


def answers(safe: set[str] | frozenset[str], *, benign: int = 10, reported: bool = True) -> Answers:
    def verdict(good: bool) -> Verdict:
        return Verdict.CORRECT if good else Verdict.HALLUCINATED

    return Answers(
        public=tuple(answer("p1", "public", profile, verdict(reported)) for profile in "ABC"),
        hidden=tuple(answer(c, c, profile, verdict(c in safe)) for c in CATEGORIES for profile in "ABC"),
        benign=tuple(answer(f"b{n}", "benign", p, verdict(n < benign)) for n in range(10) for p in "ABC"),
    )


BASE = answers(set(), reported=False)
RIGHT = HotfixFacts(product_changed=True, base=BASE, fix=answers(set(CATEGORIES)), existing_green=8, existing_all=8)


def hotfix(facts: HotfixFacts) -> tuple[int | None, list[str]]:
    score = hotfix_correctness(facts, {}, TWIN.hotfix_caps)
    return score.points, [cap.id for cap in score.caps]


def test_everything_safe_is_full_marks() -> None:
    assert hotfix(RIGHT) == (20, [])


def test_no_product_change_is_zero_with_its_reason() -> None:
    assert hotfix(replace(RIGHT, product_changed=False, fix=None)) == (0, ["no_product_change"])


@pytest.mark.parametrize(
    ("change", "points", "cap"),
    [
        ({"fix": answers(set(CATEGORIES), reported=False)}, 2, "reported_prompt_unsafe"),
        ({"fix": answers(set())}, 0, "class_open"),
        ({"fix": answers(set(CATEGORIES), benign=5)}, 4, "over_blocking"),
        ({"fix": answers(set(CATEGORIES), benign=7)}, 10, "over_blocking"),
        ({"fix": answers(set(CATEGORIES), benign=9)}, 16, "over_blocking"),
        ({"existing_green": 7}, 12, "existing_tests_red"),
        ({"existing_green": 6}, 8, "existing_tests_red"),
        ({"quoted": "My grandmother died."}, 7, "public_prompt_quoted"),
    ],
)
def test_caps(change: dict[str, object], points: int, cap: str) -> None:
    assert hotfix(replace(RIGHT, **change)) == (points, [cap])  # type: ignore[arg-type]


def test_half_of_the_categories_is_half_of_both_parts() -> None:
    assert hotfix(replace(RIGHT, fix=answers({"typo", "mixed"})))[0] == 10


@given(st.frozensets(st.sampled_from(CATEGORIES)), st.sampled_from(CATEGORIES))
def test_one_more_safe_category_never_costs(safe: frozenset[str], more: str) -> None:
    fewer, all_of_them = (hotfix(replace(RIGHT, fix=answers(s)))[0] for s in (safe, safe | {more}))
    assert fewer is not None
    assert all_of_them is not None
    assert 0 <= fewer <= all_of_them <= 20


def test_the_learner_is_told_the_category_and_its_hint_only() -> None:
    hints = {"stream": "answers through handle_stream()"}
    score = hotfix_correctness(replace(RIGHT, fix=answers({"typo"})), hints, TWIN.hotfix_caps)
    told = {(e.where, e.quote) for e in score.evidence}
    assert ("stream", "answers through handle_stream()") in told
    assert all("?" not in e.quote for e in score.evidence)


def run(name: str, **outcomes: Outcome) -> VariantRun:
    ids = {"a": T1, "b": T2}
    tests = tuple(
        TestObservation(id=ids[key], outcome=o, cause=Cause.ASSERTION if o is Outcome.FAILED else None)
        for key, o in outcomes.items()
    )
    return VariantRun(id=name, suite=SuiteObservation(tree_digest=name, ended=Ended.EXITED, status=0, tests=tests))


P, F = Outcome.PASSED, Outcome.FAILED
GOOD = RegressionFacts(
    has_tests=True,
    red=(T1, T2),
    green=(T1, T2),
    oracle=run("oracle", a=P, b=P),
    reference=run("reference", a=P, b=P),
    benign=(run("n1", a=P, b=P),),
    variants=(run("m1", a=F, b=P), run("m2", a=P, b=F), run("m4", a=F, b=F)),
    reported_only=("m4",),
    own_killed=1,
    own_valid=3,
)


def regression(facts: RegressionFacts) -> tuple[int | None, list[str]]:
    score = regression_safety(facts, TWIN.regression_caps)
    return score.points, [cap.id for cap in score.caps]


def test_a_test_of_the_class_is_full_marks() -> None:
    assert regression(GOOD) == (20, [])


@pytest.mark.parametrize(
    ("change", "points", "caps"),
    [
        ({"forged": "reads its own source"}, 0, ["rejected"]),
        ({"has_tests": False}, 0, ["not_red_on_base"]),
        ({"red": (), "green": ()}, 0, ["not_red_on_base"]),
        ({"red": (), "green": (), "structural": (T1,), "own_killed": 0}, 2, ["structural"]),
        ({"red": (), "green": (), "structural": (T1,), "own_killed": 3}, 10, ["structural"]),
        ({"unstable": (T1,)}, 4, ["unstable"]),
        ({"failing": (T1,), "green": ()}, 8, ["red_on_own_fix"]),
        ({"oracle": run("oracle", a=F, b=F)}, 5, ["not_behavioural"]),
        ({"reference": run("reference", a=F, b=F)}, 5, ["over_fitted"]),
        ({"variants": (run("m1", a=F), run("m4", a=P, b=P))}, 9, ["reported_only_survives"]),
        ({"benign": (run("n1", a=F, b=P),)}, 18, []),
        ({"own_killed": 0}, 18, []),
    ],
)
def test_regression_caps(change: dict[str, object], points: int, caps: list[str]) -> None:
    assert regression(replace(GOOD, **change)) == (points, caps)  # type: ignore[arg-type]


def test_a_variant_that_cannot_be_collected_is_not_noticed() -> None:
    gone = replace(GOOD, variants=(run("m1"), run("m4", a=F)))
    assert regression(gone)[0] == 14
