"""The record in other programs' formats: Gradescope's results.json, JUnit XML, one line of CSV."""

import csv
import io
from typing import Any
from xml.etree import ElementTree

from grader.domain.record import Record
from grader.domain.score import FULL, as_decimal
from grader.domain.twin import Twin
from grader.domain.verdict import Verdict
from grader.report import view
from grader.report.inert import clean, one_line


def gradescope(record: Record, twin: Twin) -> dict[str, Any]:
    """Gradescope's results.json, out of 100 points (the weights).

    While a dimension has no pre-score nothing is shown to students: a sum over the others would read as zeros.
    """
    strong, rest = view.headline(record, twin)
    results: dict[str, Any] = {
        "output": clean(f"{strong} {rest} {view.NOTHING_FINAL}"),
        "output_format": "text",
        "visibility": "visible" if record.overall is not None else "hidden",
        "tests": [_gradescope_test(row) for row in view.rows(record, twin)],
        "extra_data": {"run_id": record.run_id, "flags": [flag.id for flag in record.flags]},
    }
    if record.overall is not None:
        results["score"] = float(record.overall * 100)
    return results


def _gradescope_test(row: view.Row) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": row.dimension.title,
        "output": one_line(row.why, limit=2000),
        "output_format": "text",
    }
    if row.score is None or row.score.points is None:
        return test | {"output": one_line(f"Not judged: {row.why}", limit=2000)}
    weight = row.dimension.weight
    return test | {"score": row.score.points * weight / FULL, "max_score": weight}


def junit(record: Record, twin: Twin) -> str:
    """JUnit XML: one case per check, one per dimension (skipped while it has no pre-score), one for the pass mark."""
    suite = ElementTree.Element("testsuite", name=f"grader {record.case}", id=record.run_id)
    for check in record.checks:
        case = ElementTree.SubElement(suite, "testcase", classname="check", name=one_line(check.id))
        if check.verdict is Verdict.FAILED:
            ElementTree.SubElement(case, "failure", message=one_line(check.reason))
        elif check.verdict is Verdict.INCONCLUSIVE:
            ElementTree.SubElement(case, "skipped", message=one_line(check.reason))
    for row in view.rows(record, twin):
        case = ElementTree.SubElement(suite, "testcase", classname="pre_score", name=row.dimension.id)
        if row.score is None or row.score.points is None:
            ElementTree.SubElement(case, "skipped", message=one_line(row.why))
        else:
            ElementTree.SubElement(case, "system-out").text = f"{row.points}: {one_line(row.why, limit=2000)}"
    _add_pass_mark(suite, record, twin)
    found = {kind: len(suite.findall(f".//{kind}")) for kind in ("failure", "skipped")}
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(found["failure"]))
    suite.set("skipped", str(found["skipped"]))
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _add_pass_mark(suite: ElementTree.Element, record: Record, twin: Twin) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname="overall", name=f"reaches {twin.pass_percent} %")
    strong, rest = view.headline(record, twin)
    message = one_line(f"{strong} {rest}")
    if record.would_pass is None:
        ElementTree.SubElement(case, "skipped", message=message)
    elif not record.would_pass:
        ElementTree.SubElement(case, "failure", message=message)


def scores_csv(record: Record, twin: Twin) -> str:
    """A header and one line; an absent pre-score is an empty cell."""
    scores = {score.dimension: score.points for score in record.pre_scores}
    points = (scores.get(dimension.id) for dimension in twin.dimensions)
    line = [
        record.run_id,
        record.case,
        record.submission.commit,
        record.submission.received_at.isoformat(),
        *("" if p is None else f"{as_decimal(p):.2f}" for p in points),
        "" if record.overall is None else f"{float(record.overall):.4f}",
        "" if record.would_pass is None else str(record.would_pass).lower(),
        " ".join(flag.id for flag in record.flags),
    ]
    header = [
        "run_id",
        "case",
        "commit",
        "received_at",
        *(d.id for d in twin.dimensions),
        "overall",
        "would_pass",
        "flags",
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, [_cell(value) for value in line]])
    return text.getvalue()


def _cell(value: str) -> str:
    """No cell is a formula: spreadsheets run those."""
    value = one_line(value)
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
