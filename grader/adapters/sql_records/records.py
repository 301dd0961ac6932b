"""The `Records` port over a database. The database itself refuses what does not follow on the head of its stream."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.exc import IntegrityError

from grader.adapters.sql_records.database import Database
from grader.adapters.sql_records.tables import ENTRY
from grader.domain.ledger import Entry, StreamId
from grader.errors import StreamMoved

_BATCH = 1000
"""Entries held in memory while all of them are read."""


class SqlRecords:
    """Entries in the table `entry`."""

    def __init__(self, database: Database) -> None:
        """Over an open database."""
        self._database = database

    def stream(self, stream: StreamId) -> tuple[Entry, ...]:
        """All entries of a stream, in their order."""
        wanted = select(ENTRY).where(ENTRY.c.stream == stream).order_by(ENTRY.c.seq)
        with self._database.read() as connection:
            return tuple(map(_entry, connection.execute(wanted)))

    def append(self, entries: Sequence[Entry]) -> None:
        """All or none, in one transaction."""
        if not entries:
            return
        try:
            with self._database.write() as connection:
                connection.execute(insert(ENTRY), [asdict(entry) for entry in entries])
        except IntegrityError:
            raise StreamMoved(f"somebody else appended to {entries[0].stream} first; try again") from None

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All entries of the streams that start so, in one consistent view."""
        wanted = select(ENTRY).order_by(ENTRY.c.stream, ENTRY.c.seq)
        if prefix:
            wanted = wanted.where(ENTRY.c.stream.startswith(prefix, autoescape=True))
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(wanted):
                yield _entry(row)


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)
