"""A real PostgreSQL of our own: a fresh cluster in a temporary folder, on a free port, as a user who is not root."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

OWNER = "postgres"
"""PostgreSQL refuses to run as root; the distribution's package makes this user."""


class PostgresServer:
    """Started by `start`, gone after `stop`; `url()` makes a new, empty database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grader-pg-"))
        self.port = _free_port()
        self._made = 0

    def start(self) -> "PostgresServer":
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER)
        self._run("initdb", "--pgdata", str(self.data), "--username", "grader", "--auth", "trust", "--no-sync")
        self.boot()
        return self

    def boot(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off -c max_connections=50"
        log = str(self.folder / "log")
        self._run("pg_ctl", "--pgdata", str(self.data), "--log", log, "--wait", "--options", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--pgdata", str(self.data), "--mode", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def crash(self) -> None:
        """`kill -9` of the whole server."""
        pid = (self.data / "postmaster.pid").read_text().splitlines()[0]
        children = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True).stdout.split()
        subprocess.run(["kill", "-9", pid, *children])
        subprocess.run(["tail", f"--pid={pid}", "-f", "/dev/null"], timeout=30)

    def url(self) -> str:
        self._made += 1
        name = f"ledger{self._made}"
        self._run("createdb", "--host", "127.0.0.1", "--port", str(self.port), "--username", "grader", name)
        return f"postgresql://grader@127.0.0.1:{self.port}/{name}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_find(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            **_not_root(),
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


def _not_root() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    owner = pwd.getpwnam(OWNER)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _find(program: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = str(newest[-1]) if newest else shutil.which(program)
    assert found, f"{program} is not installed"
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
