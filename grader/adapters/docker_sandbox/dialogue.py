"""One question, one answer, with a program in a container; see `grader.ports.Dialogue`."""

import select
import time

from grader.adapters.docker_sandbox.container import Specification
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.frames import Demultiplexer, receive, send
from grader.adapters.docker_sandbox.run import Started, ending
from grader.domain.observation import Ended
from grader.domain.sandbox import Limits


class ContainerDialogue:
    """Holds the attach socket of a started container."""

    def __init__(self, engine: Engine, wanted: Specification, running: Started, payload: bytes) -> None:
        self._engine = engine
        self._limits: Limits = wanted.limits
        self._running = running
        self._output = Demultiplexer(keep=wanted.limits.output_kept)
        self._unsent: memoryview | None = memoryview(payload) if payload else None
        self._deadline = time.monotonic() + wanted.limits.wall_seconds
        self._over: Ended | None = None

    def ask(self, line: bytes, *, seconds: float) -> bytes | Ended:
        """See the port."""
        if self._over is not None:
            return self._over
        self._queue(line.rstrip(b"\n") + b"\n")
        self._over = self._talk(min(time.monotonic() + seconds, self._deadline))
        return bytes(self._output.stdout.partition(b"\n")[0]) if self._over is None else self._over

    def _queue(self, line: bytes) -> None:
        """Drop what came unasked, and put the line behind what is still unsent."""
        while not self._is_flooded() and (data := receive(self._running.socket)):
            self._output.feed(data)
        self._output.stdout.clear()
        self._unsent = memoryview(bytes(self._unsent or b"") + line)

    def _talk(self, deadline: float) -> Ended | None:
        """Send and listen until a whole line is there (None), or what ended the dialogue."""
        ready, raw = select.poll(), self._running.socket
        while (left := deadline - time.monotonic()) > 0:
            ready.register(raw, select.POLLIN | (select.POLLOUT if self._unsent is not None else 0))
            happened = dict(ready.poll(left * 1000)).get(raw.fileno(), 0)
            if happened & select.POLLOUT and self._unsent is not None:
                self._unsent = send(raw, self._unsent)
            if happened & ~select.POLLOUT:
                data = receive(raw)
                if data == b"":
                    return ending(self._engine, self._running)[0]
                self._output.feed(data or b"")
            if self._is_flooded():
                return Ended.OUTPUT_LIMIT
            if b"\n" in self._output.stdout:
                return None
        return Ended.WALL_LIMIT

    def _is_flooded(self) -> bool:
        """More output than is let pass in all, or one line longer than is kept."""
        too_much = self._output.total > self._limits.output_killed
        return too_much or (len(self._output.stdout) >= self._limits.output_kept and b"\n" not in self._output.stdout)
