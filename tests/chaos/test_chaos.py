"""What was accepted survives `kill -9`, and four writers at once neither lose an event nor fork the chain.

`CHAOS_SEQUENCES=200` runs the full number of sequences on each database; the default is smaller, to keep CI short.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SEQUENCES = int(os.environ.get("CHAOS_SEQUENCES", "30"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    url: str = request.getfixturevalue("postgres").url()
    return url


def run(module: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.chaos.{module}", *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_kill_9_loses_nothing_and_doubles_nothing(address: str) -> None:
    found = run("drive", address, str(SEQUENCES), "1")
    assert found["sequences"] == SEQUENCES
    assert found["kills"] >= SEQUENCES // 2


def test_four_processes_append_to_one_stream_at_once(address: str) -> None:
    found = run("at_once", address, "25")
    assert found["entries"] == 101
    assert found["turns"] >= 4, "the writers came one after the other, which proves nothing"
