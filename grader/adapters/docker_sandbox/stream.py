"""Talks to a container's PID 1 over the attach socket: all input in, output kept up to a cap, never left unread.

An attach that nobody reads blocks the engine's `kill` and `rm`; hence the loop reads whatever it also does, and the
socket is closed before anything is killed.
"""

import select
import socket
import time

from grader.adapters.docker_sandbox.frames import Demultiplexer, close_input, receive, send
from grader.domain.observation import Ended
from grader.domain.sandbox import Limits


def converse(raw: socket.socket, payload: bytes, limits: Limits) -> tuple[Ended, Demultiplexer]:
    """Send the payload, close the input, read until the end of output or a limit."""
    output = Demultiplexer(keep=limits.output_kept)
    deadline = time.monotonic() + limits.wall_seconds
    ready = select.poll()
    rest: memoryview | None = memoryview(payload) if payload else None
    if rest is None:
        close_input(raw)
    while (left := deadline - time.monotonic()) > 0:
        ready.register(raw, select.POLLIN | (select.POLLOUT if rest is not None else 0))
        happened = dict(ready.poll(left * 1000)).get(raw.fileno(), 0)
        if happened & select.POLLOUT and rest is not None:
            rest = send(raw, rest)
            if rest is None:
                close_input(raw)
        if happened & ~select.POLLOUT:
            data = receive(raw)
            if data == b"":
                return Ended.EXITED, output
            output.feed(data or b"")
        if output.total > limits.output_killed:
            return Ended.OUTPUT_LIMIT, output
    return Ended.WALL_LIMIT, output
