"""`grader sandbox`, as installed: what it says, and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GRADER = Path(sys.executable).with_name("grader")


def call(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings}
    return subprocess.run([GRADER, "sandbox", *arguments], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("command", ["build", "reap", "doctor"])
def test_without_an_engine_one_line_names_what_is_missing_and_how_to_mend_it(command: str) -> None:
    done = call(command, DOCKER_HOST="unix:///nowhere.sock")
    assert done.returncode == 3
    said = done.stderr or done.stdout
    assert "no container engine answers at unix:///nowhere.sock" in said
    assert "apt-get install docker.io" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("host", ["nonsense", "tcp://127.0.0.1:1", "ssh://127.0.0.1:1"])
def test_an_engine_that_cannot_be_spoken_to_is_exit_3(host: str) -> None:
    done = call("build", DOCKER_HOST=host)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)


@pytest.mark.docker
def test_an_unknown_runtime_is_found_by_the_doctor() -> None:
    done = call("doctor", GRADER_RUNTIME="kata")
    assert done.returncode == 3
    assert "GRADER_RUNTIME='kata' is unknown" in done.stdout


def test_a_state_folder_that_cannot_be_had_is_the_operators_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("reap", GRADER_STATE=str(tmp_path / "file" / "state"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "GRADER_STATE" in done.stderr


@pytest.mark.docker
def test_the_doctor_reports_to_people_and_programs() -> None:
    done = call("doctor", "--json", "-")
    document = json.loads(done.stdout)
    assert document["schema"] == "grader/doctor/1"
    assert {"engine", "seccomp", "image", "runtime", "leftovers"} <= {finding["id"] for finding in document["findings"]}
    assert done.returncode == (0 if document["well"] else 3)
    assert "engine" in call("doctor").stdout


@pytest.mark.docker
def test_an_image_is_built_once_and_named() -> None:
    first, second = call("build"), call("build", "--json", "-")
    assert first.returncode == 0
    assert json.loads(second.stdout) == {"schema": "grader/sandbox-image/1", "image": first.stdout.strip()}


@pytest.mark.docker
def test_a_recipe_that_does_not_resolve_is_exit_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("iniconfig==0.0.0.1\n")
    for arguments in (
        ("--requirements", str(tmp_path / "r.txt")),
        ("--install", "-e ."),
        ("--requirements", "missing"),
    ):
        done = call("build", *arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
