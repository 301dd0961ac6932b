"""What only a database can do: refuse every change, be private, upgrade once, and say clearly when it is not there."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from grader.adapters.sql_records import Database, DatabaseClock, SqlRecords
from grader.adapters.sql_records import database as module
from grader.adapters.sql_records.tables import HEAD
from grader.domain.instant import from_datetime
from grader.errors import LedgerUnavailable, SettingsInvalid
from tests.fakes.postgres_server import PostgresServer
from tests.fakes.story import Story

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'ledger.sqlite'}"
    url: str = request.getfixturevalue("postgres").url()
    return url


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update entry set actor = 'x'",
        "delete from entry",
        "update entry set body = body where seq = 1",
        "insert into entry select stream, seq + 1, recorded_at - 1, effective_at, actor, kind, '', request, body, hash,"
        " 'f' from entry where seq = (select max(seq) from entry) and stream like 'attempt/%'",
    ],
)
def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    story = Story()
    story.records = SqlRecords(database)
    before = list(story.signed().records.entries())
    with pytest.raises((DBAPIError, LedgerUnavailable)), database.write() as connection:
        connection.execute(text(statement))
    assert list(story.records.entries()) == before


def test_sqlite_does_not_let_a_replacement_through(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'l'}")
    story = Story()
    story.records = SqlRecords(database)
    story.start()
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.execute(text("insert or replace into entry select * from entry"))
    database.close()


@pytest.mark.postgres
def test_postgresql_does_not_truncate(postgres: PostgresServer) -> None:
    database = Database(postgres.url())
    with pytest.raises(LedgerUnavailable, match="append-only"), database.write() as connection:
        connection.execute(text("truncate entry"))
    database.close()


def test_a_file_is_private_to_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    database = Database(f"sqlite:///{file}")
    SqlRecords(database).stream(Story().enrollment.stream)
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    database.close()
    assert modes == {0o600}


def test_four_processes_that_start_at_once_upgrade_once(address: str) -> None:
    program = "import sys; from grader.adapters.sql_records import Database; Database(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", program, address], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)
    ]
    answers = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], answers


def test_a_database_of_a_newer_grader_is_left_alone(address: str, database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("update ledger_version set version_num = '9999'"))
    with pytest.raises(LedgerUnavailable, match="revision 9999, which this grader does not know"):
        Database(address)


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("mysql://x/y", "not mysql://"),
        ("sqlite://", "in memory forgets everything"),
        ("sqlite:///:memory:", "in memory forgets everything"),
        ("ledger.sqlite", "has to be sqlite:///FILE"),
        ("postgresql://h:port/x", "has to be sqlite:///FILE"),
    ],
)
def test_an_address_that_is_none_is_named(wrong: str, message: str) -> None:
    with pytest.raises(SettingsInvalid, match=message):
        Database(wrong)


def test_a_server_that_does_not_answer_is_nobodys_fault_and_its_password_is_not_told() -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        Database("postgresql://grader:hunter2@127.0.0.1:1/x")
    assert "does not answer" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_or_no_file_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello " * 1000)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        Database(f"sqlite:///{tmp_path / 'text'}")
    with pytest.raises(LedgerUnavailable, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}")


@pytest.mark.postgres
def test_the_clock_of_postgresql_is_the_servers(postgres: PostgresServer) -> None:
    database = Database(postgres.url())
    clock = DatabaseClock(database)
    first, second = clock.now(), clock.now()
    with database.read() as connection:
        told = connection.execute(text("select extract(epoch from clock_timestamp()) * 1000")).scalar_one()
    assert first < second
    assert from_datetime(second) <= told <= from_datetime(second) + 5000
    database.close()


@pytest.mark.postgres
def test_a_server_that_is_killed_and_comes_back_has_lost_nothing() -> None:
    server = PostgresServer().start()
    database = Database(server.url())
    story = Story()
    story.records = SqlRecords(database)
    before = list(story.claimed().records.entries())
    server.crash()
    with pytest.raises(LedgerUnavailable, match="does not answer"):
        list(story.records.entries())
    server.boot()
    assert list(story.records.entries()) == before
    database.close()
    server.stop()
