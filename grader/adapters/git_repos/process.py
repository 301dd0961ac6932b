"""One hardened Git process: cleaned environment, no hooks, no configuration but ours, bounded time, bytes and output.

GitPython's `Git.execute` starts, owns and reaps the process and keeps credentials out of its errors. Its `Repo`
layer is not used: that reads the configuration of the repository it opens, and starts Git with the caller's
environment. So the command that it runs is a fixed launcher, which sets kernel limits and then enters Git by `env -i`.
"""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import IO, Any

import git

from grader.domain.sandbox import MIB
from grader.errors import CodeHostUnavailable, GraderError, ServiceUnavailable, SubmissionRejected

_LAUNCHER = """ulimit -c 0; ulimit -f "$1"; ulimit -v "$2" 2>/dev/null; shift 2
exec env -i PATH="$PATH" ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
${SSL_CERT_FILE:+GIT_SSL_CAINFO="$SSL_CERT_FILE"} ${GIT_SSL_CAINFO:+GIT_SSL_CAINFO="$GIT_SSL_CAINFO"} "$@"
"""
"""Constant text; what varies comes as arguments. The proxy and the CA file are the operator's, the rest is dropped."""

_ENVIRONMENT = (
    "LC_ALL=C",
    "HOME=/nonexistent",
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
    "GIT_ATTR_NOSYSTEM=1",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=/bin/false",
    "GIT_LFS_SKIP_SMUDGE=1",
    "GIT_NO_REPLACE_OBJECTS=1",
    "GIT_NO_LAZY_FETCH=1",
    "GIT_PROTOCOL_FROM_USER=0",
)
_HARDENED = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.bigFileThreshold": "16m",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",
    "http.followRedirects": "false",
    "protocol.version": "2",
    "safe.directory": "*",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}
"""docs/threat-model.md names the attack behind each line; `safe.directory` only says that we rely on none of theirs."""

_ADDRESS_SPACE = 4096 * MIB
_STDERR_KEPT = 16 * 1024
_CHUNK = 64 * 1024
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Caps on one Git process: bytes on disk, bytes of output, seconds of wall time."""

    disk: int = 512 * MIB
    output: int = 64 * MIB
    seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a Git process that ended by itself left behind."""

    status: int
    stdout: bytes
    stderr: str


class GitProcess:
    """Runs Git in one folder of ours; `protocols` are the only transports it may use."""

    def __init__(self, folder: Path, limits: FetchLimits, protocols: tuple[str, ...]) -> None:
        """Raises ServiceUnavailable when there is no Git."""
        self._folder = folder
        self._limits = limits
        self._prefix = _command_prefix(limits, protocols)
        self._git = git.Git(str(folder))

    def run(self, *arguments: str) -> Finished:
        """Run to the end; raises SubmissionRejected past a cap on bytes, CodeHostUnavailable past the time."""
        with self.stream(*arguments) as running:
            output = b"".join(running.chunks())
        return Finished(status=running.status, stdout=output, stderr=running.stderr)

    @contextmanager
    def stream(self, *arguments: str, standard_input: bytes = b"") -> Iterator["Running"]:
        """A process whose output is read as it comes; it is dead when the block is left."""
        with tempfile.TemporaryFile() as stdin:
            stdin.write(standard_input)
            stdin.seek(0)
            handle: Any = self._git.execute(
                [*self._prefix, *arguments], istream=stdin, as_process=True, start_new_session=True
            )
            running = Running(handle.proc, self._folder, self._limits)
            try:
                yield running
            finally:
                running.close()


class Running:
    """A Git process under watch: it is killed with all its children when it passes a cap."""

    def __init__(self, process: "Popen[bytes]", folder: Path, limits: FetchLimits) -> None:
        """Start the watch."""
        self._process = process
        self._folder = folder
        self._limits = limits
        self._over: GraderError | None = None
        self._done = threading.Event()
        self._errors = bytearray()
        self._threads = [threading.Thread(target=self._watch, daemon=True)]
        self._threads.append(threading.Thread(target=self._drain_errors, daemon=True))
        for thread in self._threads:
            thread.start()

    @property
    def status(self) -> int:
        """The exit status, once closed."""
        return self._process.returncode

    @property
    def stderr(self) -> str:
        """The beginning of what it wrote on stderr, once closed."""
        return self._errors.decode("utf-8", "replace")

    @property
    def stdout(self) -> IO[bytes]:
        """Its output, for a reader that counts for itself; call `check` when it ends early."""
        assert self._process.stdout is not None
        return self._process.stdout

    def chunks(self) -> Iterator[bytes]:
        """All output; raises what `check` raises."""
        total = 0
        while chunk := self.stdout.read1(_CHUNK):  # type: ignore[attr-defined]  # a BufferedReader
            total += len(chunk)
            if total > self._limits.output:
                self._stop(_too_large(f"more than {self._limits.output // MIB} MiB of names"))
                break
            yield chunk
        self.check()

    def check(self) -> None:
        """Wait for the end; raises SubmissionRejected past a cap on bytes, CodeHostUnavailable past the time."""
        self._process.wait()
        if self._over is not None:
            raise self._over

    def close(self) -> None:
        """Kill what is left and wait for it."""
        _kill_group(self._process)
        self._process.wait()
        self._done.set()
        for thread in self._threads:
            thread.join()
        self.stdout.close()

    def _watch(self) -> None:
        ticks = int(self._limits.seconds / _POLL_SECONDS)
        for _ in range(ticks):
            if self._done.wait(_POLL_SECONDS) or self._process.poll() is not None:
                return
            if _bytes_under(self._folder) > self._limits.disk:
                self._stop(_too_large(f"more than {self._limits.disk // MIB} MiB"))
                return
        self._stop(CodeHostUnavailable(f"Git was not done after {self._limits.seconds:.0f} s; try again later"))

    def _stop(self, reason: GraderError) -> None:
        self._over = self._over or reason
        _kill_group(self._process)

    def _drain_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            while chunk := pipe.read(_CHUNK):
                self._errors += chunk[: max(0, _STDERR_KEPT - len(self._errors))]


def _command_prefix(limits: FetchLimits, protocols: tuple[str, ...]) -> tuple[str, ...]:
    program = shutil.which("git")
    if program is None:
        raise ServiceUnavailable("git is not installed; mend it with: apt-get install git")
    settings = _HARDENED | {"protocol.allow": "never"} | {f"protocol.{name}.allow": "always" for name in protocols}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    caps = (str(2 * limits.disk // 1024), str(_ADDRESS_SPACE // 1024))  # units of sh: 512 bytes, 1,024 bytes
    allowed = f"GIT_ALLOW_PROTOCOL={':'.join(protocols)}"
    return ("/bin/sh", "-c", _LAUNCHER, "grader-git", *caps, *_ENVIRONMENT, allowed, program, *options)


def _too_large(what: str) -> SubmissionRejected:
    return SubmissionRejected(f"the repository is too large to fetch: {what}; submit a smaller one")


def _kill_group(process: "Popen[bytes]") -> None:
    """Kill the process's whole group while its leader, not yet waited for, still holds the group's id."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _bytes_under(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # Git renames and removes its temporary files as it goes
            total += path.lstat().st_size
    return total
