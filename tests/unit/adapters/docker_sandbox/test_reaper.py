"""At the end of all work nothing of ours stays, even where the engine fails at what it had begun by itself."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from docker import errors

from grader.adapters.docker_sandbox import reaper
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.owner import Owner

OWNER, ANOTHER = (Owner(installation="here", process="", run=run) for run in ("mine", "another's"))
MINE, ANOTHERS, LEFT_BEHIND = OWNER.labels(86_400.0), ANOTHER.labels(86_400.0), ANOTHER.labels(-60.0)


@dataclass(slots=True)
class Containers:
    """What an engine lists, and how often it will say of each that it is going already, or that it cannot."""

    listed: dict[str, dict[str, str]]
    going: dict[str, int] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    dead: bool = False

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        if self.dead:
            raise requests.exceptions.ConnectionError("no answer")
        return [{"Id": identity, "Labels": labels} for identity, labels in self.listed.items()]

    def remove_container(self, identity: str, **_: Any) -> None:
        for status, times in ((409, self.going), (500, self.refuses)):
            if times.get(identity, 0):
                times[identity] -= 1
                raise errors.APIError("busy", response=answer(status))
        del self.listed[identity]


def answer(status: int) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    return made


def settle(containers: Containers) -> None:
    reaper.settle(cast(Engine, SimpleNamespace(api=containers)), OWNER)


def test_what_is_of_this_run_or_abandoned_goes_and_nothing_else() -> None:
    containers = Containers({"a": MINE, "b": ANOTHERS, "c": LEFT_BEHIND})
    settle(containers)
    assert list(containers.listed) == ["b"]


@pytest.mark.parametrize("identity", ["a", "c"])
def test_what_the_engine_fails_to_remove_is_asked_for_again(identity: str) -> None:
    containers = Containers({"a": MINE, "c": LEFT_BEHIND}, going={identity: 2}, refuses={identity: 1})
    settle(containers)
    assert containers.listed == {}


def test_what_cannot_be_removed_is_given_up_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaper, "SETTLE_SECONDS", 0.1)
    containers = Containers({"a": MINE}, going={"a": 1_000_000})
    settle(containers)
    assert list(containers.listed) == ["a"]


def test_an_engine_that_is_gone_is_let_be() -> None:
    settle(Containers({"a": MINE}, dead=True))
