"""The ledger, its contents and its people in SQLite or PostgreSQL."""

from grader.adapters.sql_records.contents import SqlContents
from grader.adapters.sql_records.database import Database
from grader.adapters.sql_records.database_clock import DatabaseClock
from grader.adapters.sql_records.people import SqlPeople
from grader.adapters.sql_records.records import SqlRecords

__all__ = ["Database", "DatabaseClock", "SqlContents", "SqlPeople", "SqlRecords"]
