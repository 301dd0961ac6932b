"""`grader updates`, called as users call it."""

import json
import subprocess
import sys
from pathlib import Path

GRADER = (sys.executable, "-m", "grader")


def event(kind: str, clock: str, text: str = "") -> dict[str, str]:
    return {"kind": kind, "at": f"2026-03-01T{clock}:00Z", "author": "learner", "text": text}


FIRST = (
    "Investigating: the assistant promises customers refunds that our policy does not allow. "
    "We are reproducing it. Next update at 12:20 UTC."
)
SECOND = (
    "Identified: answers without a matching document are wrong, about 3 % of customers are affected. "
    "We have switched off refund answers and are testing a fix. Next update in 15 minutes."
)
LAST = (
    "Resolved: the fix is live, 40 of 40 test questions are safe and answers have been stable for 10 minutes. "
    "No customer data was lost; three customers will be contacted about wrong promises."
)
EVENTS = [
    event("status_update", "12:04", FIRST),
    event("root_cause", "12:15", "app/prompt.py"),
    event("status_update", "12:20", SECOND),
    event("hotfix", "12:31"),
    event("status_update", "12:35", LAST),
    event("resolved", "12:36"),
]


def run(tmp_path: Path, events: list[dict[str, str]], *args: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "timeline.json"
    opened = "2026-03-01T12:00:00Z"
    document = {"schema": "grader/timeline/1", "opened_at": opened, "window_minutes": 90, "events": events}
    file.write_text(json.dumps(document))
    return subprocess.run([*GRADER, "updates", str(file), *args], capture_output=True, text=True, timeout=60)


def test_a_well_run_incident_earns_everything(tmp_path: Path) -> None:
    done = run(tmp_path, EVENTS, "--json", "-")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "grader/updates/1"
    assert [u["in_window"] for u in document["updates"]] == [True] * 3
    assert [u["has_next_update"] for u in document["updates"]] == [True, True, False]
    assert {tick["id"]: tick["earned"] for tick in document["ticks"]} == {
        "C1": 5, "C2": 3, "C3": 3, "C4": 2, "C5": 2, "C6": 2, "C7": 2, "C8": 1,
    }  # fmt: skip
    assert (document["score"], document["caps"]) == (1.0, [])


def test_silence_is_capped(tmp_path: Path) -> None:
    document = json.loads(run(tmp_path, [EVENTS[-1]], "--json", "-").stdout)
    assert document["score"] <= 0.3
    assert document["caps"][0]["id"] == "no_update"


def test_updates_after_the_resolution_are_capped(tmp_path: Path) -> None:
    late = [event("resolved", "12:10"), event("status_update", "12:30", EVENTS[0]["text"])]
    document = json.loads(run(tmp_path, late, "--json", "-").stdout)
    assert (document["updates"][0]["in_window"], document["score"] <= 0.3) == (False, True)


def test_without_json_it_is_readable(tmp_path: Path) -> None:
    done = run(tmp_path, EVENTS)
    assert done.returncode == 0
    assert "communication 1.00" in done.stdout


def test_a_malformed_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    file = tmp_path / "timeline.json"
    file.write_text("{")
    done = subprocess.run([*GRADER, "updates", str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
