"""Sandboxes on a container engine that speaks Docker's API."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final
from weakref import finalize

from grader.adapters.docker_sandbox import base_image, doctor, engine, environments, loopback, reaper, runtime
from grader.adapters.docker_sandbox.container import GRACE_SECONDS, SERVICE, WARM_SECONDS, Specification, program
from grader.adapters.docker_sandbox.dialogue import ContainerDialogue
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.lock import one_at_a_time
from grader.adapters.docker_sandbox.owner import Owner
from grader.adapters.docker_sandbox.pod import ContainerPod
from grader.adapters.docker_sandbox.pool import WarmPool
from grader.adapters.docker_sandbox.run import Held, finish, hold, run_once, started
from grader.adapters.docker_sandbox.runtime import RUNC, RUNSC_POD, Runtimes
from grader.adapters.docker_sandbox.target import Target
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

    def __init__(
        self, *, state: Path, required_runtime: str = "", host: str = "", say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._state = state
        self._required = required_runtime
        self._host = host
        self._say = say

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        """See the port."""
        made = environments.Environments(
            engine=self._engine, state=self._state, say=self._say, describe=self._describe, run=self.run
        )
        return made.get(recipe)

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """See the port."""
        wanted = self._specify(order, "none")
        with closing(self._pool.take(wanted) or hold(self._engine, wanted)) as held:
            return finish(self._engine, wanted, held.running, order.payload)

    def expect(self, order: SandboxOrder, count: int) -> None:
        """See the port."""
        self._pool.expect(self._specify(order, "none"), count)

    def close(self) -> None:
        """Remove what was started ahead and whatever else is left; done at exit by itself."""
        self._pool.close()
        reaper.settle(self._connection, self._owner)

    @contextmanager
    def pod(self, service: SandboxOrder) -> Iterator[ContainerPod]:
        """See the port."""
        plain = self._specification(service.image, program(service.program), service.limits, self._pod_runtime())
        wanted = replace(plain, user=SERVICE)
        with started(self._engine, wanted) as running:
            dialogue = ContainerDialogue(self._engine, wanted, running, service.payload)
            network = f"container:{running.id}"
            with closing(self._new_pool()) as pool:
                yield ContainerPod(
                    engine=self._engine, service=dialogue, network=network, specify=self._specify, pool=pool
                )

    def reap(self) -> int:
        """Remove what earlier graders of this installation left behind; gives the number of containers."""
        return reaper.reap(self._connection, self._owner)

    def doctor(self) -> tuple[Finding, ...]:
        """See the port."""
        return doctor.examine(lambda: self._connection, self._owner, lambda: self._runtimes)

    @cached_property
    def _connection(self) -> Engine:
        connected = engine.connect(self._host)
        finalize(self, connected.close)
        return connected

    @cached_property
    def _engine(self) -> Engine:
        self.reap()
        finalize(self, reaper.settle, self._connection, self._owner)
        return self._connection

    @cached_property
    def _pool(self) -> WarmPool:
        pool = self._new_pool()
        finalize(self, pool.close)
        return pool

    def _new_pool(self) -> WarmPool:
        return WarmPool(partial(_start_ahead, self._engine, self._owner))

    @cached_property
    def _owner(self) -> Owner:
        return Owner.of(self._state)

    @cached_property
    def _runtimes(self) -> Runtimes:
        with one_at_a_time(self._state / "runtime.lock"):
            return runtime.choose(self._engine, self._required, self._works, self._state / "runtime.json")

    @cached_property
    def _hosts(self) -> str:
        labels = self._owner.labels(START_ALLOWANCE)
        with one_at_a_time(self._state / "loopback.lock"):
            return loopback.hosts_file(
                self._engine, base_image.tag(), labels, self._has_loopback, self._state / "loopback.json"
            )

    def _specify(self, order: SandboxOrder, network: str) -> Specification:
        kind = self._pod_runtime() if network != "none" else self._runtimes.single
        command = program(order.program, order.warm)
        plain = self._specification(order.image, command, order.limits, kind)
        hosts = self._hosts if network == "none" and kind == RUNC else ""
        return replace(plain, network=network, hosts=hosts, hash_seed=order.hash_seed)

    def _pod_runtime(self) -> str:
        if not self._runtimes.pod:
            raise SandboxUnavailable(
                f"GRADER_RUNTIME=runsc needs the runtime {RUNSC_POD} for pods: see docs/operations.md"
            )
        return self._runtimes.pod

    def _specification(self, image: str, command: tuple[str, ...], limits: Limits, kind: str) -> Specification:
        fitted = runtime.fit(limits, kind)
        plain = Specification(image=image, command=command, limits=fitted, runtime=kind, labels={})
        return _labelled(plain, self._owner)

    def _works(self, kind: str) -> bool:
        """The self-check of a runtime: does Python start in it, within the deadlines?"""
        wanted = self._specification(base_image.tag(), ("python3", "-I", "-c", "print(6 * 7)"), Limits(), kind)
        return run_once(self._engine, wanted, b"").stdout == b"42\n"

    def _has_loopback(self, hosts: str) -> bool:
        """The self-check of a network that is made as in `loopback`."""
        plain = self._specification(base_image.tag(), ("python3", "-I", "-c", loopback.CHECK), Limits(), RUNC)
        return run_once(self._engine, replace(plain, hosts=hosts), b"").stdout == loopback.ANSWER

    def _describe(self, image: str) -> Target:
        wanted = self._specification(image, ("python3", "-I", "-c", DESCRIBE), Limits(), RUNC)
        outcome = run_once(self._engine, wanted, b"")
        try:
            markers, glibc = json.loads(outcome.stdout)
        except ValueError:
            said = outcome.stderr.decode(errors="replace")[-200:]
            raise SandboxUnavailable(f"the base image has no working Python: {said}") from None
        return Target.of(markers, glibc)


def _start_ahead(connected: Engine, owner: Owner, wanted: Specification) -> Held:
    return hold(connected, _labelled(replace(wanted, waits=float(WARM_SECONDS)), owner))


def _labelled(plain: Specification, owner: Owner) -> Specification:
    seconds = plain.limits.wall_seconds + plain.waits + GRACE_SECONDS + START_ALLOWANCE
    return replace(plain, labels=owner.labels(seconds))
