"""Check results: what people read of before and after, and of hidden questions."""

from grader.checks.before_after import Finding
from grader.domain.case_facts import Answers, HotfixFacts, RegressionFacts, ReproFacts
from grader.domain.comparison import CheckVerdict
from grader.domain.observation import Outcome, TestId
from grader.domain.verdict import PairedTest, Verdict
from grader.grade import results

IDS = tuple(TestId(f"tests/test_a.py::test_it[{n}]") for n in range(9))


def test_parametrised_ids_are_counted_and_the_evidence_is_bounded() -> None:
    tests = tuple(
        PairedTest(id=i, original=None, before=Outcome.FAILED, after=Outcome.PASSED, message="m") for i in IDS
    )
    verdict = CheckVerdict.FAIL_BEFORE_PASS_AFTER
    found = results.before_after(Finding(verdict=verdict, reason="r", fail_to_pass=IDS, tests=tests))
    assert (found.verdict, found.met, found.out_of) == (Verdict.PASSED, 9, 9)
    assert found.reason == "9 ids fail before and pass after: `tests/test_a.py::test_it`"
    assert [evidence.quote for evidence in found.evidence] == ["m"] * results.SHOWN


def test_an_inconclusive_verdict_is_not_a_failed_one() -> None:
    found = results.before_after(Finding(verdict=CheckVerdict.INCONCLUSIVE, reason="cannot be collected"))
    assert (found.verdict, found.met, found.reason) == (Verdict.INCONCLUSIVE, 0, "cannot be collected")


def test_nothing_to_judge_fails_with_its_reason() -> None:
    facts = HotfixFacts(product_changed=False, base=Answers())
    assert results.hidden_cases(facts).verdict is Verdict.FAILED
    assert results.tallies(facts) == ()
    assert "no test fails on the base" in results.regression_strength(RegressionFacts(has_tests=False)).reason
    assert results.diagnosis(ReproFacts(repro=None, problem="repro.json: not JSON")).reason == "repro.json: not JSON"
