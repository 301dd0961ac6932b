"""Self-checks: an answer beside what was found, and what a mentor is told of it."""

from grader.adapters.twin_files import TwinFiles
from grader.checks.self_checks import compare, flags
from grader.domain.submission import SelfCheckAnswer
from grader.domain.twin import Observable, TwinId

CHECKS = TwinFiles().get(TwinId("jt-incident-4")).self_checks
SEEN = {Observable.REGRESSION_TEST: False, Observable.STATUS_UPDATE: None, Observable.OWNED_FOLLOW_UP: True}


def answer(check: str, *, said: bool, forced: bool = False) -> SelfCheckAnswer:
    return SelfCheckAnswer(id=check, answer=said, observed=None, forced=forced, reason="later" if forced else "")


def test_answers_stand_beside_what_was_found() -> None:
    compared = compare(CHECKS, [answer("F1", said=True), answer("F2", said=True)], SEEN)
    assert [(a.id, a.answer, a.observed) for a in compared] == [
        ("F1", True, False),
        ("F2", True, None),
        ("F3", None, True),
    ]


def test_only_a_known_contradiction_is_a_mismatch() -> None:
    compared = compare(CHECKS, [answer("F1", said=True), answer("F2", said=True)], SEEN)
    assert [(flag.id, flag.detail[:2]) for flag in flags(CHECKS, compared)] == [("self_check_mismatch", "F1")]


def test_a_forced_answer_is_flagged_with_its_reason() -> None:
    compared = compare(CHECKS, [answer("F1", said=False, forced=True)], SEEN)
    [flag] = flags(CHECKS, compared)
    assert (flag.id, flag.detail) == ("forced_self_check", "F1 was forced: later")


def test_a_failed_critical_answer_that_was_not_forced_is_flagged() -> None:
    compared = compare(CHECKS, [answer("F1", said=False), answer("F3", said=False)], SEEN)
    assert [flag.id for flag in flags(CHECKS, compared)] == ["failed_self_check", "self_check_mismatch"]
