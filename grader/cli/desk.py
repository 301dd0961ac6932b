"""What the commands over the ledger share: who acts, which attempt, how an answer is printed."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from typing import Any

import click

from grader import wiring
from grader.attempts import Outcome, Reading, Request, perform
from grader.cli import attempt_screen
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain import facts
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import Actor, Command, Role
from grader.domain.attempt_events import AttemptId, PersonId
from grader.domain.instant import Instant, from_datetime
from grader.domain.refusal import MALFORMED, Refusal
from grader.errors import CommandRefused, InputInvalid
from grader.report.attempt_document import to_document
from grader.review.states import as_of, learner_shown

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PERSON = re.compile(r"\bp-[0-9a-f]{10}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One call of the command line: the open ledger and the time at which the call arrived."""

    settings: Settings
    ledger: wiring.Ledger
    arrived: Instant

    def actor(self, role: Role, login: str | None) -> Actor:
        """Whoever acts; raises InputInvalid when that is not said or no login."""
        named = login or self.settings.user
        if not named:
            raise InputInvalid("who acts? give --as LOGIN, or set GRADER_USER")
        return Actor(role=role, id=self.person(named))

    def person(self, login: str) -> PersonId:
        """The id of a login; raises InputInvalid when it cannot be one."""
        if not _LOGIN.fullmatch(login):
            raise InputInvalid(f"{login!r} is no login; use letters, digits, `.`, `_` and `-`, no address")
        return self.ledger.people.id_of(login)

    def attempt(self, attempt_id: str) -> Attempt:
        """The attempt as the ledger has it; raises InputInvalid when there is none."""
        found = Reading(self.ledger.records).attempt(AttemptId(attempt_id))
        if found.start is None:
            raise InputInvalid(f"no attempt {attempt_id!r}; `grader attempt list` shows all there are")
        return found

    def attempts(self) -> Iterator[Attempt]:
        """All attempts, as they stand now."""
        for stream, entries in groupby(self.ledger.records.entries("attempt/"), key=lambda entry: entry.stream):
            yield as_of(facts.fold_attempt(AttemptId(stream.partition("/")[2]), entries), self.arrived)

    def do(self, attempt_id: str, role: Role, command: Command, call: "Call") -> Outcome:
        """Carry a command out; raises CommandRefused or InputInvalid with the rule that refuses it."""
        attempt, request = self.attempt(attempt_id), self.request(role, call)
        return self.accepted(perform(self.ledger.records, attempt.id, command, request))

    def request(self, role: Role, call: "Call") -> Request:
        """The call as the walk takes it."""
        actor = self.actor(role, call.login)
        return Request(actor=actor, received_at=self.arrived, key=call.key, seen=call.seen)

    def accepted(self, outcome: Outcome) -> Outcome:
        """The outcome; raises when it is a refusal."""
        if outcome.refusal:
            self.refuse(outcome.refusal)
        return outcome

    def refuse(self, refusal: Refusal) -> None:
        """Raise the refusal, with logins for ids."""
        message = _PERSON.sub(lambda found: self.name(PersonId(found[0])), refusal.message)
        raise InputInvalid(message) if refusal.rule in MALFORMED else CommandRefused(message)

    def name(self, person: PersonId) -> str:
        """A person's login, or the id when it was erased."""
        return self.ledger.people.login_of(person) or person

    def document(self, attempt: Attempt, viewer: Actor | None = None) -> dict[str, Any]:
        """The attempt as it stands now, as JSON; its learner's name is hidden from others in blind mode."""
        standing = as_of(attempt, self.arrived)
        own = viewer is not None and viewer.id == attempt.started.learner
        shown = attempt.started.learner if own else learner_shown(standing)
        return to_document(standing, self.arrived, self.name(shown) if shown else None, self.name)

    def answer(self, outcome: Outcome, call: "Call", done: str) -> None:
        """Print what a command did: one line and the attempt, or its JSON."""
        json_file, document = call.json_file, self.document(outcome.attempt, self.actor(Role.LEARNER, call.login))
        document["events"] = [entry.kind for entry in outcome.entries]
        document["replayed"] = outcome.replayed
        if json_file is not None:
            write_json(document, json_file)
        if json_file != "-":
            before = " (this call had been carried out before)" if outcome.replayed else ""
            nothing = "" if outcome.entries else " (nothing had to change)"
            click.echo(f"{done}{before}{nothing}")
            attempt_screen.show(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The options that every changing command has."""

    login: str | None
    key: str
    seen: int | None
    json_file: str | None


def calling(command: Callable[..., object]) -> Callable[..., object]:
    """Give a command the options of `Call`; it is called with the open desk and the call first."""

    @wraps(command)
    def with_desk(*, login: str | None, key: str, seen: int | None, json_file: str | None, **given: object) -> object:
        settings: Settings = click.get_current_context().obj
        return command(opened(settings), Call(login=login, key=key, seen=seen, json_file=json_file), **given)

    for option in (json_option, _SEEN, _KEY, as_option):
        option(with_desk)
    return with_desk


_KEY = click.option("--key", default="", metavar="KEY", help="The same call under the same key counts once.")
_SEEN = click.option("--seen", type=int, metavar="SEQ", help="Refuse if the attempt moved on from this `seq`.")
as_option = click.option("--as", "login", metavar="LOGIN", help="Who acts; default: GRADER_USER.")


def opened(settings: Settings) -> Desk:
    """The desk, with the clock read as soon as there is one."""
    ledger = wiring.ledger(settings)
    return Desk(settings=settings, ledger=ledger, arrived=from_datetime(ledger.clock.now()))


def once(text: str, what: str, limit: int = 20_000) -> str:
    """A text given on the command line, `-` for stdin; raises InputInvalid when it is empty or too long."""
    content = sys.stdin.read(limit + 1) if text == "-" else text
    if not content.strip():
        raise InputInvalid(f"{what} is empty")
    if len(content) > limit:
        raise InputInvalid(f"{what} has more than {limit} characters")
    return content
