"""The `Sandboxes` port as plain subprocesses, for the tests' own harmless suites; nothing is confined."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, Finding, ImageId, SandboxOrder, SandboxOutcome
from grader.errors import SandboxUnavailable

PROGRAMS = Path(__file__).parents[2] / "sandboxes"


class LocalSandboxes:
    """Runs a program of `sandboxes/` in a new folder; `dies_after` runs it is an engine that is gone."""

    def __init__(self, dies_after: int | None = None) -> None:
        self.orders: list[SandboxOrder] = []
        self.dies_after = dies_after

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        return ImageId("local")

    def doctor(self) -> tuple[Finding, ...]:
        return ()

    def expect(self, order: SandboxOrder, count: int) -> None:
        """See the port; nothing is ever cold here."""

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        if self.dies_after is not None and len(self.orders) >= self.dies_after:
            raise SandboxUnavailable("the engine is gone")
        self.orders.append(order)
        with tempfile.TemporaryDirectory() as root:
            started = time.monotonic()
            program = PROGRAMS / f"{order.program}.py"
            environment = {"PATH": os.environ["PATH"], "GRADER_SUITE_ROOT": os.path.realpath(root), "HOME": root}
            environment["PYTHONHASHSEED"] = str(order.hash_seed)
            try:
                done = subprocess.run(
                    [sys.executable, "-s", "-P", program, *order.warm],
                    input=order.payload,
                    capture_output=True,
                    env=environment,
                    timeout=order.limits.wall_seconds,
                )
            except subprocess.TimeoutExpired as late:
                return _outcome(Ended.WALL_LIMIT, None, late.stdout or b"", late.stderr or b"", started)
            return _outcome(Ended.EXITED, done.returncode, done.stdout, done.stderr, started)


def _outcome(ended: Ended, status: int | None, stdout: bytes, stderr: bytes, started: float) -> SandboxOutcome:
    seconds = time.monotonic() - started
    return SandboxOutcome(ended=ended, status=status, stdout=stdout, stderr=stderr, seconds=seconds, runtime="local")
