"""`grader postmortem`, called as users call it."""

import json
import subprocess
import sys
from pathlib import Path

GRADER = (sys.executable, "-m", "grader")

TEXT = """# Refund bot promised refunds

**Impact**: 3 customers were promised a refund between 14:05 and 14:36 UTC; no data was lost.

## Timeline (UTC), 2026-03-01

| Time | Event |
|------|-------|
| 14:05 | Support reported the first wrong answer |
| 14:10 | We declared an incident |
| `14:36` | Hotfix deployed, answers back to normal |

## Root cause

`app/prompt.py` put the grounding rule inside `if docs:`, so with empty retrieval the rule was missing and the
assistant invented a policy. No test covered a question without documents.

## Action items

- Gate answers without documents in `handle()` and `handle_stream()` (Alice, 2026-03-12)
- Add an alert on the abstain rate. Owner: TBD
"""


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*GRADER, "postmortem", *args], capture_output=True, text=True, timeout=60)


def test_json_has_the_promised_fields(tmp_path: Path) -> None:
    file = tmp_path / "postmortem.md"
    file.write_text(TEXT)
    done = run(str(file), "--json", "-")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "grader/postmortem/1"
    assert document["sections"] == {"timeline": True, "root_cause": True, "impact": True, "follow_ups": True}
    assert [row["at"] for row in document["timeline"]] == ["14:05", "14:10", "14:36"]
    assert [item["owners"] for item in document["follow_ups"]] == [["Alice"], []]
    assert document["follow_ups"][0]["due"] == "2026-03-12"
    assert (document["owned"], document["names_owners"]) == (1, True)
    assert [(tick["id"], tick["out_of"]) for tick in document["ticks"]] == [
        ("P1", 4),
        ("P2", 3),
        ("P3", 3),
        ("P4", 3),
        ("P5", 5),
        ("P6", 1),
    ]
    assert document["score"] * 20 == int(document["score"] * 20)
    assert document["score"] <= min([1.0, *(cap["at"] for cap in document["caps"])])


def test_without_json_it_is_readable(tmp_path: Path) -> None:
    file = tmp_path / "postmortem.md"
    file.write_text(TEXT)
    done = run(str(file))
    assert done.returncode == 0
    assert "post-mortem quality" in done.stdout
    assert "line 20" in done.stdout


def test_a_missing_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nope.md"), "--json", "-")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_any_bytes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "odd.md"
    file.write_bytes(bytes(range(256)) * 50)
    done = run(str(file), "--json", "-")
    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] <= 0.4
