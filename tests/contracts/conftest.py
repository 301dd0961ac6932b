"""One engine and one image for all contract tests of a session; code to run inside goes through the probe program.

The suites of runs and of pods are held by every runtime that is there: runc on the machine's engine, and runsc on an
engine of the tests' own where one can be had.
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import EnvironmentRecipe, ImageId, Limits, SandboxOrder, SandboxOutcome
from tests.contracts import own_engine
from tests.contracts.own_engine import OwnEngine

Order = Callable[..., SandboxOrder]
Run = Callable[..., SandboxOutcome]
Containers = Callable[[], list[str]]
Check = Callable[..., bool]

FOR_EVERY_RUNTIME = {"test_sandboxes", "test_pods"}
RUNTIMES = ["runc", "runsc"] if shutil.which("runsc") and own_engine.can_be_had() else ["runc"]


@dataclass(frozen=True, slots=True)
class Place:
    """A runtime and the engine that has it; an empty host is the machine's."""

    runtime: str
    host: str

    def docker(self, *arguments: str) -> str:
        where = ["-H", self.host] if self.host else []
        return subprocess.run(["docker", *where, *arguments], capture_output=True, text=True, check=True).stdout


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "place" in metafunc.fixturenames:
        everywhere = metafunc.module.__name__.rpartition(".")[2] in FOR_EVERY_RUNTIME
        metafunc.parametrize("place", RUNTIMES if everywhere else ["runc"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "runc":
        yield Place("runc", "")
        return
    machine = DockerSandboxes(state=Path(tempfile.mkdtemp()), required_runtime="runc")
    image = machine.environment(EnvironmentRecipe())
    own = OwnEngine(Path(tempfile.mkdtemp(prefix="eng-", dir="/var/tmp")))
    own.start()
    try:
        own.copy_images(*own_engine.tags_of(image))
        yield Place("runsc", own.host)
    finally:
        own.stop()


@pytest.fixture(scope="session")
def state(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp(f"state-{place.runtime}")


@pytest.fixture(scope="session")
def sandboxes(state: Path, place: Place) -> DockerSandboxes:
    return DockerSandboxes(state=state, required_runtime=place.runtime, host=place.host)


@pytest.fixture(scope="session")
def image(sandboxes: DockerSandboxes) -> ImageId:
    return sandboxes.environment(EnvironmentRecipe())


@pytest.fixture(scope="session")
def order(image: ImageId) -> Order:
    def make(source: str, payload: bytes = b"", **limits: object) -> SandboxOrder:
        wanted = replace(Limits(wall_seconds=10.0), **limits)  # type: ignore[arg-type]
        line = json.dumps(source).encode() + b"\n"
        return SandboxOrder(image=image, program="probe", payload=line + payload, limits=wanted)

    return make


@pytest.fixture(scope="session")
def run(sandboxes: DockerSandboxes, order: Order) -> Run:
    return lambda *args, **kwargs: sandboxes.run(order(*args, **kwargs))


@pytest.fixture(scope="session")
def containers(state: Path, place: Place) -> Containers:
    """The ids of all containers of this session's installation, in whatever state."""

    def ids() -> list[str]:
        label = f"label=grader.installation={(state / 'installation').read_text()}"
        return place.docker("ps", "-aq", "--filter", label).split()

    return ids


@pytest.fixture(scope="session")
def nothing_is_left(containers: Containers) -> Check:
    """Whether all of them are gone within some seconds; the engine removes them right after their end."""

    def wait(seconds: float = 5.0) -> bool:
        deadline = time.monotonic() + seconds
        while containers() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not containers()

    return wait
