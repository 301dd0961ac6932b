"""What is asked of a sandbox and what comes back; values only."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from grader.domain.observation import Ended

ImageId = NewType("ImageId", str)
"""A content-addressed image: `sha256:…`."""

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one run; sizes in bytes. The defaults are those of docs/threat-model.md."""

    wall_seconds: float = 20.0
    memory: int = 256 * MIB
    processes: int = 64
    cpus: float = 1.0
    work: int = 32 * MIB
    tmp: int = 16 * MIB
    output_kept: int = 256 * 1024
    output_killed: int = 4 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRecipe:
    """What an environment image installs; equal recipes give the same image.

    `requirements` is the text of a pip requirements file; `installs` and `installs_no_deps` are pip specifiers.
    """

    requirements: str | None = None
    installs: tuple[str, ...] = ()
    installs_no_deps: tuple[str, ...] = ()


class Reuse(StrEnum):
    """Whether an earlier outcome of the same order may stand for a new run."""

    NEVER = "never"
    BY_CONTENT = "by_content"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOrder:
    """One disposable run: `program` names a file of `sandboxes/`, `payload` is all that its stdin will hold.

    `warm` names modules that the program imports before it reads; `hash_seed` is Python's.
    """

    image: ImageId
    program: str
    payload: bytes
    limits: Limits = field(default_factory=Limits)
    reuse: Reuse = Reuse.NEVER
    warm: tuple[str, ...] = ()
    hash_seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOutcome:
    """How the run ended; `status` is None when a limit ended it. Output is what was kept of it."""

    ended: Ended
    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    runtime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `grader sandbox doctor`: what was looked at, whether it is well, and how to mend it if not."""

    id: str
    well: bool
    detail: str
    mend: str = ""
