"""`grader check` as installed on an engine that is killed in the middle of a run and then comes back."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import EnvironmentRecipe
from tests.contracts import own_engine
from tests.contracts.own_engine import OwnEngine
from tests.fakes.git_history import GitHistory

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.skipif(not own_engine.can_be_had(), reason="starting an engine of its own needs root and dockerd"),
]

GRADER = str(Path(sys.executable).absolute().with_name("grader"))
BUGGY, FIXED = "def double(x):\n    return x + 1\n", "def double(x):\n    return x + x\n"
TEST = """import time

from a import double


def test_double():
    time.sleep({seconds})
    assert double(3) == 6
"""


@pytest.fixture
def own() -> Iterator[OwnEngine]:
    image = DockerSandboxes(state=Path(tempfile.mkdtemp())).environment(EnvironmentRecipe())
    started = OwnEngine(Path(tempfile.mkdtemp(prefix="eng-", dir="/var/tmp")))
    started.start()
    try:
        started.copy_images(*own_engine.tags_of(image))
        yield started
    finally:
        started.stop()


def test_a_dying_engine_is_no_verdict_and_nothing_is_left_once_it_is_back(own: OwnEngine, tmp_path: Path) -> None:
    repository = GitHistory(tmp_path / "repo.git")
    base = repository.commit({"a.py": BUGGY})
    slow, quick = (
        repository.commit({"a.py": FIXED, "test_a.py": TEST.format(seconds=seconds)}, parent=base)
        for seconds in (600, 0)
    )
    command = [GRADER, "check", str(repository.folder), "--base", base, "--no-mutants", "--json", "-", "--fix"]
    environment = {**os.environ, "DOCKER_HOST": own.host, "GRADER_STATE": str(tmp_path / "s"), "GRADER_RUNTIME": "runc"}
    with subprocess.Popen(
        [*command, slow, "--timeout", "900"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as check:
        _wait_until(lambda: _is_in_its_tests(own), seconds=120)
        own.die()
        stdout, stderr = check.communicate(timeout=120)
    assert (check.returncode, json.loads(stdout)["verdict"], stderr.count("\n")) == (3, "infra", 1), stderr
    own.start()
    again = subprocess.run([*command, quick], capture_output=True, text=True, env=environment, timeout=300)
    assert json.loads(again.stdout)["verdict"] == "fail_before_pass_after", again.stderr
    _wait_until(lambda: own.docker("ps", "-aq").stdout == "", seconds=30, tell=own.state)


def _is_in_its_tests(own: OwnEngine) -> bool:
    """Whether a container has the tree: its test has begun, or is about to."""
    running = own.docker("ps", "-q").stdout.split()
    return any(own.docker("exec", name, "test", "-e", "/work/test_a.py").returncode == 0 for name in running)


def _wait_until(holds: Callable[[], bool], *, seconds: float, tell: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it never came to that\n{tell()}"
        time.sleep(0.2)
