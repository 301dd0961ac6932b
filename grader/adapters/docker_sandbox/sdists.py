"""Packages that come as a source archive only: fetched on the host, built in a sandbox like any hostile code."""

import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from grader.adapters.docker_sandbox.target import Target
from grader.domain.observation import Ended
from grader.domain.sandbox import MIB, EnvironmentRecipe, ImageId, Limits, SandboxOrder, SandboxOutcome
from grader.errors import InputInvalid

FETCH: Final = Path(__file__).with_name("sdist_for_image.py")
FETCH_SECONDS: Final = 180
PROJECT_FILE: Final = "pyproject.toml"
MOST_PROJECT_BYTES: Final = 256 * 1024
BUILD_LIMITS: Final = Limits(
    wall_seconds=180, memory=768 * MIB, processes=128, work=384 * MIB, output_kept=64 * MIB, output_killed=80 * MIB
)
LEGACY: Final = ("setuptools", "wheel")
"""What a package without a build section needs, by PEP 518."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Builds wheels; `environment` makes an image and `run` runs in one."""

    environment: Callable[[EnvironmentRecipe], ImageId]
    run: Callable[[SandboxOrder], SandboxOutcome]

    def build(self, requirement: str, target: Target, folder: Path) -> None:
        """Put a wheel for the requirement into `folder`; raises InputInvalid when there is no archive or it fails."""
        with tempfile.TemporaryDirectory(prefix="grader-sdist-") as name:
            archive = _fetch(requirement, target, Path(name))
            image = self.environment(EnvironmentRecipe(installs=("pip", *_build_requirements(archive))))
            payload = archive.name.encode() + b"\n" + archive.read_bytes()
        order = SandboxOrder(image=image, program="wheel", payload=payload, limits=BUILD_LIMITS)
        wheel, content = _wheel(requirement, self.run(order))
        (folder / wheel).write_bytes(content)


def _fetch(requirement: str, target: Target, folder: Path) -> Path:
    command = [sys.executable, "-I", str(FETCH), json.dumps(target.markers), str(folder), "--quiet", "--no-input"]
    command += ["--no-binary=:all:", "--python-version", target.python, "--no-deps", requirement]
    try:
        done = subprocess.run(  # noqa: S603 - an argument list of ours; the requirement was parsed
            command, cwd=folder, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        done = None
    fetched = folder / Path(done.stdout.strip()).name if done and done.returncode == 0 else None
    if fetched is None or not fetched.is_file():
        raise InputInvalid(f"the environment does not resolve: no package satisfies {requirement}")
    return fetched


def _build_requirements(archive: Path) -> tuple[str, ...]:
    """What the archive's own project file asks for, names only; a file that cannot be read asks for the usual."""
    try:
        section = tomllib.loads(_project_file(archive)).get("build-system", {})
        lines = [str(Requirement(line)) for line in section.get("requires", LEGACY)]
    except (tomllib.TOMLDecodeError, InvalidRequirement, AttributeError, TypeError, UnicodeDecodeError):
        return LEGACY
    return tuple(lines) or LEGACY


def _project_file(archive: Path) -> str:
    """The text of the topmost project file, capped; nothing is extracted."""
    try:
        if archive.suffix == ".zip":
            return _from_zip(archive)
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile() and _is_topmost(member.name) and member.size <= MOST_PROJECT_BYTES:
                    found = tar.extractfile(member)
                    return found.read().decode() if found else ""
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError):
        return ""
    return ""


def _from_zip(archive: Path) -> str:
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            if _is_topmost(member.filename) and member.file_size <= MOST_PROJECT_BYTES:
                with packed.open(member) as file:
                    return file.read(MOST_PROJECT_BYTES).decode()
    return ""


def _is_topmost(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(f"/{PROJECT_FILE}")


def _wheel(requirement: str, outcome: SandboxOutcome) -> tuple[str, bytes]:
    """The name and bytes that the build gave, as hostile as its code."""
    first, _, content = outcome.stdout.partition(b"\n")
    name = first.decode("ascii", errors="replace")
    try:
        project = parse_wheel_filename(name)[0]
    except InvalidWheelFilename:
        project = None
    wanted = canonicalize_name(Requirement(requirement).name)
    if outcome.ended is Ended.EXITED and outcome.status == 0 and project == wanted and "/" not in name:
        return name, content
    said = [line.strip() for line in outcome.stderr.decode(errors="replace").splitlines() if "rror" in line]
    why = said[-1][:200] if said else outcome.ended.value
    raise InputInvalid(f"{requirement} has no wheel, and building one without a compiler and network fails: {why}")
