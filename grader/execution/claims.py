"""What a test run says of itself, event by event; read as hostile input, total over any bytes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.domain.observation import Cause, Ended, Outcome, TestId, TestObservation

MAX_EVENTS = 200_000
MAX_ID = 2_000
MESSAGE = 1_000


@dataclass(slots=True)
class Claims:
    """The event stream so far; each `take` is total."""

    begun: bool = False
    ended: int | None = None
    ids: list[TestId] | None = None
    started: set[TestId] = field(default_factory=set)
    results: dict[TestId, TestObservation] = field(default_factory=dict)
    errors: list[TestObservation] = field(default_factory=list)
    skipped_modules: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, event: dict[str, Any] | None) -> None:
        """Add one event; None is a line that was no event."""
        if event is None:
            self.problem("something else than the runner wrote to the event stream")
        elif self.ended is not None:
            self.problem("the event stream went on after its end")
        elif not self.begun and event["event"] != "begin":
            self.problem("the event stream does not start with its beginning")
        else:
            self._take_known(event)

    def problem(self, text: str) -> None:
        """Note a contradiction, each once."""
        if text not in self.problems:
            self.problems.append(text)

    def _take_known(self, event: dict[str, Any]) -> None:  # noqa: C901, PLR0912 - one flat match
        match event:
            case {"event": "begin"}:
                self._once(self.begun, "beginning")
                self.begun = True
            case {"event": "collected", "ids": list(ids)}:
                self._once(self.ids is not None, "list of tests")
                self.ids = [TestId(_clean(str(i), MAX_ID)) for i in ids]
            case {"event": "start", "n": n}:
                self._started(self._id(n))
            case {"event": "test", "n": n, "outcome": str(outcome), **rest}:
                self._result(self._id(n), outcome, rest)
            case {"event": "not_collected", "path": str(path), "message": str(message)}:
                self.errors.append(not_collected(path, message))
            case {"event": "module_skipped", "path": str(path)}:
                self.skipped_modules.append(_clean(path, MAX_ID))
            case {"event": "read", "by": str(by), "path": str(path)}:
                self.reads.append((_clean(by, MAX_ID), _clean(path, MAX_ID)))
            case {"event": "crash", "message": str(message)}:
                self.errors.append(not_collected("", message))
            case {"event": "end", "status": int(status), "changed": list(changed)}:
                self.ended = status
                self.changed = [_clean(str(path), MAX_ID) for path in changed[:20]]
            case _:
                self.problem("something else than the runner wrote to the event stream")

    def _once(self, there: object, what: str) -> None:
        if there:
            self.problem(f"the event stream has a second {what}")

    def _id(self, number: object) -> TestId | None:
        ids = self.ids or []
        if isinstance(number, int) and 0 <= number < len(ids):
            return ids[number]
        self.problem("the event stream tells of a test that was not collected")
        return None

    def _started(self, test: TestId | None) -> None:
        if test is not None:
            self._once(test in self.started, "start of one test")
            self.started.add(test)

    def _result(self, test: TestId | None, outcome: str, rest: dict[str, Any]) -> None:
        if test is None:
            return
        try:
            cause = Cause(rest["cause"]) if "cause" in rest else None
            found = TestObservation(
                id=test, outcome=Outcome(outcome), cause=cause, message=_clean(str(rest.get("message", "")), MESSAGE)
            )
        except ValueError:
            self.problem("the event stream tells of an outcome that does not exist")
            return
        if test not in self.started:
            self.problem("a test ended that had not started")
        self._once(test in self.results, "result of one test")
        self.results.setdefault(test, found)

    def explain(self, message: str) -> None:
        """Say why the session ended early, where the events do not."""
        if not self.errors and self.ids is None:
            self.errors.append(not_collected("", message))

    def observations(self, ended: Ended) -> Iterator[TestObservation]:
        """One observation for each collected id; a test that was cut off, or never came to its turn, says by what."""
        for test in dict.fromkeys(self.ids or []):
            yield self.results.get(test) or _cut_off(test, ended)


def events(stdout: bytes) -> Iterator[dict[str, Any] | None]:
    """The events; None for a line that is none."""
    for number, line in enumerate(stdout.split(b"\n")):
        if number >= MAX_EVENTS:
            yield None
            return
        if not line:
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        yield event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def not_collected(path: str, message: str) -> TestObservation:
    """A module, or with an empty path the whole session, that could not be collected."""
    return TestObservation(
        id=TestId(_clean(path, MAX_ID)),
        outcome=Outcome.NOT_COLLECTED,
        cause=Cause.NOT_COLLECTED,
        message=_clean(message, MESSAGE),
    )


def _clean(text: str, limit: int) -> str:
    """At most so many characters, and none that UTF-8 cannot write: JSON can escape half a surrogate pair."""
    return text[:limit].encode("utf-8", "replace").decode()


def _cut_off(test: TestId, ended: Ended) -> TestObservation:
    match ended:
        case Ended.WALL_LIMIT:
            return TestObservation(
                id=test, outcome=Outcome.TIMEOUT, cause=Cause.TIMEOUT, message="the time limit was reached"
            )
        case Ended.MEMORY_LIMIT:
            message = "the memory limit was reached"
        case Ended.OUTPUT_LIMIT:
            message = "the output limit was reached"
        case Ended.EXITED:
            message = "the process ended before the session did"
    return TestObservation(id=test, outcome=Outcome.KILLED, cause=Cause.KILLED, message=message)
