"""The command line in this process, over a ledger in memory and a clock in our hands."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader import cli, wiring
from grader.config import Settings
from grader.errors import SandboxUnavailable
from grader.grade import Tools
from tests.fakes.memory_ledger import MemoryContents, MemoryPeople, MemoryRecords


class FakeClock:
    """The `Clock` port; it stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


def _no_engine(settings: Settings, **_: object) -> Tools:
    raise SandboxUnavailable("no container engine answers")


class CommandLine:
    """`run` calls `grader` with arguments, and gives exit status, stdout and stderr."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.clock = FakeClock()
        self.ledger = wiring.Ledger(
            records=MemoryRecords(), contents=MemoryContents(), people=MemoryPeople(), clock=self.clock
        )
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setattr(wiring, "ledger", lambda settings: self.ledger)
        monkeypatch.setattr(wiring, "has_ledger", lambda settings: True)
        monkeypatch.setattr(wiring, "walk_tools", _no_engine)
        monkeypatch.setenv("COLUMNS", "160")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["grader", *arguments])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = self._capsys.readouterr()
        status = ended.value.code
        assert isinstance(status, int)
        return status, shown.out, shown.err

    def done(self, *arguments: str) -> str:
        """What a call that succeeds prints."""
        status, out, err = self.run(*arguments)
        assert (status, err) == (0, ""), err
        return out

    def document(self, *arguments: str) -> dict[str, Any]:
        """The JSON of a call that succeeds."""
        found = json.loads(self.done(*arguments, "--json", "-"))
        assert isinstance(found, dict)
        return found

    def refused(self, *arguments: str) -> tuple[int, str]:
        """Exit status and the one line of a call that is refused."""
        status, out, err = self.run(*arguments)
        assert (out, err.count("\n"), err[:8]) == ("", 1, "grader: "), (out, err)
        return status, err.strip()
