"""One database: how it is opened, upgraded, and how its faults become ours."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from grader.adapters.sql_records.tables import HEAD, VERSION_TABLE
from grader.errors import LedgerUnavailable, SettingsInvalid

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_UPGRADE_LOCK = 0x6772616465720001
"""PostgreSQL advisory lock: two processes that start at once upgrade once."""
_BUSY_SECONDS = 30
"""How long a SQLite writer waits for the one before it."""


class Database:
    """An upgraded database; `read` and `write` are transactions.

    Raises SettingsInvalid for an address that is none, LedgerUnavailable when the database does not answer.
    """

    def __init__(self, address: str) -> None:
        """Open and, if need be, upgrade what `address` names: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`."""
        self._url = _parse(address)
        self.name = self._url.render_as_string(hide_password=True)
        self._engine = self._open()
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        try:
            self._upgrade()
        except BaseException:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        """Whether one machine's file holds it, so that the machine's clock is the only clock."""
        return self._url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view."""
        with self._mapped(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that is on the disk when the block is left, or not at all."""
        with self._mapped(), self._writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _open(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self._url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        _make_private(Path(self._url.database or ""))
        engine = create_engine(self._url, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine

    def _upgrade(self) -> None:
        with self._mapped(), self._engine.connect() as connection:
            found = _revision(connection)
        if found != HEAD:
            self._migrate(found)

    def _migrate(self, found: str | None) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(files("grader.adapters.sql_records") / "migrations"))
        try:
            with self.write() as connection:
                if not self.is_sqlite:
                    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError:
            message = f"the ledger at {self.name} is at revision {found}, which this grader does not know; upgrade it"
            raise LedgerUnavailable(message) from None

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            cause = str(error.orig).strip().splitlines() or ["no answer"]
            raise LedgerUnavailable(f"the ledger at {self.name} does not answer: {cause[0]}") from None


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
        driver = _DRIVERS.get(url.drivername, url.drivername)
        if driver not in _DRIVERS.values():
            raise SettingsInvalid(f"a ledger is sqlite:///FILE or postgresql://USER@HOST/NAME, not {url.drivername}://")
        if driver == _DRIVERS["sqlite"] and url.database in (None, "", ":memory:"):
            raise SettingsInvalid("a ledger in memory forgets everything; name a file: sqlite:///FILE")
        return url.set(drivername=driver)
    except (ArgumentError, ValueError):
        raise SettingsInvalid("a ledger's address has to be sqlite:///FILE or postgresql://USER@HOST/NAME") from None


def _make_private(file: Path) -> None:
    """Make the file so that only its owner reads it; SQLite gives its side files the same mode."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise LedgerUnavailable(f"the ledger {file} cannot be opened: {error.strerror}") from None


def _on_sqlite_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    connection.isolation_level = None  # transactions are ours, not guessed by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"select version_num from {VERSION_TABLE}")).scalar()  # noqa: S608
    return found
