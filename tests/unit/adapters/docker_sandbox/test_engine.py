"""An engine that refuses or is gone: one kind of error, and no connection of ours stays open."""

import gc
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import engine
from grader.errors import SandboxUnavailable

VERSION = b'{"ApiVersion": "1.41"}'


class Listening:
    """An engine that says its version and has no container, on a socket that can be shut."""

    def __init__(self, place: Path) -> None:
        self._socket = socket.create_server(str(place), family=socket.AF_UNIX)
        self._answering = threading.Thread(target=self._answer, daemon=True)
        self._answering.start()

    def shut(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._answering.join()

    def _answer(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            with visitor:
                asked = visitor.recv(65536)
                status, body = (b"200 OK", VERSION) if b"/version " in asked else (b"404 Not Found", b"{}")
                visitor.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Listening]:
    opened = Listening(tmp_path / "s")
    yield opened
    opened.shut()


@contextmanager
def nothing_left_open() -> Iterator[None]:
    gc.collect()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(one.message) for one in said] == []


def test_a_connection_that_is_refused_is_closed(tmp_path: Path) -> None:
    listening = Listening(tmp_path / "s")
    with closing(engine.connect(f"unix://{tmp_path}/s")) as made, nothing_left_open():
        listening.shut()
        with pytest.raises(SandboxUnavailable, match="did not answer when asked to look for the image x"):
            made.image("x")


def test_its_api_is_the_one_that_it_names(listening: Listening, tmp_path: Path) -> None:
    with closing(engine.connect(f"unix://{tmp_path}/s")) as made:
        assert {made.api.api_version, made.builder.api_version} == {"1.41"}
