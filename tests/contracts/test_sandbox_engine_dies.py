"""An engine that dies under a run is at fault, nobody is scored for it, and nothing is left once it is back."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes, base_image
from grader.domain.sandbox import ImageId
from grader.errors import SandboxUnavailable
from tests.contracts import own_engine
from tests.contracts.conftest import Order
from tests.contracts.own_engine import OwnEngine

pytestmark = [
    pytest.mark.docker,
    pytest.mark.slow,
    pytest.mark.skipif(not own_engine.can_be_had(), reason="starting an engine of its own needs root and dockerd"),
]

SLEEP = "import time; time.sleep(600)"


@pytest.fixture(scope="module")
def own(image: ImageId) -> Iterator[OwnEngine]:
    started = OwnEngine(Path(tempfile.mkdtemp(prefix="eng-", dir="/var/tmp")))
    started.start()
    try:
        started.copy_images(image, base_image.tag())
        yield started
    finally:
        started.stop()


def test_a_dying_engine_is_at_fault_and_leaves_nothing(own: OwnEngine, order: Order, tmp_path: Path) -> None:
    sandboxes = DockerSandboxes(state=tmp_path, required_runtime="runc", host=own.host)
    began = time.monotonic()
    killer = threading.Thread(target=_kill_when_busy, args=(own,))
    killer.start()
    with pytest.raises(SandboxUnavailable):
        sandboxes.run(order(SLEEP, wall_seconds=60.0))
    killer.join()
    assert time.monotonic() - began < 30
    own.start()
    again = DockerSandboxes(state=tmp_path, required_runtime="runc", host=own.host)
    again.reap()
    deadline = time.monotonic() + 10
    while own.docker("ps", "-aq").stdout and time.monotonic() < deadline:
        time.sleep(0.2)
    assert own.docker("ps", "-aq").stdout == ""
    assert again.run(order("print('well again')")).stdout == b"well again\n"


def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match=r"unix:///nowhere.*apt-get install docker\.io"):
        DockerSandboxes(state=tmp_path, host="unix:///nowhere").reap()


def _kill_when_busy(own: OwnEngine) -> None:
    while not own.docker("ps", "-q").stdout:
        time.sleep(0.1)
    own.die()
