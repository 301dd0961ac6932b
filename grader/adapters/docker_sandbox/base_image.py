"""Makes the base image: Python from an image registry, or from the distribution's mirror where there is none."""

import hashlib
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from docker import errors

from grader.adapters.docker_sandbox.build import Context, build
from grader.adapters.docker_sandbox.engine import BROKEN, Engine, blaming_the_engine
from grader.adapters.docker_sandbox.programs import FOLDER
from grader.errors import SandboxUnavailable

ORIGIN: Final = "python:3.12-slim-bookworm"
ROOTFS_SECONDS: Final = 600
PATH: Final = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MMDEBSTRAP: Final = ("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3")
LEFT_OUT: Final = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def tag() -> str:
    """The base image's tag, which changes with its recipe."""
    recipe = (FOLDER / "base.Dockerfile").read_bytes() + ORIGIN.encode() + repr(MMDEBSTRAP).encode()
    return f"grader-base:{hashlib.sha256(recipe).hexdigest()[:16]}"


def make(engine: Engine, say: Callable[[str], None]) -> str:
    """Make the base image and give its id; raises SandboxUnavailable when neither way works."""
    say(f"fetching {ORIGIN}")
    origin = ORIGIN if _pull(engine) else _import(engine, say)
    say("building the base image")
    context = Context({"Dockerfile": (FOLDER / "base.Dockerfile").read_bytes()})
    return build(engine, context, tag(), {"ORIGIN": origin})


def _pull(engine: Engine) -> bool:
    repository, _, version = ORIGIN.partition(":")
    try:
        engine.builder.pull(repository, tag=version)
    except (errors.DockerException, *BROKEN):
        return False
    return engine.image(ORIGIN) is not None


def _import(engine: Engine, say: Callable[[str], None]) -> str:
    if not shutil.which("mmdebstrap"):
        raise SandboxUnavailable(
            f"{ORIGIN} cannot be pulled and mmdebstrap is not installed: `apt-get install mmdebstrap` mends it"
        )
    suite = _suite()
    say(f"no image registry answers; making a {suite} system with mmdebstrap (once, about half a minute)")
    with tempfile.TemporaryDirectory(prefix="grader-base-") as name:
        rootfs = Path(name) / "rootfs.tar"
        _mmdebstrap(suite, rootfs)
        with blaming_the_engine("import the base system"), rootfs.open("rb") as data:
            engine.builder.import_image_from_data(data, repository="grader-origin", tag=suite, changes=[PATH])
    return f"grader-origin:{suite}"


def _mmdebstrap(suite: str, rootfs: Path) -> None:
    command = [*MMDEBSTRAP, *(f"--dpkgopt=path-exclude={glob}" for glob in LEFT_OUT), suite, str(rootfs)]
    try:
        done = subprocess.run(  # noqa: S603 - nothing of a caller's is in it
            command, capture_output=True, text=True, timeout=ROOTFS_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"mmdebstrap failed: {error}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("E:")] or ["it gave no reason"]
        raise SandboxUnavailable(f"mmdebstrap failed: {said[0]}; check that the Debian mirror can be reached")


def _suite() -> str:
    release = platform.freedesktop_os_release()
    return release.get("VERSION_CODENAME", "bookworm")
