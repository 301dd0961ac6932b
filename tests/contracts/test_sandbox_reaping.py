"""A grader that is killed leaves nothing for long: containers end themselves, and the next grader removes the rest."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import ImageId
from tests.contracts.conftest import Check, Containers, Run

pytestmark = pytest.mark.docker

GRADER = """
import json, sys
from pathlib import Path
from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import Limits, SandboxOrder
state, image, seconds = sys.argv[1:]
source = json.dumps("import time; time.sleep(600)").encode() + b"\\n"
sandboxes = DockerSandboxes(state=Path(state), required_runtime="runc")
limits = Limits(wall_seconds=float(seconds))
sandboxes.run(SandboxOrder(image=image, program="probe", payload=source, limits=limits))
"""


@pytest.fixture(scope="module", autouse=True)
def _known_engine(run: Run, nothing_is_left: Check) -> None:
    """Its self-checks are remembered, so that the one container of a grader is the one that is at work."""
    assert run("print('well')").stdout == b"well\n"
    assert nothing_is_left()


def kill_a_grader_at_work(state: Path, image: ImageId, containers: Containers, seconds: float) -> None:
    assert containers() == []
    grader = subprocess.Popen([sys.executable, "-c", GRADER, str(state), image, str(seconds)])
    while not containers():
        assert grader.poll() is None
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(grader.pid, signal.SIGKILL)
    assert grader.wait() == -signal.SIGKILL


def test_the_next_grader_removes_what_a_killed_one_left(
    state: Path, image: ImageId, containers: Containers, nothing_is_left: Check
) -> None:
    kill_a_grader_at_work(state, image, containers, 60.0)
    assert len(containers()) == 1
    assert DockerSandboxes(state=state).reap() == 1
    assert nothing_is_left()


def test_without_a_next_grader_a_container_ends_itself(
    state: Path, image: ImageId, containers: Containers, nothing_is_left: Check
) -> None:
    kill_a_grader_at_work(state, image, containers, 1.5)
    assert nothing_is_left(15.0)


def test_a_grader_at_work_and_other_installations_are_left_alone(
    state: Path, image: ImageId, containers: Containers, tmp_path: Path, nothing_is_left: Check
) -> None:
    grader = subprocess.Popen([sys.executable, "-c", GRADER, str(state), image, "60"])
    try:
        while not containers():
            time.sleep(0.05)
        assert DockerSandboxes(state=state).reap() == 0
        assert DockerSandboxes(state=tmp_path).reap() == 0
        assert len(containers()) == 1
    finally:
        grader.kill()
        grader.wait()
    assert DockerSandboxes(state=state).reap() == 1
    assert nothing_is_left()


def test_what_only_the_engine_knows_of_is_gone_when_all_is_done(
    state: Path, image: ImageId, containers: Containers
) -> None:
    """As where the answer to a creation was lost; another's work at the same time stays."""
    mine, another = DockerSandboxes(state=state), DockerSandboxes(state=state)
    labels = another._owner.labels(600.0)
    staying = another._engine.api.create_container(image, command=["true"], labels=labels)["Id"]
    mine._engine.api.create_container(image, command=["true"], labels=mine._owner.labels(600.0))
    assert len(containers()) == 2
    mine.close()
    assert [one for one in containers() if staying.startswith(one)] == containers() != []
    another.close()
    assert containers() == []
