"""One container, one run, gone: create, attach, start, talk, and read from the engine how it ended."""

import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Final, cast

import requests

from grader.adapters.docker_sandbox import container, reaper, stream
from grader.adapters.docker_sandbox.container import Specification
from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine
from grader.domain.observation import Ended
from grader.domain.sandbox import SandboxOutcome
from grader.errors import SandboxUnavailable

KILLED: Final = 137
LATE_EVENT_SECONDS: Final = 0.3
"""The engine reports that memory ran out by an event that may come just after the exit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A container that waits for its input; `exit` answers when it has ended."""

    id: str
    socket: socket.socket
    exit: requests.Response
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A started container and what must be undone for it."""

    running: Started
    leaving: ExitStack

    def close(self) -> None:
        """Close its socket, then remove it; raises SandboxUnavailable when the engine cannot."""
        self.leaving.close()


def hold(engine: Engine, wanted: Specification) -> Held:
    """Start a container that the caller closes; nothing is left when that fails. Raises SandboxUnavailable."""
    name = f"grader-{uuid.uuid4().hex}"
    with ExitStack() as leaving:
        leaving.callback(reaper.remove, engine, name)
        with blaming_the_engine("start a container"):
            running = _start(engine, wanted, name, leaving)
        return Held(running=running, leaving=leaving.pop_all())


@contextmanager
def started(engine: Engine, wanted: Specification) -> Iterator[Started]:
    """A started container; on the way out its socket is closed, then it is removed, whatever happened."""
    with closing(hold(engine, wanted)) as held:
        yield held.running


def run_once(engine: Engine, wanted: Specification, payload: bytes) -> SandboxOutcome:
    """Run to the end or a limit; the container is gone or going afterwards. Raises SandboxUnavailable."""
    with started(engine, wanted) as running:
        return finish(engine, wanted, running, payload)


def _start(engine: Engine, wanted: Specification, name: str, leaving: ExitStack) -> Started:
    """Attach before the start, so that no output is missed and the input is there from the first moment."""
    since = time.time()
    identity = container.create(engine.api, wanted, name)
    attached = engine.api.attach_socket(identity, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    raw = cast(socket.socket, attached._sock)
    leaving.callback(raw.close)
    leaving.callback(attached.close)
    answer = engine.wait_for_exit(identity)
    leaving.callback(answer.close)
    engine.api.start(identity)
    raw.settimeout(0)
    return Started(id=identity, socket=raw, exit=answer, since=since)


def finish(engine: Engine, wanted: Specification, running: Started, payload: bytes) -> SandboxOutcome:
    """Give a started container its input and see it through."""
    began = time.monotonic()
    ended, output = stream.converse(running.socket, payload, wanted.limits)
    status = None
    if ended is Ended.EXITED:
        ended, status = ending(engine, running)
    return SandboxOutcome(
        ended=ended,
        status=status,
        stdout=bytes(output.stdout),
        stderr=bytes(output.stderr),
        seconds=time.monotonic() - began,
        runtime=wanted.runtime,
    )


def ending(engine: Engine, running: Started) -> tuple[Ended, int | None]:
    """How a container ended whose output is at its end; raises SandboxUnavailable when somebody else ended it."""
    with blaming_the_engine("tell how a container ended"):
        status = int(running.exit.json()["StatusCode"])
        happened = engine.events(running.id, running.since)
        if status == KILLED and not happened & {"oom", "kill"}:
            time.sleep(LATE_EVENT_SECONDS)
            happened = engine.events(running.id, running.since)
    if "kill" in happened:
        raise SandboxUnavailable("a sandbox was ended from outside while it ran; is the container engine going down?")
    return (Ended.MEMORY_LIMIT, None) if "oom" in happened else (Ended.EXITED, status)
