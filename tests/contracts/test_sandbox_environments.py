"""Environment images: what a recipe asks for is there, once; what it cannot have is refused in one line."""

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.sandbox import EnvironmentRecipe, SandboxOrder
from grader.errors import InputInvalid
from tests.contracts.conftest import Order

pytestmark = pytest.mark.docker

VERSION = "from importlib.metadata import version; print(*map(version, {names}))"


def versions(sandboxes: DockerSandboxes, order: Order, recipe: EnvironmentRecipe, *names: str) -> list[str]:
    image = sandboxes.environment(recipe)
    assert sandboxes.environment(recipe) == image
    asked = order(VERSION.format(names=list(names)))
    outcome = sandboxes.run(SandboxOrder(image=image, program="probe", payload=asked.payload))
    assert outcome.status == 0, outcome.stderr
    return outcome.stdout.decode().split()


def test_a_recipe_is_installed_and_its_pytest_wins(sandboxes: DockerSandboxes, order: Order) -> None:
    recipe = EnvironmentRecipe(
        requirements="iniconfig==2.0.0\n", installs=("pytest==8.3.5",), installs_no_deps=("iniconfig==2.1.0",)
    )
    assert versions(sandboxes, order, recipe, "pytest", "iniconfig") == ["8.3.5", "2.1.0"]


def test_hashes_are_kept_to(sandboxes: DockerSandboxes, order: Order) -> None:
    digest = "b6a85871a79d2e3b22d2d1b94ac2824226a63c6b741c88f7ae975f18b6778374"
    good = EnvironmentRecipe(requirements=f"iniconfig==2.0.0 --hash=sha256:{digest}\n")
    assert versions(sandboxes, order, good, "iniconfig") == ["2.0.0"]
    with pytest.raises(InputInvalid, match="does not resolve"):
        sandboxes.environment(EnvironmentRecipe(requirements=f"iniconfig==2.0.0 --hash=sha256:{'0' * 64}\n"))


@pytest.mark.slow
def test_a_package_without_a_wheel_is_built_in_a_sandbox(sandboxes: DockerSandboxes, order: Order) -> None:
    assert versions(sandboxes, order, EnvironmentRecipe(installs=("docopt==0.6.2",)), "docopt") == ["0.6.2"]


@pytest.mark.parametrize("spec", ["iniconfig==0.0.0.1", "iniconfig==2.0.0,==2.1.0"])
def test_what_does_not_resolve_is_refused(sandboxes: DockerSandboxes, spec: str) -> None:
    with pytest.raises(InputInvalid, match="does not resolve") as refused:
        sandboxes.environment(EnvironmentRecipe(installs=(spec,)))
    assert "\n" not in str(refused.value)
