"""A network of loopback and nothing else, made without the engine's network controller.

Up to version 27 the engine starts a second copy of its daemon for every container, by a hook through which its
controller learns of the container's network (moby#47621; gone since 28.0): as much work as the rest of the start. For a
container whose network is disabled there is no hook, and runc gives it the same as the network `none`: a namespace of
its own in which loopback is up. It only lacks the /etc/hosts that the controller writes, so one is mounted.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docker import errors

from grader.adapters.docker_sandbox.build import Context
from grader.adapters.docker_sandbox.engine import BROKEN, Engine, blaming_the_engine
from grader.adapters.docker_sandbox.self_check import remembered

HOSTS: Final = b"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
VOLUME: Final = f"grader-hosts-{hashlib.sha256(HOSTS).hexdigest()[:16]}"
WITHOUT_HOOK: Final = 28
"""The first version of the engine that has no such hook."""
CHECK: Final = """
import os, socket
listening = socket.create_server(("localhost", 0))
socket.create_connection(("localhost", listening.getsockname()[1]), 5)
print(os.listdir("/sys/class/net"))
"""
ANSWER: Final = b"['lo']\n"
"""What a container says of itself in which everything is as in the network `none`."""

Works = Callable[[str], bool]


def hosts_file(engine: Engine, image: str, labels: Mapping[str, str], works: Works, memory: Path) -> str:
    """Where on the engine's machine the file to mount lies; empty where the network `none` is the better choice.

    `works` is the self-check of a container that has the file; what it found is remembered in `memory` for this engine.
    """
    with blaming_the_engine("tell its version"):
        about = engine.api.version()
        if not has_hook(str(about["Version"])):
            return ""
        identity = engine.api.info()["ID"]
    try:
        folder = _volume(engine, memory)
    except (errors.DockerException, *BROKEN):
        return ""  # the usual way remains
    place = f"{folder}/hosts"
    subject = json.dumps([identity, about["Version"], about.get("KernelVersion"), place])

    def fits() -> bool:
        with blaming_the_engine("fill a volume"):
            fill(engine, image, labels)
        return works(place)

    return place if remembered(subject, fits, memory) else ""


def has_hook(version: str) -> bool:
    """Whether an engine of this version starts its daemon once more for each container."""
    major = version.partition(".")[0]
    return major.isdigit() and int(major) < WITHOUT_HOOK


def _volume(engine: Engine, memory: Path) -> str:
    """Where the volume lies, made if need be: what is remembered was then found of another, which was filled."""
    try:
        return str(engine.api.inspect_volume(VOLUME)["Mountpoint"])
    except errors.NotFound:
        memory.unlink(missing_ok=True)
        return str(engine.api.create_volume(VOLUME)["Mountpoint"])


def fill(engine: Engine, image: str, labels: Mapping[str, str]) -> None:
    """Write the file, through a container that is never started, for the engine may be on another machine.

    The volume is made if need be. Lets the SDK's errors through.
    """
    mounted = engine.api.create_host_config(binds=[f"{VOLUME}:/hosts"], network_mode="none")
    made = engine.api.create_container(image, command=["true"], host_config=mounted, labels=dict(labels))
    try:
        engine.api.put_archive(made["Id"], "/hosts", Context({"hosts": HOSTS}).to_tar().getvalue())
    finally:
        engine.api.remove_container(made["Id"], force=True)
