"""Which container runtime runs submissions: gVisor's runsc where it is there and works, else runc.

runsc is a second kernel between a submission and the host's. It may be there and hang for ever at its start (its kvm
platform does on some kernels), hence a self-check with a deadline before it is used.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine
from grader.adapters.docker_sandbox.self_check import remembered
from grader.domain.sandbox import Limits
from grader.errors import SandboxUnavailable, SettingsInvalid

RUNC: Final = "runc"
RUNSC: Final = "runsc"
RUNSC_POD: Final = "runsc-pod"
"""runsc with `--network=host`: its containers share the pod's loopback, which those of plain runsc cannot."""
SLOWER: Final = 1.5
RUNSC_PROCESSES: Final = 512
"""The engine's process limit counts runsc's own threads; a lower one makes it panic."""
INSTALL: Final = "install runsc and add it to the runtimes in /etc/docker/daemon.json (docs/operations.md)"

Works = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtimes:
    """The runtime for single containers and the one for pods."""

    single: str
    pod: str


def choose(engine: Engine, required: str, works: Works, memory: Path) -> Runtimes:
    """The best runtime, or the required one.

    `works` is the self-check; what it found is remembered in the file `memory` for this engine and runtime. Raises
    SettingsInvalid for an unknown name, SandboxUnavailable when the required one is not there or fails its self-check.
    """
    if required not in {"", RUNC, RUNSC}:
        raise SettingsInvalid(f"GRADER_RUNTIME={required!r} is unknown; use runsc or runc, or leave it out")
    known = _known(engine)
    if required == RUNC or (not required and RUNSC not in known):
        return Runtimes(single=RUNC, pod=RUNC)
    if RUNSC not in known:
        raise SandboxUnavailable(f"GRADER_RUNTIME asks for runsc, which the container engine does not have: {INSTALL}")
    subject = json.dumps([known[""], known[RUNSC]], sort_keys=True)
    if remembered(subject, lambda: works(RUNSC), memory):
        return Runtimes(single=RUNSC, pod=RUNSC_POD if RUNSC_POD in known else "" if required else RUNC)
    if required:
        raise SandboxUnavailable("GRADER_RUNTIME asks for runsc, which fails its self-check: try --platform=ptrace")
    return Runtimes(single=RUNC, pod=RUNC)


def fit(limits: Limits, runtime: str) -> Limits:
    """The same limits for a runtime that needs more of some to do the same work (factors: docs/threat-model.md)."""
    if runtime == RUNC:
        return limits
    return replace(
        limits,
        wall_seconds=limits.wall_seconds * SLOWER,
        memory=int(limits.memory * SLOWER),
        processes=max(limits.processes, RUNSC_PROCESSES),
    )


def _known(engine: Engine) -> dict[str, Any]:
    with blaming_the_engine("name its runtimes"):
        info: dict[str, Any] = engine.api.info()
    return {**info["Runtimes"], "": [info["ID"], info.get("KernelVersion")]}
