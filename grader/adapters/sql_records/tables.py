"""The tables as they are read and written; the migrations make them, with the triggers that keep them append-only."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

HEAD = "0001"
"""The newest migration; a database at another one is upgraded, or refused when it is newer than this grader."""

VERSION_TABLE = "ledger_version"

METADATA = MetaData()

ENTRY = Table(
    "entry",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
    Column("effective_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

CONTENT = Table("content", METADATA, Column("digest", Text, primary_key=True), Column("bytes", LargeBinary))

PERSON = Table("person", METADATA, Column("id", Text, primary_key=True), Column("login", Text, nullable=False))
