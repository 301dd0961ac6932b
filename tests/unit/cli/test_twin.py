"""`grader twin`, called as users call it."""

import json
import subprocess
import sys

GRADER = (sys.executable, "-m", "grader")


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*GRADER, *args], capture_output=True, text=True, timeout=60)


def test_show_prints_the_twin_as_json() -> None:
    done = run("twin", "show", "jt-incident-4", "--json", "-")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "grader/twin/1"
    assert sum(d["weight"] for d in document["dimensions"]) == 1


def test_an_unknown_twin_is_one_line_and_exit_2() -> None:
    done = run("twin", "show", "nope")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_an_unknown_setting_stops_start_up(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("GRADER_RUNTYME", "runsc")
    done = run("twin", "list")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "GRADER_RUNTYME" in done.stderr
