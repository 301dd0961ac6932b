"""The exports: their sums, their holes for what is unknown, and no formula or broken XML from a learner."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.adapters.twin_files import TwinFiles
from grader.domain.twin import TwinId
from grader.domain.verdict import CheckResult, Verdict
from grader.report.exports import gradescope, junit, scores_csv
from grader.report.record_file import decode

RECORDS = Path(__file__).parents[2] / "golden" / "records"
TWIN = TwinFiles().get(TwinId("jt-incident-4"))
FULL, PARTIAL = (decode((RECORDS / f"{name}.json").read_bytes(), where=name) for name in ("full", "partial"))


def test_gradescope_adds_up_to_the_overall() -> None:
    results = gradescope(FULL, TWIN)
    assert results["score"] == 71.5
    assert sum(test["score"] for test in results["tests"]) == pytest.approx(71.5)
    assert sum(test["max_score"] for test in results["tests"]) == 100
    assert results["visibility"] == "visible"


def test_gradescope_hides_a_partial_result_and_invents_no_score() -> None:
    results = gradescope(PARTIAL, TWIN)
    assert "score" not in results
    assert results["visibility"] == "hidden"
    assert ["score" in test for test in results["tests"]] == [False, False, True, True, False]
    assert results["tests"][0]["output"] == "Not judged: No timeline"


def test_junit_skips_what_is_unknown_and_survives_hostile_words() -> None:
    hostile = CheckResult(id="x", verdict=Verdict.FAILED, met=0, out_of=1, reason='\x00"<&>\x1b ]]>')
    root = ElementTree.fromstring(junit(replace(PARTIAL, checks=(hostile,)), TWIN))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("7", "1", "4")
    assert root.find("testcase/failure").get("message") == '"<&> ]]>'  # type: ignore[union-attr]
    assert ElementTree.fromstring(junit(FULL, TWIN)).find("testcase[@classname='overall']/failure") is None


def test_the_csv_has_empty_cells_for_what_is_unknown_and_no_formula() -> None:
    record = replace(PARTIAL, case="=cmd()")
    [row] = csv.DictReader(io.StringIO(scores_csv(record, TWIN)))
    assert (row["case"], row["diagnosis_speed"], row["regression_safety"], row["overall"]) == (
        "'=cmd()",
        "",
        "0.45",
        "",
    )
    [row] = csv.DictReader(io.StringIO(scores_csv(FULL, TWIN)))
    assert (row["overall"], row["would_pass"]) == ("0.7150", "true")
