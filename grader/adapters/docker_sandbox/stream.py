"""Talks to a container's PID 1 over the attach socket: all input in, output kept up to a cap, never left unread.

An attach that nobody reads blocks the engine's `kill` and `rm`; hence the loop reads whatever it also does, and the
socket is closed before anything is killed.
"""

import select
import socket
import time
from dataclasses import dataclass, field
from typing import Final

from grader.domain.observation import Ended
from grader.domain.sandbox import Limits

CHUNK: Final = 256 * 1024
HEADER: Final = 8
STDERR: Final = 2


@dataclass(slots=True)
class Demultiplexer:
    """Splits the engine's frames (type, three zeros, length, bytes) into two capped streams, however they are cut."""

    keep: int
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    total: int = 0
    _header: bytearray = field(default_factory=bytearray)
    _left: int = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection."""
        view = memoryview(data)
        while view:
            if self._left == 0:
                missing = HEADER - len(self._header)
                self._header += view[:missing]
                view = view[missing:]
                if len(self._header) == HEADER:
                    self._left = int.from_bytes(self._header[4:], "big")
                    if self._left == 0:
                        self._header.clear()
            else:
                part, view = view[: self._left], view[self._left :]
                self._left -= len(part)
                self._take(part)
                if self._left == 0:
                    self._header.clear()

    def _take(self, part: memoryview) -> None:
        stream = self.stderr if self._header[0] == STDERR else self.stdout
        self.total += len(part)
        stream += part[: max(0, self.keep - len(stream))]


def converse(raw: socket.socket, payload: bytes, limits: Limits) -> tuple[Ended, Demultiplexer]:
    """Send the payload, close the input, read until the end of output or a limit."""
    output = Demultiplexer(keep=limits.output_kept)
    deadline = time.monotonic() + limits.wall_seconds
    raw.settimeout(0)
    ready = select.poll()
    rest: memoryview | None = memoryview(payload)
    while (left := deadline - time.monotonic()) > 0:
        ready.register(raw, select.POLLIN | (select.POLLOUT if rest is not None else 0))
        happened = dict(ready.poll(left * 1000)).get(raw.fileno(), 0)
        if happened & select.POLLOUT and rest is not None:
            rest = _send(raw, rest)
        if happened & ~select.POLLOUT:
            data = _receive(raw)
            if data == b"":
                return Ended.EXITED, output
            output.feed(data or b"")
        if output.total > limits.output_killed:
            return Ended.OUTPUT_LIMIT, output
    return Ended.WALL_LIMIT, output


def _send(raw: socket.socket, rest: memoryview) -> memoryview | None:
    """Send some; None once all is sent and the input closed, or nobody reads it any more."""
    try:
        rest = rest[raw.send(rest[:CHUNK]) :] if rest else rest
        if rest:
            return rest
        raw.shutdown(socket.SHUT_WR)
    except (BlockingIOError, InterruptedError):
        return rest
    except OSError:
        return None
    return None


def _receive(raw: socket.socket) -> bytes | None:
    """Some bytes, `b""` at the end, None when there are none yet."""
    try:
        return raw.recv(CHUNK)
    except (BlockingIOError, InterruptedError):
        return None
    except ConnectionError:
        return b""
