"""`grader calibrate`, called as users call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

GRADER = (sys.executable, "-m", "grader")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*GRADER, "calibrate", *args], capture_output=True, text=True, timeout=60)


def record(proposed: float | None, decided: float, scorer: str = "rules") -> dict[str, Any]:
    return {
        "schema": "grader/record/1",
        "pre_scores": [{"dimension": "communication", "points": proposed, "scored_by": scorer, "reason": ""}],
        "decisions": [{"dimension": "communication", "points": decided}],
    }


def attempt(proposed: float, decided: float) -> dict[str, Any]:
    return {
        "schema": "grader/attempt/1",
        "dimensions": [{"id": "communication", "pre_score": proposed, "decision": None}],
        "sign_offs": [{"points": {"communication": decided}}],
    }


def test_records_and_attempts_are_compared(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(record(0.5, 0.6)))
    (tmp_path / "b.json").write_text(json.dumps(attempt(0.9, 0.7)))
    lines = [
        json.dumps(record(0.3, 0.3)),
        json.dumps(record(None, 0.3)),
        json.dumps(record(0.4, 0.3, "language_model")),
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    done = run(str(tmp_path), "--json", "-", "--html", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "grader/calibration/1"
    model, rules = document["dimensions"]
    assert (model["scored_by"], model["count"]) == ("language_model", 1)
    assert (rules["count"], rules["mean_absolute_error"], rules["signed_bias"]) == (3, 0.1, 0.033)
    assert rules["within_010"] == 0.667
    assert "too few" in rules["says"]
    page = (tmp_path / "page.html").read_text()
    drawing = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert len(drawing.findall("circle")) == 1


def test_enough_records_get_a_verdict(tmp_path: Path) -> None:
    lines = [json.dumps(record(n / 20, n / 20)) for n in range(21)]
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    done = run(str(tmp_path / "all.jsonl"))
    assert done.returncode == 0
    assert "1.00" in done.stdout
    assert "too few" not in done.stdout


def test_bad_input_is_one_line_and_exit_2(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    for content in (
        "{",
        '{"schema": "other"}',
        json.dumps(record(0.51, 0.5)),
        json.dumps({"schema": "grader/record/1"}),
        "[]",
    ):
        bad.write_text(content)
        done = run(str(bad))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert "bad.json" in done.stderr
    unsigned = {**record(0.5, 0.5), "decisions": []}
    bad.write_text(json.dumps(unsigned))
    assert run(str(bad)).returncode == 2
    assert run(str(tmp_path / "nope.json")).returncode == 2
