"""Environment images: what a recipe asks for, built once and found again by content."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from grader.adapters.docker_sandbox import base_image, recipe, wheels
from grader.adapters.docker_sandbox.build import Context, build
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.lock import one_at_a_time
from grader.adapters.docker_sandbox.programs import FOLDER, programs
from grader.adapters.docker_sandbox.sdists import Workshop
from grader.adapters.docker_sandbox.target import Target
from grader.domain.sandbox import EnvironmentRecipe, ImageId, SandboxOrder, SandboxOutcome

PACKAGES: Final = "packages.Dockerfile"
PROGRAMS: Final = "programs.Dockerfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Finds or makes images on one engine; `describe` asks an image which Python it holds.

    An image is made in three layers, each found again by what it is made of: base, packages, programs.
    """

    engine: Engine
    state: Path
    say: Callable[[str], None]
    describe: Callable[[str], Target]
    run: Callable[[SandboxOrder], SandboxOutcome]

    def get(self, wanted: EnvironmentRecipe) -> ImageId:
        """The image for a recipe; see `grader.ports.Sandboxes.environment`."""
        checked = recipe.read(wanted)
        base = self._once(base_image.tag(), lambda: base_image.make(self.engine, self.say))
        packages = f"grader-packages:{_key(asdict(wanted), base, version('pytest'), _recipe(PACKAGES))}"
        held = self._once(packages, lambda: self._install(checked, packages))
        tag = f"grader-environment:{_key(held, _digests(programs()), _recipe(PROGRAMS))}"
        return ImageId(self._once(tag, lambda: self._add_programs(packages, tag)))

    def _once(self, tag: str, make: Callable[[], str]) -> str:
        found = self.engine.image(tag)
        if found is None:
            with one_at_a_time(self.state / "locks" / tag.replace(":", "-")):
                found = self.engine.image(tag) or make()
        return found

    def _install(self, wanted: recipe.Wanted, tag: str) -> str:
        target = self.describe(base_image.tag())
        with tempfile.TemporaryDirectory(prefix="grader-wheels-") as name:
            folder = Path(name)
            self.say("downloading the packages of the environment")
            wheels.download(wanted, target, folder, Workshop(environment=self.get, run=self.run).build)
            content = {f"install/wheels/{wheel.name}": wheel.read_bytes() for wheel in folder.glob("*.whl")}
        self.say("building the environment image")
        content |= {**_pip_itself(), "Dockerfile": _recipe(PACKAGES).encode()}
        return build(self.engine, Context(content), tag, {"BASE": base_image.tag()})

    def _add_programs(self, packages: str, tag: str) -> str:
        content = {f"programs/{path}": source for path, source in programs().items()}
        content["Dockerfile"] = _recipe(PROGRAMS).encode()
        return build(self.engine, Context(content), tag, {"PACKAGES": packages})


def _recipe(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _digests(content: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(source).hexdigest() for path, source in content.items()}


def _pip_itself() -> dict[str, bytes]:
    """The pip that runs in the build stage; it does not reach the image."""
    package = Path(str(files("pip")))
    sources = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {f"install/pip/{path.relative_to(package).as_posix()}": path.read_bytes() for path in sources}
