"""One engine and one image for all contract tests of a session; code to run inside goes through the probe program."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import EnvironmentRecipe, ImageId, Limits, SandboxOrder, SandboxOutcome

Order = Callable[..., SandboxOrder]
Run = Callable[..., SandboxOutcome]
Containers = Callable[[], list[str]]
Check = Callable[..., bool]


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def sandboxes(state: Path) -> DockerSandboxes:
    return DockerSandboxes(state=state, required_runtime="runc")


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
def containers(state: Path) -> Containers:
    """The ids of all containers of this session's installation, in whatever state."""

    def ids() -> list[str]:
        label = f"label=grader.installation={(state / 'installation').read_text()}"
        done = subprocess.run(["docker", "ps", "-aq", "--filter", label], capture_output=True, text=True, check=True)
        return done.stdout.split()

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
