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
from grader.domain.sandbox import EnvironmentRecipe, ImageId

Say = Callable[[str], None]
MARKERS_PROGRAM: Final = "describe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Finds or makes images on one engine; `describe` asks an image which Python it holds."""

    engine: Engine
    state: Path
    say: Say
    describe: Callable[[str], wheels.Target]

    def get(self, wanted: EnvironmentRecipe) -> ImageId:
        """The image for a recipe; see `grader.ports.Sandboxes.environment`."""
        checked = recipe.read(wanted)
        base = self.engine.image(base_image.tag())
        if base is None:
            with one_at_a_time(self.state / "base-image.lock"):
                base = self.engine.image(base_image.tag()) or base_image.make(self.engine, self.say)
        tag = _tag(wanted, base)
        found = self.engine.image(tag)
        if found is None:
            with one_at_a_time(self.state / "environment-image.lock"):
                found = self.engine.image(tag) or self._make(checked, tag)
        return ImageId(found)

    def _make(self, wanted: recipe.Wanted, tag: str) -> str:
        target = self.describe(base_image.tag())
        with tempfile.TemporaryDirectory(prefix="grader-wheels-") as name:
            folder = Path(name)
            self.say("downloading the packages of the environment")
            wheels.download(wanted, target, folder)
            self.say("building the environment image")
            content = {f"install/wheels/{wheel.name}": wheel.read_bytes() for wheel in folder.glob("*.whl")}
        content |= _pip_itself()
        content |= {f"programs/{path}": source for path, source in programs().items()}
        content["Dockerfile"] = (FOLDER / "Dockerfile").read_bytes()
        return build(self.engine, Context(content), tag, {"BASE": base_image.tag()})


def _tag(wanted: EnvironmentRecipe, base: str) -> str:
    parts = (asdict(wanted), base, version("pytest"), _digest(programs()), (FOLDER / "Dockerfile").read_text("utf-8"))
    return f"grader-environment:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def _digest(content: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(source).hexdigest() for path, source in content.items()}


def _pip_itself() -> dict[str, bytes]:
    """The pip that runs in the build stage; it does not reach the image."""
    package = Path(str(files("pip")))
    sources = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {f"install/pip/{path.relative_to(package).as_posix()}": path.read_bytes() for path in sources}
