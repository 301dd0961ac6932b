"""The `Contents` port over a database: bytes by their digest, which can be erased."""

from hashlib import sha256

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from grader.adapters.sql_records.database import Database
from grader.adapters.sql_records.tables import CONTENT


class SqlContents:
    """Contents in the table `content`."""

    def __init__(self, database: Database) -> None:
        """Over an open database."""
        self._database = database

    def keep(self, content: bytes) -> str:
        """Keep it and return its SHA-256."""
        digest = sha256(content).hexdigest()
        if self.get(digest) is None:
            try:
                with self._database.write() as connection:
                    connection.execute(insert(CONTENT).values(digest=digest, bytes=content))
            except IntegrityError:
                return digest  # somebody else kept the same bytes just now
        return digest

    def get(self, digest: str) -> bytes | None:
        """The content, or None."""
        with self._database.read() as connection:
            found: bytes | None = connection.scalar(select(CONTENT.c.bytes).where(CONTENT.c.digest == digest))
            return found

    def erase(self, digest: str) -> None:
        """Forget it."""
        with self._database.write() as connection:
            connection.execute(delete(CONTENT).where(CONTENT.c.digest == digest))
