"""Which runtime is taken: by what the engine has, what is required, and what the self-check says."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.runtime import Runtimes, choose, fit
from grader.domain.sandbox import MIB, Limits
from grader.errors import SandboxUnavailable, SettingsInvalid


def engine(*names: str) -> Engine:
    about = {"ID": "x", "KernelVersion": "6", "Runtimes": {name: {"path": name} for name in ("runc", *names)}}
    return cast(Engine, SimpleNamespace(api=SimpleNamespace(info=lambda: about)))


def never(kind: str) -> bool:
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("has", "required", "works", "chosen"),
    [
        ((), "", True, ("runc", "runc")),
        (("runsc",), "", True, ("runsc", "runc")),
        (("runsc", "runsc-pod"), "", True, ("runsc", "runsc-pod")),
        (("runsc", "runsc-pod"), "", False, ("runc", "runc")),
        (("runsc", "runsc-pod"), "runc", True, ("runc", "runc")),
        (("runsc", "runsc-pod"), "runsc", True, ("runsc", "runsc-pod")),
        (("runsc",), "runsc", True, ("runsc", "")),
    ],
)
def test_the_best_that_works_or_the_required_one(
    tmp_path: Path, has: tuple[str, ...], required: str, works: bool, chosen: tuple[str, str]
) -> None:
    found = choose(engine(*has), required, lambda _: works, tmp_path / "memory")
    assert found == Runtimes(single=chosen[0], pod=chosen[1])


@pytest.mark.parametrize(("has", "why"), [((), "does not have"), (("runsc",), "fails its self-check")])
def test_a_required_runtime_that_cannot_be_had_is_an_error(tmp_path: Path, has: tuple[str, ...], why: str) -> None:
    with pytest.raises(SandboxUnavailable, match=why):
        choose(engine(*has), "runsc", lambda _: False, tmp_path / "memory")


def test_an_unknown_name_is_the_operators_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="'kata' is unknown"):
        choose(engine(), "kata", never, tmp_path / "memory")


@pytest.mark.parametrize(("works", "single"), [(True, "runsc"), (False, "runc")])
def test_what_the_self_check_found_is_remembered(tmp_path: Path, works: bool, single: str) -> None:
    memory = tmp_path / "memory"
    choose(engine("runsc"), "", lambda _: works, memory)
    assert choose(engine("runsc"), "", never, memory).single == single


def test_a_failure_is_forgotten_after_an_hour(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    choose(engine("runsc"), "", lambda _: False, memory)
    document: dict[str, Any] = json.loads(memory.read_text())
    memory.write_text(json.dumps({**document, "at": document["at"] - 3601}))
    assert choose(engine("runsc"), "", lambda _: True, memory).single == "runsc"


def test_a_broken_memory_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("[]")
    assert choose(engine("runsc"), "", lambda _: True, tmp_path / "memory").single == "runsc"


def test_runsc_gets_more_of_what_it_needs_and_runc_what_was_asked() -> None:
    limits = Limits(wall_seconds=10, memory=100 * MIB, processes=64)
    assert fit(limits, "runc") == limits
    more = fit(limits, "runsc")
    assert (more.wall_seconds, more.memory, more.processes) == (15, 150 * MIB, 512)
