"""What `grader case verify` shows: progress on stderr only, and of several secrets each score beside the others."""

from dataclasses import replace

import pytest

from grader.adapters.case_files import CaseFiles
from grader.cli.case_screen import document, progress_on_stderr, show_secrets, show_verification
from grader.domain.case import CaseId
from grader.domain.score import Cap, Points, PreScore
from grader.verify import Progress, Rehearsal, Verification
from grader.verify.result import RuleResult

CASE = CaseFiles().get(CaseId("airline-refund"))
PERFECT = next(c for c in CASE.calibrations if c.archetype == "01_perfect")


def verification(points: int, *problems: str) -> Verification:
    scores = tuple(PreScore(dimension=b.dimension, points=Points(points), reason="x") for b in PERFECT.bands)
    rehearsal = Rehearsal(calibration=PERFECT, scores=scores, outside=problems, unclassified=(), seconds=1.0)
    rule = RuleResult(number=7, problems=problems, seconds=1.0)
    return Verification(case=CASE, rules=(rule,), rehearsals=(rehearsal,), seconds=2.0, runs=3)


def test_one_secret_needs_no_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    show_secrets([("one", verification(20))])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("points", "word"), [(20, "in"), (3, "OUT")])
def test_scores_under_several_secrets_stand_side_by_side(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, points: int, word: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    show_secrets([("one", verification(20)), ("two", verification(20)), ("three", verification(points))])
    row = next(line for line in capsys.readouterr().out.splitlines() if "hotfix" in line)
    assert row.count("1.00") == (4 if points == 20 else 3)  # three scores and the end of the band
    assert word in row


def test_a_broken_rule_is_shown_with_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    show_verification(verification(3, "01_perfect: hotfix_correctness is 0.15"), None)
    said = capsys.readouterr().out
    assert "broken" in said
    assert "hotfix_correctness is 0.15" in said


def test_a_log_has_each_calibration_on_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = verification(20)
    longest = max((c for c in CASE.calibrations), key=lambda c: len(c.archetype))
    score = found.rehearsals[0].scores[1]
    capped = replace(score, caps=(Cap(id="reported_only_survives", at=Points(9), reason="x"),))
    rehearsal = replace(found.rehearsals[0], calibration=longest, scores=(capped, score), seconds=282.4)
    show_verification(replace(found, rehearsals=(rehearsal,)), None)
    row = next(line for line in capsys.readouterr().out.splitlines() if longest.archetype in line)
    assert "regression_safety" in row
    assert "reported_only_survives" in row


def test_the_document_says_what_was_kept() -> None:
    made = document([(None, verification(20)), ("x", verification(3, "no"))])
    assert [case["kept"] for case in made["cases"]] == [True, False]
    assert made["kept"] is False


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr() as show:
        first = Progress(case=CASE.id, doing=("rule 1", "rule 2", "rule 3", "rule 4"), parts=9)
        show(first)
        show(replace(first, doing=("rule 4",), done=8, runs=40))
    out, err = capsys.readouterr()
    assert out == ""
    assert "airline-refund" in err
    assert "40 runs" in err
