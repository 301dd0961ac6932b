"""What every adapter of the Sandboxes port must do."""

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, ImageId, SandboxOrder

pytestmark = pytest.mark.docker


@pytest.fixture(scope="session")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> DockerSandboxes:
    return DockerSandboxes(state=tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def image(sandboxes: DockerSandboxes) -> ImageId:
    return sandboxes.environment(EnvironmentRecipe())


def test_a_program_gets_its_payload_and_its_end_is_told(sandboxes: DockerSandboxes, image: ImageId) -> None:
    outcome = sandboxes.run(SandboxOrder(image=image, program="app_adapter", payload=b""))
    assert outcome.ended is Ended.EXITED
    assert outcome.status == 0
