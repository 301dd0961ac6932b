"""Sandboxes on a container engine that speaks Docker's API."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

from grader.adapters.docker_sandbox import engine, environments, reaper
from grader.adapters.docker_sandbox.container import GRACE_SECONDS, SERVICE, Specification, program
from grader.adapters.docker_sandbox.dialogue import ContainerDialogue
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.owner import Owner
from grader.adapters.docker_sandbox.pod import ContainerPod
from grader.adapters.docker_sandbox.run import run_once, started
from grader.adapters.docker_sandbox.wheels import Target
from grader.domain.sandbox import (
    EnvironmentRecipe,
    Finding,
    ImageId,
    Limits,
    SandboxOrder,
    SandboxOutcome,
)
from grader.errors import SandboxUnavailable

START_ALLOWANCE: Final = 60
"""Seconds that a container may take to be created, started and removed, on top of its wall limit."""
DESCRIBE: Final = """
import json, os, platform, sys
print(json.dumps([{
    "implementation_name": sys.implementation.name, "implementation_version": platform.python_version(),
    "os_name": os.name, "platform_machine": platform.machine(), "platform_system": platform.system(),
    "platform_python_implementation": platform.python_implementation(),
    "python_full_version": platform.python_version(), "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
}, platform.libc_ver()[1]]))
"""


class DockerSandboxes:
    """See `grader.ports.Sandboxes`. Connects on first use and then removes what a killed grader left behind."""

    def __init__(self, *, state: Path, runtime: str = "", say: Callable[[str], None] = lambda _: None) -> None:
        self._state = state
        self._runtime_wanted = runtime
        self._say = say

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        """See the port."""
        made = environments.Environments(engine=self._engine, state=self._state, say=self._say, describe=self._describe)
        return made.get(recipe)

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """See the port."""
        return run_once(self._engine, self._specify(order, "none"), order.payload)

    @contextmanager
    def pod(self, service: SandboxOrder) -> Iterator[ContainerPod]:
        """See the port."""
        wanted = replace(self._specify(service, "none"), user=SERVICE)
        with started(self._engine, wanted) as running:
            dialogue = ContainerDialogue(self._engine, wanted, running, service.payload)
            network = f"container:{running.id}"
            yield ContainerPod(engine=self._engine, service=dialogue, network=network, specify=self._specify)

    def reap(self) -> int:
        """Remove what earlier graders of this installation left behind; gives the number of containers."""
        return reaper.reap(self._connection, self._owner)

    def doctor(self) -> tuple[Finding, ...]:
        """See the port."""
        try:
            return (Finding(id="engine", well=True, detail=f"a container engine answers at {self._engine.where}"),)
        except SandboxUnavailable as error:
            return (Finding(id="engine", well=False, detail=str(error), mend="apt-get install docker.io"),)

    @cached_property
    def _connection(self) -> Engine:
        return engine.connect()

    @cached_property
    def _engine(self) -> Engine:
        self.reap()
        return self._connection

    @cached_property
    def _owner(self) -> Owner:
        return Owner.of(self._state)

    @cached_property
    def _runtime(self) -> str:
        return self._runtime_wanted or "runc"

    def _specify(self, order: SandboxOrder, network: str) -> Specification:
        return replace(self._specification(order.image, program(order.program), order.limits), network=network)

    def _specification(self, image: str, command: tuple[str, ...], limits: Limits) -> Specification:
        seconds = limits.wall_seconds + GRACE_SECONDS + START_ALLOWANCE
        labels = self._owner.labels(uuid.uuid4().hex, seconds)
        return Specification(image=image, command=command, limits=limits, runtime=self._runtime, labels=labels)

    def _describe(self, image: str) -> Target:
        wanted = self._specification(image, ("python3", "-I", "-c", DESCRIBE), Limits())
        outcome = run_once(self._engine, wanted, b"")
        try:
            markers, glibc = json.loads(outcome.stdout)
        except ValueError:
            said = outcome.stderr.decode(errors="replace")[-200:]
            raise SandboxUnavailable(f"the base image has no working Python: {said}") from None
        return Target.of(markers, glibc)
