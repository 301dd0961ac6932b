"""Containers started ahead: used once each, as clean as any, and none left however their grader ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.adapters.docker_sandbox.pool import AT_ONCE
from grader.domain.sandbox import ImageId
from tests.contracts.conftest import Check, Containers, Order

pytestmark = pytest.mark.docker

LEAVE_A_MARK = "import os; print(os.listdir('/work')); open('/work/mark', 'w').close()"
GRADER = """
import sys, time
from pathlib import Path
from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import SandboxOrder
state, image = sys.argv[1:]
sandboxes = DockerSandboxes(state=Path(state), required_runtime="runc")
sandboxes.expect(SandboxOrder(image=image, program="probe", payload=b""), 2)
sys.stdin.read()
"""


def test_announced_runs_find_a_container_and_share_none(
    sandboxes: DockerSandboxes, order: Order, containers: Containers, nothing_is_left: Check
) -> None:
    wanted = order(LEAVE_A_MARK)
    sandboxes.expect(wanted, 3)
    _wait_for(containers, AT_ONCE)
    assert [sandboxes.run(wanted).stdout for _ in range(4)] == [b"[]\n"] * 4
    assert nothing_is_left()


def test_other_limits_get_another_container(sandboxes: DockerSandboxes, order: Order, nothing_is_left: Check) -> None:
    sandboxes.expect(order("", processes=64), 1)
    count = "import resource; print(open('/sys/fs/cgroup/pids.max').read())"
    count = (
        "import os\ntry: print(open('/sys/fs/cgroup/pids/pids.max').read())\nexcept OSError: " + count.split("; ")[1]
    )
    assert sandboxes.run(order(count, processes=40)).stdout.split() == [b"40"]
    assert sandboxes.run(order(count, processes=64)).stdout.split() == [b"64"]
    assert nothing_is_left()


def test_what_is_never_fetched_is_removed_at_the_end(state: Path, order: Order, containers: Containers) -> None:
    own = DockerSandboxes(state=state, required_runtime="runc")
    own.expect(order(""), 2)
    own.close()
    assert containers() == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, None], ids=["killed", "interrupted", "by itself"])
def test_nothing_is_left_however_the_grader_ends(
    state: Path, image: ImageId, containers: Containers, nothing_is_left: Check, end: signal.Signals | None
) -> None:
    command = [sys.executable, "-c", GRADER, str(state), image]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as grader:
        _wait_for(containers, 2)
        time.sleep(0.5)
        if end is not None:
            os.kill(grader.pid, end)
    assert nothing_is_left(10.0)


def _wait_for(containers: Containers, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(containers()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
