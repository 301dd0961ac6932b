"""Runs of the grader: asked for, recorded, failed. Run numbers go 1, 2, 3, and only the latest run can be recorded."""

from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain.attempt import Attempt, Phase, Run
from grader.domain.attempt_commands import Actor, Role
from grader.domain.instant import Instant
from grader.domain.refusal import Rule
from grader.review.decided import NOTHING, Decided, accept, refuse

_BEFORE = frozenset({Phase.CREATED, Phase.LIVE, Phase.POSTMORTEM, Phase.EXPIRED})
_UNDECIDED = frozenset({Phase.SUBMITTED, Phase.GRADING, Phase.GRADE_ERROR})
"""No result is on the table, so a new run needs no reason."""


def request(attempt: Attempt, actor: Actor, command: do.RequestGrade, now: Instant) -> Decided:
    """Start the next run; a run that still hangs is superseded by it."""
    if attempt.phase in _BEFORE:
        return refuse(Rule.NOT_SUBMITTED, f"not_submitted: the attempt is {attempt.phase}; there is nothing to grade")
    if refused := _may_not_request(attempt, actor):
        return refused
    if attempt.run and attempt.phase not in _UNDECIDED and not command.reason.strip():
        return refuse(Rule.REASON_NEEDED, "reason_needed: a regrade needs a reason")
    return accept(now, ev.GradeRequested(run=len(attempt.runs) + 1, reason=command.reason.strip()))


def record(attempt: Attempt, actor: Actor, command: do.RecordGrade, now: Instant) -> Decided:
    """Deliver a result; the same run twice changes nothing."""
    if refused := _not_the_grader(actor):
        return refused
    run = _run(attempt, command.run)
    if run and run.record:
        return NOTHING
    if refused := _stale(attempt, command.run):
        return refused
    wanted, given = set(attempt.terms.weights), set(command.pre_scores)
    fits = all(points is None or 0 <= points <= 20 for points in command.pre_scores.values())
    if wanted != given or not fits or not command.record:
        message = f"incomplete_run: a run needs a pre-score of 0..20 points or none for each of {', '.join(wanted)}"
        return refuse(Rule.INCOMPLETE_RUN, message)
    event = ev.GradeRecorded(
        run=command.run,
        pre_scores=dict(command.pre_scores),
        record=command.record,
        grader=command.grader,
        cleared=tuple(attempt.decisions),
    )
    return accept(now, event)


def fail(attempt: Attempt, actor: Actor, command: do.FailGrade, now: Instant) -> Decided:
    """Report a run without a result; decisions on an earlier run stay as they are."""
    if refused := _not_the_grader(actor):
        return refused
    run = _run(attempt, command.run)
    if run and run.error:
        return NOTHING
    refused = _stale(attempt, command.run)
    return refused or accept(now, ev.GradeFailed(run=command.run, reason=command.reason or "unknown"))


def _run(attempt: Attempt, number: int) -> Run | None:
    return attempt.runs[number - 1] if 1 <= number <= len(attempt.runs) else None


def _stale(attempt: Attempt, number: int) -> Decided | None:
    if attempt.runs and attempt.runs[-1].pending and attempt.runs[-1].number == number:
        return None
    latest = len(attempt.runs)
    return refuse(Rule.STALE_RUN, f"stale_run: run {number} is not under way; the latest run is {latest}")


def _not_the_grader(actor: Actor) -> Decided | None:
    if actor.role is Role.GRADER:
        return None
    return refuse(Rule.WRONG_ROLE, f"wrong_role: only the grader delivers runs, not a {actor.role}")


def _may_not_request(attempt: Attempt, actor: Actor) -> Decided | None:
    """The learner's own submission starts the first run; everything later is for others than the learner."""
    own = actor.id == attempt.started.learner
    first = attempt.phase is Phase.SUBMITTED
    match actor.role:
        case Role.GRADER | Role.OPERATOR:
            return None
        case Role.LEARNER if own and first:
            return None
        case Role.MENTOR if not own:
            return None
        case Role.MENTOR:
            return refuse(Rule.OWN_REVIEW, "own_review: a mentor has no say over their own attempt")
        case _:
            return refuse(Rule.WRONG_ROLE, "wrong_role: a regrade is asked for by a mentor or an operator")
