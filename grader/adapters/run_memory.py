"""Sandboxes that remember: runs which may be reused are answered from a folder when the same order was run before.

Only runs that ended by themselves are kept. A file that cannot be read, or holds something else, is a run to be made.
"""

import base64
import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, Finding, ImageId, Reuse, SandboxOrder, SandboxOutcome
from grader.ports import Sandboxes

KEPT: Final = 400
"""How many runs are remembered; the oldest go first."""
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of output up to which a run is worth remembering."""


class RunMemory:
    """The `Sandboxes` port over another one and a folder."""

    def __init__(self, inner: Sandboxes, folder: Path) -> None:
        self._inner = inner
        self._folder = folder

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        """See the port."""
        return self._inner.environment(recipe)

    def expect(self, order: SandboxOrder, count: int) -> None:
        """See the port."""
        self._inner.expect(order, count)

    def doctor(self) -> tuple[Finding, ...]:
        """See the port."""
        return self._inner.doctor()

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """See the port."""
        if order.reuse is Reuse.NEVER:
            return self._inner.run(order)
        file = self._folder / f"{_key(order)}.json"
        known = _read(file)
        if known is not None:
            return known
        outcome = self._inner.run(order)
        if outcome.ended is Ended.EXITED and len(outcome.stdout) + len(outcome.stderr) <= LARGEST:
            with suppress(OSError):  # a full disk costs only the memory
                self._write(file, outcome)
        return outcome

    def _write(self, file: Path, outcome: SandboxOutcome) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        document = {**asdict(outcome), "stdout": _text(outcome.stdout), "stderr": _text(outcome.stderr)}
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as fresh:
            json.dump(document, fresh)
        Path(name).replace(file)
        kept = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-KEPT]:
            old.unlink(missing_ok=True)


def _key(order: SandboxOrder) -> str:
    started = repr((order.limits, order.warm, order.hash_seed))
    parts = (order.image, order.program, started, hashlib.sha256(order.payload).hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _read(file: Path) -> SandboxOutcome | None:
    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
        output = {name: base64.b64decode(document[name], validate=True) for name in ("stdout", "stderr")}
        return SandboxOutcome(**{**document, **output, "ended": Ended(document["ended"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
