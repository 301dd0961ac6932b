"""Looks at a container engine with a grader's eyes: can it run submissions, and how well does it hold them in?"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from grader.adapters.docker_sandbox import base_image
from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine
from grader.adapters.docker_sandbox.owner import INSTALLATION, Owner, is_abandoned
from grader.adapters.docker_sandbox.runtime import RUNSC, Runtimes
from grader.domain.sandbox import Finding
from grader.errors import GraderError

LIMITS: Final = {"MemoryLimit": "memory", "PidsLimit": "processes", "CpuCfsQuota": "processor time"}
CGROUPS: Final = "boot with the cgroup controllers memory, pids and cpu enabled"


def examine(connect: Callable[[], Engine], owner: Owner, runtimes: Callable[[], Runtimes]) -> tuple[Finding, ...]:
    """Every finding, the engine's first; when there is none, that is the only one. Never raises."""
    try:
        engine = connect()
        with blaming_the_engine("describe itself"):
            about: dict[str, Any] = engine.api.info()
    except GraderError as error:
        return (Finding(id="engine", well=False, detail=str(error), mend="apt-get install docker.io"),)
    detail = f"{about.get('ServerVersion')} at {engine.where}, storage {about.get('Driver')}"
    return (
        Finding(id="engine", well=True, detail=detail),
        *_limits(about),
        _seccomp(about),
        _image(engine),
        _runtime(runtimes),
        _leftovers(engine, owner),
    )


def _limits(about: dict[str, Any]) -> Iterator[Finding]:
    for key, what in LIMITS.items():
        well = bool(about.get(key))
        detail = f"the engine {'can' if well else 'cannot'} limit {what}"
        yield Finding(id=f"limit-{what.replace(' ', '-')}", well=well, detail=detail, mend="" if well else CGROUPS)


def _seccomp(about: dict[str, Any]) -> Finding:
    well = any("seccomp" in option for option in about.get("SecurityOptions") or ())
    detail = f"the engine {'can' if well else 'cannot'} filter system calls"
    return Finding(
        id="seccomp", well=well, detail=detail, mend="" if well else "use a kernel and an engine with seccomp"
    )


def _image(engine: Engine) -> Finding:
    try:
        found = engine.image(base_image.tag())
    except GraderError as error:
        return Finding(id="image", well=False, detail=str(error), mend="grader sandbox build")
    if found is None:
        return Finding(id="image", well=False, detail="the base image is not made yet", mend="grader sandbox build")
    return Finding(id="image", well=True, detail=f"the base image is {found[:19]}")


def _runtime(runtimes: Callable[[], Runtimes]) -> Finding:
    try:
        chosen = runtimes()
    except GraderError as error:
        return Finding(id="runtime", well=False, detail=str(error), mend="see docs/operations.md")
    if chosen.single == RUNSC:
        return Finding(id="runtime", well=True, detail=f"{chosen.single}, and {chosen.pod or 'none'} for pods")
    detail = f"{chosen.single}: submissions share the host's kernel; runsc would put one of its own between"
    return Finding(id="runtime", well=True, detail=detail)


def _leftovers(engine: Engine, owner: Owner) -> Finding:
    try:
        with blaming_the_engine("list containers"):
            mine = engine.api.containers(all=True, filters={"label": f"{INSTALLATION}={owner.installation}"})
    except GraderError as error:
        return Finding(id="leftovers", well=False, detail=str(error), mend="grader sandbox reap")
    count = sum(is_abandoned(container.get("Labels") or {}) for container in mine)
    detail = f"{count} abandoned and {len(mine) - count} running containers of this installation"
    return Finding(id="leftovers", well=count == 0, detail=detail, mend="grader sandbox reap" if count else "")
