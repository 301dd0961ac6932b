"""Whose a container is, and until when: the labels that the reaper goes by."""

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.errors import SettingsInvalid

INSTALLATION: Final = "grader.installation"
RUN: Final = "grader.run"
DEADLINE: Final = "grader.deadline"
OWNER: Final = "grader.owner"
START_TIME_FIELD: Final = 19
"""Index of `starttime` among the fields after the command name in /proc/PID/stat, proc(5) field 22."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """This installation, this process, and one piece of its work: what must be gone when that ends."""

    installation: str
    process: str
    run: str

    @staticmethod
    def of(state: Path) -> "Owner":
        """A new run of the state folder's installation, whose id is drawn if need be; raises SettingsInvalid."""
        try:
            installation = _installation(state / "installation")
        except OSError as error:
            reason = f"the state folder {state} cannot be used: {error.strerror}"
            raise SettingsInvalid(f"{reason}; set GRADER_STATE to one that can be written") from None
        return Owner(installation=installation, process=_process(os.getpid()) or "", run=uuid.uuid4().hex)

    def labels(self, seconds: float) -> dict[str, str]:
        """Labels of a container that must be gone `seconds` from now."""
        deadline = str(int(time.time() + seconds))
        return {INSTALLATION: self.installation, RUN: self.run, DEADLINE: deadline, OWNER: self.process}


def is_abandoned(labels: Mapping[str, str]) -> bool:
    """Whether a container's time is up, or the process on this machine that made it has ended."""
    if time.time() > _deadline(labels):
        return True
    owner = labels.get(OWNER, "")
    machine, _, rest = owner.partition("/")
    if machine != _machine():
        return False
    pid, _, _ = rest.partition("/")
    return pid.isdigit() and _process(int(pid)) != owner


def _deadline(labels: Mapping[str, str]) -> float:
    text = labels.get(DEADLINE, "")
    return float(text) if text.isdigit() else 0.0


def _installation(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as fresh:
            fresh.write(uuid.uuid4().hex)
    except FileExistsError:
        pass
    return file.read_text(encoding="utf-8").strip() or "unnamed"


def _machine() -> str:
    """This boot of this machine and this process-id namespace; empty where /proc is not Linux's."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _process(pid: int) -> str | None:
    """A name for one process that no later process gets; None when there is none."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    if after_name[0] == "Z":
        return None
    return f"{_machine()}/{pid}/{after_name[START_TIME_FIELD]}"
