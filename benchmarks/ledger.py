"""What an entry costs as the ledger grows: `python benchmarks/ledger.py [--postgres] [--sizes 1000,10000,100000]`.

For each size: appends one by one, each durable before the next (SQLite: WAL with synchronous=FULL), then verifies the
whole chain, then carries out one command on an attempt of fifty entries. All in one run, and the costs are processor
time of this process, so that the ratios to the smallest size mean something on a busy machine: a cost per entry that
does not depend on the size has a ratio near 1. Appends per second are by the clock on the wall.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.adapters.sql_records import Database, SqlRecords
from grader.attempts import Request, perform
from grader.domain import attempt_commands as do
from grader.domain import facts
from grader.domain.attempt_events import AttemptId, PersonId, Saved, Started
from grader.domain.enrollment import attempt_stream
from grader.domain.instant import Instant
from grader.domain.ledger import Entry, Sender, seal, verify
from tests.fakes.postgres_server import PostgresServer
from tests.fakes.story import HANDED, LIVE, POSTMORTEM, T0, TERMS

PER_ATTEMPT = 50
"""Entries in one attempt's stream: a long review with many updates."""
COMMANDS = 20
"""Commands whose mean is given."""
LEARNER = PersonId("p-0000000000")
ADA = do.Actor(role=do.Role.LEARNER, id=LEARNER)


def grow(records: SqlRecords, first: int, count: int) -> None:
    """Append entries one by one, `PER_ATTEMPT` to a stream."""
    last: Entry | None = None
    for number in range(first, first + count):
        stream = attempt_stream(AttemptId(f"{number // PER_ATTEMPT:012d}"))
        last = last if last and last.stream == stream else None
        event = started() if last is None else Saved(mode="repo_url", content="c" * 64, commit="f" * 40, answers={})
        draft = facts.draft(stream, T0, event)
        last = seal(draft, sender=Sender(actor=str(ADA), key=str(number), request="r" * 64), now=T0, last=last)
        records.append([last])


def started() -> Started:
    """The first entry of each stream."""
    live_until = Instant(T0 + LIVE)
    deadline = Instant(live_until + POSTMORTEM)
    return Started(
        learner=LEARNER, case="c", number=1, terms=TERMS, opened_at=T0, live_until=live_until, deadline=deadline
    )


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of processor time, and on the wall."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - wall


def commands(records: SqlRecords, attempts: int) -> None:
    request = Request(actor=ADA, received_at=T0)
    for place in range(COMMANDS):
        identity = AttemptId(f"{place % attempts:012d}")
        assert perform(records, identity, do.Save(handed=HANDED), request).refusal is None


@dataclass(frozen=True, slots=True)
class Row:
    """Microseconds of processor time for one append, one entry's verification, one command; appends per second."""

    size: int
    append: float
    verify: float
    command: float
    per_second: float


def measure(address: str, sizes: list[int]) -> list[Row]:
    database = Database(address)
    records, there, found = SqlRecords(database), 0, []
    for size in sizes:
        grown, whole = size - there, size // PER_ATTEMPT
        append, wall = timed(lambda: grow(records, there, grown))  # noqa: B023 - called at once
        check, _ = timed(lambda: check_all(records))
        command, _ = timed(lambda: commands(records, whole))  # noqa: B023 - called at once
        found.append(Row(size, append / grown * 1e6, check / size * 1e6, command / COMMANDS * 1e6, grown / wall))
        there = size
    database.close()
    return found


def check_all(records: SqlRecords) -> None:
    assert verify(records.entries()) is None


def show(name: str, found: list[Row]) -> None:
    table = Table("entries", "appends/s", "append", "ratio", "verify one", "ratio", "verify all", "command", "ratio")
    first = found[0]
    for row in found:
        table.add_row(
            f"{row.size:,}",
            f"{row.per_second:,.0f}",
            f"{row.append:.0f} µs",
            f"{row.append / first.append:.2f}",
            f"{row.verify:.1f} µs",
            f"{row.verify / first.verify:.2f}",
            f"{row.verify * row.size / 1e6:.2f} s",
            f"{row.command / 1000:.1f} ms",
            f"{row.command / first.command:.2f}",
        )
    table.title = name
    Console(width=110).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", action="store_true", help="also on a PostgreSQL started for this")
    parser.add_argument("--sizes", default="1000,10000,100000")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        show("SQLite", measure(f"sqlite:///{Path(folder) / 'ledger.sqlite'}", sizes))
    if options.postgres:
        server = PostgresServer().start()
        show("PostgreSQL (fsync off)", measure(server.url(), sizes))
        server.stop()


if __name__ == "__main__":
    main()
