"""Resolves and downloads, on the host, the wheels that an environment image installs.

pip runs with the host's own index, certificate and link settings, for the image's Python and platform. Only wheels are
taken: downloading one runs nothing of it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from packaging.utils import parse_wheel_filename

from grader.adapters.docker_sandbox.recipe import Wanted
from grader.errors import InputInvalid, SandboxUnavailable

PIP: Final = Path(__file__).with_name("pip_for_image.py")
PIP_SECONDS: Final = 600
NETWORK_FAULTS: Final = ("connection broken by", "SSLError", "ProxyError", "ReadTimeoutError", "Max retries exceeded")
OLD_GLIBC: Final = ("manylinux1", "manylinux2010", "manylinux2014")
FIRST_GLIBC: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The Python in the image: its marker environment and the platform tags that it takes."""

    markers: dict[str, str]
    platforms: tuple[str, ...]

    @property
    def python(self) -> str:
        """`3.11`."""
        return self.markers["python_version"]

    @staticmethod
    def of(markers: dict[str, str], glibc: str) -> "Target":
        """From the marker environment and the C library's version, e.g. `2.36`; newest tags first."""
        machine, newest = markers["platform_machine"], int(glibc.split(".")[1])
        tags = [f"manylinux_2_{minor}" for minor in range(newest, FIRST_GLIBC - 1, -1)]
        return Target(markers=markers, platforms=tuple(f"{tag}_{machine}" for tag in (*tags, *OLD_GLIBC, "linux")))


class _NotFound(Exception):
    """pip found no set of wheels; the argument is its last error line."""


def download(wanted: Wanted, target: Target, folder: Path) -> None:
    """Put every wheel to install into `folder`, each project once.

    Raises InputInvalid when the recipe does not resolve, SandboxUnavailable when an index cannot be reached.
    """
    pinned = f"pytest=={version('pytest')}"
    try:
        try:
            _download_with(wanted, pinned, target, folder)
        except _NotFound:
            if "pytest" in wanted.names:
                raise
            _download_with(wanted, "pytest", target, folder)
    except _NotFound as error:
        raise InputInvalid(f"the environment does not resolve: {error}") from None


def _download_with(wanted: Wanted, pytest: str, target: Target, folder: Path) -> None:
    ours = () if "pytest" in wanted.names else (pytest,)
    if wanted.hashed:
        _pip(wanted.lines, target, folder)
        _pip((*ours, *_pins(folder)), target, folder)
    else:
        _pip((*wanted.lines, *ours), target, folder)
    if wanted.alone:
        _replace(wanted.alone, target, folder)


def _replace(alone: Iterable[str], target: Target, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="grader-wheels-") as name:
        _pip(alone, target, Path(name), "--no-deps")
        fresh = sorted(Path(name).glob("*.whl"))
        projects = {_project(wheel) for wheel in fresh}
        for old in folder.glob("*.whl"):
            if _project(old) in projects:
                old.unlink()
        for wheel in fresh:
            (folder / wheel.name).write_bytes(wheel.read_bytes())


def _pins(folder: Path) -> list[str]:
    parsed = (parse_wheel_filename(wheel.name) for wheel in sorted(folder.glob("*.whl")))
    return [f"{name}=={release}" for name, release, *_ in parsed]


def _project(wheel: Path) -> str:
    return parse_wheel_filename(wheel.name)[0]


def _pip(lines: Iterable[str], target: Target, folder: Path, *options: str) -> None:
    with tempfile.TemporaryDirectory(prefix="grader-pip-") as name:
        requirements = Path(name) / "requirements.txt"
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-I", str(PIP), json.dumps(target.markers), "download", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--python-version", target.python]
        command += ["--implementation", "cp", *(f"--platform={tag}" for tag in target.platforms)]
        command += ["--dest", str(folder), *options, "-r", str(requirements)]
        try:
            done = subprocess.run(  # noqa: S603 - an argument list of ours; their lines are in a checked file
                command, cwd=name, capture_output=True, text=True, timeout=PIP_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise SandboxUnavailable(f"pip did not end within {PIP_SECONDS} s; check the package index") from None
    if done.returncode:
        _blame(done.stderr)


def _blame(stderr: str) -> None:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if any(fault in line for line in lines for fault in NETWORK_FAULTS):
        raise SandboxUnavailable("the package index cannot be reached; check the network and `pip config list`")
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    raise _NotFound(errors[-1] if errors else (lines or ["pip gave no reason"])[-1])
