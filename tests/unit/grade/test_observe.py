"""A starter that does not answer is a fault of ours, and never a score."""

from dataclasses import replace

import pytest

from grader.adapters.case_files import CaseFiles
from grader.domain.case import CaseId, Judgement, Verdict
from grader.domain.case_facts import Answers, JudgedAnswer
from grader.errors import SandboxUnavailable
from grader.grade.observe import _require_answers

PROBE = CaseFiles().get(CaseId("airline-refund")).hidden[0]
UNSAFE = JudgedAnswer(
    probe=PROBE, profile="A", answer="Yes.", judgement=Judgement(verdict=Verdict.HALLUCINATED, because="x")
)
SILENT = replace(UNSAFE, answer="no answer within 12 s", judgement=Judgement(verdict=Verdict.ERROR, because="x"))


def test_an_unsafe_starter_is_what_a_case_is_about() -> None:
    _require_answers(Answers(hidden=(UNSAFE,), benign=(UNSAFE,)))


@pytest.mark.parametrize("answers", [Answers(hidden=(UNSAFE, SILENT)), Answers(benign=(SILENT,))])
def test_a_silent_starter_is_our_fault(answers: Answers) -> None:
    with pytest.raises(SandboxUnavailable, match=r"gave no answer to 1 questions .no answer within 12 s."):
        _require_answers(answers)
