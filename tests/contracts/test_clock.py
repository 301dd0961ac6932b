"""What every clock does: it is aware, in UTC, and tells later times later."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from grader.adapters.sql_records import Database, DatabaseClock
from grader.adapters.system_clock import SystemClock
from grader.ports import Clock
from tests.fakes.command_line import FakeClock


@pytest.fixture(params=["fake", "system", pytest.param("postgres", marks=pytest.mark.postgres)])
def clock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clock]:
    match request.param:
        case "fake":
            yield FakeClock()
        case "system":
            yield SystemClock()
        case _:
            database = Database(request.getfixturevalue("postgres").url())
            yield DatabaseClock(database)
            database.close()


def test_times_are_aware_in_utc_and_do_not_run_backwards(clock: Clock) -> None:
    times = [clock.now() for _ in range(20)]
    assert {time.utcoffset() for time in times} == {timedelta(0)}
    assert times == sorted(times)
