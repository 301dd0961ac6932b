"""The `Clock` port over PostgreSQL: many machines, one clock."""

from datetime import UTC, datetime

from sqlalchemy import text

from grader.adapters.sql_records.database import Database


class DatabaseClock:
    """The database server's clock."""

    def __init__(self, database: Database) -> None:
        """Over an open PostgreSQL database."""
        self._database = database

    def now(self) -> datetime:
        """The server's time at this moment, not at the start of a transaction."""
        with self._database.read() as connection:
            found: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
            return found.astimezone(UTC)
