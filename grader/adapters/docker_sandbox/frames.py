"""The engine's attach stream: frames of two output streams on one connection, and a socket that never blocks."""

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

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


def send(raw: socket.socket, rest: memoryview) -> memoryview | None:
    """Send some and give the rest; None once all is sent, or nobody reads it any more."""
    try:
        return rest[raw.send(rest[:CHUNK]) :] or None
    except (BlockingIOError, InterruptedError):
        return rest
    except OSError:
        return None


def close_input(raw: socket.socket) -> None:
    """Tell the program that there is no more input; fine when it has ended already."""
    with suppress(OSError):
        raw.shutdown(socket.SHUT_WR)


def receive(raw: socket.socket) -> bytes | None:
    """Some bytes, `b""` at the end, None when there are none yet."""
    try:
        return raw.recv(CHUNK)
    except (BlockingIOError, InterruptedError):
        return None
    except ConnectionError:
        return b""
