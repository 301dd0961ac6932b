"""Where the files that go into images lie: `sandboxes/` of a checkout, or their copy in the installed package."""

from pathlib import Path
from typing import Final

import grader

_PACKAGE = Path(grader.__file__).parent
FOLDER: Final = _PACKAGE / "_sandboxes" if (_PACKAGE / "_sandboxes").is_dir() else _PACKAGE.parent / "sandboxes"


def programs() -> dict[str, bytes]:
    """Every program that an image holds at `/opt/grader/`, by file name."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.py"))}


def seccomp_profile() -> str:
    """The allow-list of system calls, as the engine takes it."""
    return (FOLDER / "seccomp.json").read_text(encoding="utf-8")
