"""A container engine of a test's own: its own data, socket and processes, so that it may be killed."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

RUNSC = {
    "runsc": {"path": "runsc", "runtimeArgs": ["--platform=ptrace", "--network=none"]},
    "runsc-pod": {"path": "runsc", "runtimeArgs": ["--platform=ptrace", "--network=host"]},
}


def can_be_had() -> bool:
    """Whether this machine lets us start one: as root, with the engine's daemon installed."""
    return os.geteuid() == 0 and shutil.which("dockerd") is not None


@dataclass(slots=True)
class OwnEngine:
    """Started by `start`; `folder` must be on a real file system and have a short path (sockets)."""

    folder: Path
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/s"

    def start(self) -> None:
        """In a network namespace of its own, for `--bridge=none` would remove the docker0 of the machine's engine."""
        config = self.folder / "daemon.json"
        config.write_text(json.dumps({"runtimes": RUNSC if shutil.which("runsc") else {}}))
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid", "config-file": "daemon.json"}
        command = [
            "unshare",
            "--net",
            "dockerd",
            "-H",
            self.host,
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
        ]
        command += [f"--{option}={self.folder / place}" for option, place in places.items()]
        with (self.folder / "log").open("ab") as log:
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(150):
            if self.docker("version").returncode == 0:
                return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def docker(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["docker", "-H", self.host, *arguments], capture_output=True, text=True)

    def state(self) -> str:
        """What it has and what it said last, for a test that fails."""
        return self.docker("ps", "-a", "--no-trunc").stdout + (self.folder / "log").read_text()[-6000:]

    def copy_images(self, *names: str) -> None:
        """From the machine's engine into this one, with the tags that they have."""
        with subprocess.Popen(["docker", "save", *names], stdout=subprocess.PIPE) as saved:
            subprocess.run(
                ["docker", "-H", self.host, "load", "-q"], stdin=saved.stdout, check=True, capture_output=True
            )

    def die(self) -> None:
        """As if by a power cut for the daemons; the containers' own processes live on."""
        assert self.daemon is not None
        containerd = self.folder / "exec/containerd/containerd.pid"
        os.kill(int(containerd.read_text()), signal.SIGKILL)
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()
        containerd.unlink()
        (self.folder / "pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End it and everything of it, and remove its data."""
        self.die()
        for mount in sorted(_mounts_below(self.folder), reverse=True):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def tags_of(image: str) -> list[str]:
    """The machine's engine's names for an image of ours and for all that it was made from."""
    held = subprocess.run(
        ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=grader-*"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in held.stdout.split() if not name.endswith("<none>") and _is_of(name, image)]


def _is_of(name: str, image: str) -> bool:
    """Whether the image is that one, or one that it was made from."""
    layers = [
        subprocess.run(
            ["docker", "image", "inspect", "--format", "{{json .RootFS.Layers}}", which],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for which in (name, image)
    ]
    own, whole = (json.loads(text) for text in layers)
    return bool(whole[: len(own)] == own)


def _mounts_below(folder: Path) -> list[str]:
    places = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [place for place in places if place.startswith(f"{folder}/")]
