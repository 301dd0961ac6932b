"""A starter that does not answer is a fault of ours, and never a score; mutants of the own fix are told apart."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grader.adapters.case_files import CaseFiles
from grader.domain.case import CaseId, Judgement, Verdict
from grader.domain.case_facts import Answers, JudgedAnswer
from grader.domain.observation import Ended, Outcome, SuiteObservation, TestId, TestObservation
from grader.domain.tree import File
from grader.domain.verdict import MutantStatus
from grader.errors import SandboxUnavailable
from grader.execution.suite import SuiteRun
from grader.grade.observe import _mutants, _require_answers, lay_out

CASE = CaseFiles().get(CaseId("airline-refund"))
PROBE = CASE.hidden[0]
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


TEST = TestId("tests/test_guard.py::test_it")


class FakeLanes:
    """Runs that fail when the tree is not as the learner left it in one file."""

    seed = 0

    def __init__(self, guarded: bytes) -> None:
        self.guarded = guarded
        self.only: set[tuple[TestId, ...] | None] = set()

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        return {name: self._run(run) for name, run in wanted.items()}

    def _run(self, run: SuiteRun) -> SuiteObservation:
        self.only.add(run.only)
        guard = run.tree.by_path.get("app/guard.py")
        kept = guard is not None and guard.content.startswith(self.guarded)
        outcome = Outcome.PASSED if kept else Outcome.FAILED
        tests = (TestObservation(id=TEST, outcome=outcome),)
        return SuiteObservation(tree_digest=run.tree.digest, ended=Ended.EXITED, status=0, tests=tests)


def test_mutants_of_the_own_fix_are_noticed_or_shown_with_their_diff() -> None:
    guard = b"def safe(docs):\n    return len(docs) > 0\n\n\ndef other(a):\n    return a + 1\n"
    test = File(path="tests/test_guard.py", content=b"def test_it():\n    assert True\n")
    submitted = lay_out(CASE, CASE.starter.with_files([File(path="app/guard.py", content=guard), test]))
    lanes: Any = FakeLanes(guarded=b"def safe(docs):\n    return len(docs) > 0\n")
    found = _mutants(lanes, submitted, (TEST,))
    statuses = {mutant.status for mutant in found}
    assert {MutantStatus.KILLED, MutantStatus.SURVIVED} <= statuses
    assert all("return a" in m.diff or "other" in m.diff for m in found if m.status is MutantStatus.SURVIVED)
    assert lanes.only == {(TEST,)}
    assert _mutants(lanes, submitted, ()) == ()
