"""The `People` port over a database: who stands behind an id."""

import secrets

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from grader.adapters.sql_records.database import Database
from grader.adapters.sql_records.tables import PERSON
from grader.domain.attempt_events import PersonId


class SqlPeople:
    """People in the table `person`."""

    def __init__(self, database: Database) -> None:
        """Over an open database."""
        self._database = database

    def id_of(self, login: str) -> PersonId:
        """The person's id, made on first use."""
        if found := self._find(login):
            return found
        made = PersonId(f"p-{secrets.token_hex(5)}")
        try:
            with self._database.write() as connection:
                connection.execute(insert(PERSON).values(id=made, login=login))
        except IntegrityError:  # somebody else made one for the same login just now
            return self.id_of(login)
        return made

    def login_of(self, person: PersonId) -> str | None:
        """The login, or None."""
        with self._database.read() as connection:
            found: str | None = connection.scalar(select(PERSON.c.login).where(PERSON.c.id == person))
            return found

    def erase(self, login: str) -> None:
        """Forget the person."""
        with self._database.write() as connection:
            connection.execute(delete(PERSON).where(PERSON.c.login == login))

    def _find(self, login: str) -> PersonId | None:
        with self._database.read() as connection:
            found = connection.scalar(select(PERSON.c.id).where(PERSON.c.login == login))
            return PersonId(found) if found else None
