"""From a submission to its pre-scores: ask for a run, grade, record what came out or that it failed."""

import json
import sys
from collections.abc import Callable

from grader import attempts
from grader.attempts import Outcome, Request
from grader.cli.desk import Call, Desk
from grader.cli.frozen import grade_frozen
from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain import facts
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import GRADER, Command
from grader.domain.enrollment import attempt_stream
from grader.domain.instant import from_datetime, to_datetime
from grader.domain.record import Record
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.errors import GraderError
from grader.hand_in import GradingOrder, look_up
from grader.report.record_file import encode

Grade = Callable[[GradingOrder], Record]
"""The grading walk; raises GraderError when there is no record, by whoever's fault."""


def graded(desk: Desk, outcome: Outcome, call: Call, done: str) -> int:
    """Grade the attempt unless that has been done, print it, and return the exit status."""
    if outcome.attempt.run is not None:
        desk.answer(outcome, call, done)
        return 0
    begun = attempts.perform(desk.ledger.records, outcome.attempt.id, do.RequestGrade(), _now(desk))
    return carry_out(desk, desk.accepted(begun).attempt, call, lambda order: grade_frozen(desk.settings, order))


def carry_out(desk: Desk, attempt: Attempt, call: Call, grade: Grade) -> int:
    """The run that was asked for last: grade, record, print; returns the exit status."""
    number = len(attempt.runs)
    try:
        record = grade(_order(desk, attempt))
    except GraderError as error:
        failed = do.FailGrade(run=number, reason=type(error).__name__)
        desk.answer(_perform(desk, attempt, failed), call, f"run {number} failed, which costs the learner nothing")
        sys.stderr.write(f"grader: {error}\n")
        return 3
    outcome = _perform(desk, attempt, _result(desk, number, record))
    desk.answer(outcome, call, f"graded in run {number}{_cleared(outcome)}")
    return 0


def _order(desk: Desk, attempt: Attempt) -> GradingOrder:
    submission = attempt.submission
    if submission is None:
        raise ValueError(f"attempt {attempt.id} was not submitted")
    handed = look_up(desk.ledger.contents, submission.content)
    return GradingOrder(
        handed=handed,
        submission=submission,
        deadline=attempt.started.deadline,
        twin=attempt.terms.twin,
        timeline=_timeline(desk, attempt),
    )


def _timeline(desk: Desk, attempt: Attempt) -> Timeline:
    """The updates of the live window as the server received them; a text that was erased is empty."""
    events = []
    for fact in facts.facts(desk.ledger.records.stream(attempt_stream(attempt.id))):
        if isinstance(fact.event, ev.UpdatePosted):
            text = desk.ledger.contents.get(fact.event.text) or b""
            events.append(
                TimelineEvent(
                    kind=TimelineKind(fact.event.update),
                    at=to_datetime(fact.effective_at),
                    author=fact.actor,
                    text=text.decode(),
                    commit=fact.event.commit,
                )
            )
    opened, until = to_datetime(attempt.started.opened_at), to_datetime(attempt.started.live_until)
    return Timeline(opened_at=opened, window=until - opened, events=tuple(events))


def _result(desk: Desk, number: int, record: Record) -> do.RecordGrade:
    kept = desk.ledger.contents.keep(json.dumps(encode(record), ensure_ascii=False, sort_keys=True).encode())
    pre_scores = {score.dimension: score.points for score in record.pre_scores}
    return do.RecordGrade(run=number, pre_scores=pre_scores, record=kept, grader=record.provenance.grader)


def _cleared(outcome: Outcome) -> str:
    for fact in facts.facts(outcome.entries):
        if isinstance(fact.event, ev.GradeRecorded) and fact.event.cleared:
            return f"; decisions on {', '.join(fact.event.cleared)} no longer count"
    return ""


def _perform(desk: Desk, attempt: Attempt, command: Command) -> Outcome:
    return desk.accepted(attempts.perform(desk.ledger.records, attempt.id, command, _now(desk)))


def _now(desk: Desk) -> Request:
    return Request(actor=GRADER, received_at=from_datetime(desk.ledger.clock.now()))
