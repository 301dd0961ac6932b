"""Resolves and downloads, on the host, the wheels that an environment image installs.

pip runs with the host's own index, certificate and link settings, for the image's Python and platform. Only wheels are
taken, for downloading one runs nothing of it. What no index has as a wheel is built elsewhere and offered beside it.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import parse_wheel_filename

from grader.adapters.docker_sandbox.recipe import Wanted
from grader.adapters.docker_sandbox.target import Target
from grader.errors import InputInvalid, SandboxUnavailable

PIP: Final = Path(__file__).with_name("pip_for_image.py")
PIP_SECONDS: Final = 600
NETWORK_FAULTS: Final = ("connection broken by", "SSLError", "ProxyError", "ReadTimeoutError", "Max retries exceeded")
NO_WHEEL: Final = re.compile(r"No matching distribution found for (\S.*)$")
MOST_SDISTS: Final = 20

Build = Callable[[str, Target, Path], None]
"""Puts a wheel that satisfies a requirement into a folder; raises InputInvalid when it cannot."""


class _NotFound(Exception):
    """pip found no set of wheels; the argument is its last error line."""


def download(wanted: Wanted, target: Target, folder: Path, build: Build) -> None:
    """Put every wheel to install into `folder`, each project once; `build` makes those that no index has.

    Raises InputInvalid when the recipe does not resolve, SandboxUnavailable when an index cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="grader-built-") as name:
        built, tried = Path(name), set[str]()
        while True:
            try:
                return _download_ours_too(wanted, target, folder, built)
            except _NotFound as error:
                missing = _missing(error)
                if missing is None or missing in tried or len(tried) == MOST_SDISTS:
                    raise InputInvalid(f"the environment does not resolve: {error}") from None
                tried.add(missing)
            build(missing, target, built)


def _missing(error: _NotFound) -> str | None:
    """The requirement for which no index has a wheel, without extras and markers; None when that is not the reason."""
    found = NO_WHEEL.search(str(error))
    try:
        parsed = Requirement(found[1]) if found else None
    except InvalidRequirement:
        return None
    return f"{parsed.name}{parsed.specifier}" if parsed else None


def _download_ours_too(wanted: Wanted, target: Target, folder: Path, built: Path) -> None:
    """With the grader's own pytest, or another where the recipe leaves no room for that."""
    try:
        _download_with(wanted, f"pytest=={version('pytest')}", _Place(target=target, folder=folder, built=built))
    except _NotFound as error:
        if "pytest" in wanted.names or _missing(error):
            raise
        _download_with(wanted, "pytest", _Place(target=target, folder=folder, built=built))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where wheels go, for whom, and where some that no index has lie."""

    target: Target
    folder: Path
    built: Path


def _download_with(wanted: Wanted, pytest: str, place: _Place) -> None:
    ours = () if "pytest" in wanted.names else (pytest,)
    if wanted.hashed:
        _pip(wanted.lines, place)
        _pip((*ours, *_pins(place.folder)), place)
    else:
        _pip((*wanted.lines, *ours), place)
    if wanted.alone:
        _replace(wanted.alone, place)


def _replace(alone: Iterable[str], place: _Place) -> None:
    with tempfile.TemporaryDirectory(prefix="grader-wheels-") as name:
        _pip(alone, replace(place, folder=Path(name)), "--no-deps")
        fresh = sorted(Path(name).glob("*.whl"))
        projects = {_project(wheel) for wheel in fresh}
        for old in place.folder.glob("*.whl"):
            if _project(old) in projects:
                old.unlink()
        for wheel in fresh:
            (place.folder / wheel.name).write_bytes(wheel.read_bytes())


def _pins(folder: Path) -> list[str]:
    parsed = (parse_wheel_filename(wheel.name) for wheel in sorted(folder.glob("*.whl")))
    return [f"{name}=={release}" for name, release, *_ in parsed]


def _project(wheel: Path) -> str:
    return parse_wheel_filename(wheel.name)[0]


def _pip(lines: Iterable[str], place: _Place, *options: str) -> None:
    with tempfile.TemporaryDirectory(prefix="grader-pip-") as name:
        requirements = Path(name) / "requirements.txt"
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-I",
            str(PIP),
            json.dumps(place.target.markers),
            "download",
            "--quiet",
            "--no-input",
        ]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--python-version", place.target.python]
        command += ["--implementation", "cp", *(f"--platform={tag}" for tag in place.target.platforms)]
        command += ["--dest", str(place.folder), "--find-links", str(place.built), *options, "-r", str(requirements)]
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
