"""One engine and one image for all contract tests of a session; code to run inside goes through the probe program."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import EnvironmentRecipe, ImageId, Limits, SandboxOrder, SandboxOutcome

Order = Callable[..., SandboxOrder]
Run = Callable[..., SandboxOutcome]


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def sandboxes(state: Path) -> DockerSandboxes:
    return DockerSandboxes(state=state, runtime="runc")


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
