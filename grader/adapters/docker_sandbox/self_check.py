"""What an engine was found to be able to do, remembered: a success for good, a failure for an hour."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grader.errors import SandboxUnavailable

FORGET_SECONDS: Final = 3600
"""A busy machine can be the reason of a failure."""


def remembered(subject: str, works: Callable[[], bool], memory: Path) -> bool:
    """What `works` found of this subject, from the file `memory` where that knows; it is asked and noted otherwise.

    A self-check that cannot be made (SandboxUnavailable) has failed.
    """
    try:
        before = json.loads(memory.read_text(encoding="utf-8"))
        if before["subject"] == subject and (before["works"] or time.time() - before["at"] < FORGET_SECONDS):
            return bool(before["works"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        answer = works()
    except SandboxUnavailable:
        answer = False
    memory.write_text(json.dumps({"subject": subject, "works": answer, "at": time.time()}), encoding="utf-8")
    return answer
