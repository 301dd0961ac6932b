"""When a container's loopback is made without the engine's network controller, and when the usual way remains."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from docker import errors

from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.loopback import VOLUME, has_hook, hosts_file
from grader.errors import SandboxUnavailable


@dataclass(slots=True)
class Volumes:
    """An engine's answers about its version and one volume."""

    version_number: str = "20.10.24+dfsg1"
    made: bool = False
    refuses: bool = False
    dies: bool = False
    said: list[str] = field(default_factory=list)

    def version(self) -> dict[str, str]:
        return {"Version": self.version_number}

    def info(self) -> dict[str, str]:
        return {"ID": "x"}

    def inspect_volume(self, name: str) -> dict[str, str]:
        if not self.made:
            raise errors.NotFound("no such volume")
        return {"Mountpoint": f"/volumes/{name}"}

    def create_volume(self, name: str) -> dict[str, str]:
        if self.refuses:
            raise errors.APIError("read-only file system")
        self.made = name == VOLUME
        return self.inspect_volume(name)

    def create_host_config(self, **options: Any) -> dict[str, Any]:
        return options

    def create_container(self, image: str, **_: Any) -> dict[str, str]:
        self.said.append(f"made of {image}")
        return {"Id": "c1"}

    def put_archive(self, container: str, path: str, data: bytes) -> bool:
        if self.dies:
            raise requests.exceptions.ConnectionError("no answer")
        self.said.append(f"{container} {path} {b'localhost' in data}")
        return True

    def remove_container(self, container: str, **_: Any) -> None:
        self.said.append(f"{container} removed")


def find(volumes: Volumes, memory: Path, *, works: bool | None) -> str:
    def check(place: str) -> bool:
        volumes.said.append(f"checked {place}")
        if works is None:
            raise SandboxUnavailable("cannot start")
        return works

    engine = cast(Engine, SimpleNamespace(api=volumes))
    return hosts_file(engine, "base", {}, check, memory)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("20.10.24+dfsg1", True), ("27.5.1", True), ("28.0.0", False), ("29.1", False), ("master-dockerproject", False)],
)
def test_engines_before_28_have_the_hook(version: str, expected: bool) -> None:
    assert has_hook(version) is expected


def test_the_file_is_made_once_and_the_check_remembered(tmp_path: Path) -> None:
    volumes, place = Volumes(), f"/volumes/{VOLUME}/hosts"
    assert find(volumes, tmp_path / "memory", works=True) == place
    assert volumes.said == ["made of base", "c1 /hosts True", "c1 removed", f"checked {place}"]
    volumes.said.clear()
    assert find(volumes, tmp_path / "memory", works=True) == place
    assert volumes.said == []


@pytest.mark.parametrize("works", [False, None])
def test_a_container_that_fails_its_check_leaves_the_usual_way(tmp_path: Path, works: bool | None) -> None:
    assert find(Volumes(), tmp_path / "memory", works=works) == ""


def test_an_engine_that_makes_no_volume_leaves_the_usual_way(tmp_path: Path) -> None:
    assert find(Volumes(refuses=True), tmp_path / "memory", works=True) == ""


def test_an_engine_without_the_hook_is_asked_for_nothing(tmp_path: Path) -> None:
    volumes = Volumes(version_number="28.0.4")
    assert find(volumes, tmp_path / "memory", works=True) == ""
    assert not volumes.made


def test_a_volume_that_was_made_and_not_filled_is_filled_later(tmp_path: Path) -> None:
    volumes, memory = Volumes(dies=True), tmp_path / "memory"
    assert find(volumes, memory, works=True) == ""
    assert volumes.said == ["made of base", "c1 removed"]
    volumes.dies = False
    memory.unlink()  # as after the hour for which a failure is remembered
    volumes.said.clear()
    assert find(volumes, memory, works=True) == f"/volumes/{VOLUME}/hosts"
    assert volumes.said == ["made of base", "c1 /hosts True", "c1 removed", f"checked /volumes/{VOLUME}/hosts"]


def test_a_volume_that_somebody_removed_is_made_and_checked_again(tmp_path: Path) -> None:
    volumes, memory = Volumes(), tmp_path / "memory"
    assert find(volumes, memory, works=True) != ""
    volumes.made = False
    volumes.said.clear()
    assert find(volumes, memory, works=True) != ""
    assert volumes.said[1:] == ["c1 /hosts True", "c1 removed", f"checked /volumes/{VOLUME}/hosts"]
