"""How every container is made: the limits and closed doors of docs/threat-model.md as options of the engine."""

from dataclasses import dataclass, field
from typing import Any, Final

from docker import APIClient
from docker.types import LogConfig, Mount, Ulimit

from grader.adapters.docker_sandbox.programs import seccomp_profile
from grader.domain.sandbox import MIB, Limits

NOBODY: Final = "65534:65534"
SERVICE: Final = "65533:65533"
"""A pod's service is another user, and its files are not in reach of whoever joins."""
GRACE_SECONDS: Final = 5
"""A container ends itself this long after its wall limit, should nobody be left to end it."""
WARM_SECONDS: Final = 60
"""So long a container started ahead may wait for its input, on top of its wall limit."""
FSIZE: Final = 16 * MIB
SHM: Final = 8 * MIB
NOFILE: Final = 256
WORK_INODES: Final = 4096
TMP_INODES: Final = 2048
ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108 - a path inside the container
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""The whole environment but for PYTHONHASHSEED, the same for every tree; nothing in it is secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One container to make; `labels` tell the reaper whose it is."""

    image: str
    command: tuple[str, ...]
    limits: Limits
    runtime: str
    labels: dict[str, str]
    network: str = "none"
    hosts: str = ""
    """Where on the engine's machine the container's /etc/hosts lies; its network is then made as in `loopback`."""
    user: str = NOBODY
    seccomp: str = field(default_factory=seccomp_profile)
    hash_seed: int = 0
    waits: float = 0.0
    """Seconds that it may wait for its input, on top of the wall limit."""

    @property
    def kind(self) -> tuple[object, ...]:
        """All that a container is made of but its labels: equal kinds can stand in for each other."""
        where = (self.network, self.hosts, self.user, self.seccomp)
        return (self.image, self.command, self.limits, self.runtime, *where, self.hash_seed)


def create(api: APIClient, wanted: Specification, name: str) -> str:
    """Make the container, started by nobody yet, and give its id; lets the SDK's errors through."""
    limits = wanted.limits
    host = api.create_host_config(
        auto_remove=True,
        cap_drop=["ALL"],
        init=True,
        ipc_mode="private",
        log_config=LogConfig(type="none"),
        mem_limit=limits.memory,
        memswap_limit=limits.memory,
        mounts=[Mount("/etc/hosts", wanted.hosts, type="bind", read_only=True)] if wanted.hosts else [],
        nano_cpus=int(limits.cpus * 1e9),
        network_mode=wanted.network,
        pids_limit=limits.processes,
        read_only=True,
        runtime=wanted.runtime,
        security_opt=["no-new-privileges", f"seccomp={wanted.seccomp}"],
        shm_size=SHM,
        tmpfs=_folders(wanted),
        ulimits=[_ulimit("nofile", NOFILE), _ulimit("fsize", FSIZE), _ulimit("core", 0)],
    )
    made: dict[str, Any] = api.create_container(
        wanted.image,
        command=_command(wanted),
        environment={**ENVIRONMENT, "PYTHONHASHSEED": str(wanted.hash_seed)},
        healthcheck={"test": ["NONE"]},
        host_config=host,
        hostname=None if wanted.network.startswith("container:") else "sandbox",
        labels=wanted.labels,
        name=name,
        network_disabled=bool(wanted.hosts),
        stdin_open=True,
        user=wanted.user,
        working_dir="/work",
    )
    return str(made["Id"])


def program(name: str, warm: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The command line of a program of `sandboxes/`: isolated but for the environment above, which sets hashing.

    Its arguments are the modules that it imports before it reads its input.
    """
    return ("python3", "-s", "-P", f"/opt/grader/{name}.py", *warm)


def _command(wanted: Specification) -> list[str]:
    suicide = wanted.limits.wall_seconds + wanted.waits + GRACE_SECONDS
    return ["timeout", "-s", "KILL", str(suicide), *wanted.command]


def _folders(wanted: Specification) -> dict[str, str]:
    user, _, group = wanted.user.partition(":")
    size = wanted.limits.work
    return {
        "/work": f"rw,exec,nosuid,nodev,size={size},nr_inodes={WORK_INODES},mode=0755,uid={user},gid={group}",
        "/tmp": f"rw,noexec,nosuid,nodev,size={wanted.limits.tmp},nr_inodes={TMP_INODES},mode=1777",  # noqa: S108
    }


def _ulimit(name: str, value: int) -> Ulimit:
    return Ulimit(name=name, soft=value, hard=value)
