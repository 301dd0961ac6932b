"""Markers: what a test needs from the machine, and when a missing part is a failure instead of a skip."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.postgres_server import PostgresServer


def _engine_answers() -> bool:
    return _succeeds(("docker", "version", "--format", "{{.Server.Version}}"))


def _succeeds(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def _postgres() -> bool:
    return bool(shutil.which("pg_ctl") or list(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")))


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "docker": (_engine_answers, "no container engine answers"),
    "postgres": (_postgres, "PostgreSQL is not installed"),
    "browser": (_chromium, "Chromium is not installed"),
    "node": (lambda: bool(shutil.which("node") and shutil.which("npm")), "Node.js is not installed"),
}
REQUIRED = frozenset(filter(None, os.environ.get("GRADER_REQUIRE", "").split(",")))


@cache
def _is_there(part: str) -> bool:
    return NEEDS[part][0]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for part, (_, reason) in NEEDS.items():
        if item.get_closest_marker(part) and not _is_there(part):
            if part in REQUIRED:
                pytest.fail(f"{reason}, and GRADER_REQUIRE asks for {part}")
            pytest.skip(f"{reason} (GRADER_REQUIRE={part} makes this a failure)")


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """A PostgreSQL of our own, for tests marked `postgres`."""
    from tests.fakes.postgres_server import PostgresServer

    server = PostgresServer().start()
    yield server
    server.stop()
