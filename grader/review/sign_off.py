"""Decisions on the latest run, skill assertions, and the sign-off under a full set, complete or not at all."""

from collections.abc import Iterable

from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain.attempt import Attempt, Run
from grader.domain.attempt_commands import Actor
from grader.domain.instant import Instant
from grader.domain.refusal import Rule
from grader.domain.score import DimensionId, Points
from grader.review.decided import NOTHING, Decided, accept, refuse
from grader.review.sla import not_holder

LONGEST_REASON = 2000
"""Characters of a mentor's reason; a reason is kept in the ledger for ever."""


def confirm(attempt: Attempt, actor: Actor, command: do.Confirm, now: Instant) -> Decided:
    """Accept pre-scores; what is confirmed already stays as it is."""
    run = attempt.run
    refused = not_holder(attempt, actor) or _another_run(attempt, command.run)
    if refused := refused or _unknown(attempt, command.dimensions):
        return refused
    if run is None:
        return NOTHING
    chosen = command.dimensions or tuple(d for d in attempt.terms.weights if d not in attempt.decisions)
    without = [d for d in chosen if run.pre_scores[d] is None]
    if without and (command.dimensions or len(without) == len(chosen)):
        names = ", ".join(without)
        return refuse(Rule.NO_PRE_SCORE, f"no_pre_score: there is none for {names}; decide it with a reason")
    return accept(now, *_confirmations(attempt, run, chosen))


def override(attempt: Attempt, actor: Actor, command: do.Override, now: Instant) -> Decided:
    """Decide one dimension; a reason is needed when the points differ from the pre-score."""
    run, reason = attempt.run, command.reason.strip()
    refused = not_holder(attempt, actor) or _another_run(attempt, command.run)
    if refused := refused or _unknown(attempt, (command.dimension,)) or _off_grid(command.points):
        return refused
    if run is None:
        return NOTHING
    proposed = run.pre_scores[command.dimension]
    if not reason and command.points != proposed:
        return refuse(Rule.REASON_NEEDED, f"reason_needed: changing {command.dimension} needs a reason")
    if refused := _too_long(reason):
        return refused
    if not reason:
        return accept(now, *_confirmations(attempt, run, (command.dimension,)))
    event = ev.Overridden(
        run=run.number, dimension=command.dimension, proposed=proposed, points=command.points, reason=reason
    )
    decided = attempt.decisions.get(command.dimension)
    same = decided and (decided.points, decided.reason) == (event.points, event.reason)
    return NOTHING if same else accept(now, event)


def assert_skill(attempt: Attempt, actor: Actor, command: do.AssertSkill, now: Instant) -> Decided:
    """Assert a skill up to its ceiling, or take the assertion back with weight 0."""
    if refused := not_holder(attempt, actor):
        return refused
    ceiling = attempt.terms.ceilings.get(command.skill)
    if ceiling is None:
        known = ", ".join(attempt.terms.ceilings)
        return refuse(Rule.UNKNOWN_SKILL, f"unknown_skill: {command.skill!r}; there are {known}")
    if not 0 <= command.weight <= ceiling:
        given, top = command.weight / 100, ceiling / 100
        return refuse(Rule.ABOVE_CEILING, f"above_ceiling: {command.skill} takes 0.00 to {top:.2f}, not {given:.2f}")
    if refused := _too_long(command.reason):
        return refused
    if attempt.skills.get(command.skill, 0) == command.weight:
        return NOTHING
    return accept(now, ev.SkillAsserted(skill=command.skill, weight=command.weight, reason=command.reason.strip()))


def sign(attempt: Attempt, actor: Actor, command: do.SignOff, now: Instant) -> Decided:
    """Sign the decisions on the latest run. With a second reader to come the review goes back to the queue."""
    refused = not_holder(attempt, actor) or _another_run(attempt, command.run) or _incomplete(attempt)
    if refused:
        return refused
    event = _sign_off(attempt, now)
    if event.skills and not event.passed:
        percent, needed = event.total / 20, attempt.terms.pass_percent
        message = f"skills_need_pass: {percent:.2f} % is below {needed} %; take the skills back with weight 0"
        return refuse(Rule.SKILLS_NEED_PASS, message)
    if attempt.disputed and event.final:
        old = attempt.disputed.event
        changed = (old.points, old.skills) != (event.points, event.skills)
        return accept(now, event, ev.DisputeResolved(changed=changed))
    return accept(now, event)


def readings_needed(attempt: Attempt) -> int:
    """How many mentors have to sign: two when the twin always wants a second reader, or wants one on a dispute."""
    match attempt.terms.second_reader:
        case "always":
            return 2
        case "on_dispute" if attempt.disputed:
            return 2
        case _:
            return 1


def _sign_off(attempt: Attempt, now: Instant) -> ev.SignedOff:
    claim, submission, run = attempt.claim, attempt.submission, attempt.run
    if claim is None or submission is None or run is None:
        raise ValueError("only a claimed attempt that was graded can be signed off")
    points = {d: attempt.decisions[d].points for d in attempt.terms.weights}
    total = sum(weight * points[d] for d, weight in attempt.terms.weights.items())
    return ev.SignedOff(
        run=run.number,
        mentor=claim.mentor,
        points=points,
        total=total,
        passed=total >= attempt.terms.pass_total,
        skills=dict(attempt.skills),
        forced=submission.forced,
        failing_critical=submission.failing_critical,
        sla_due=claim.due,
        sla_breached=now > claim.due,
        final=len(attempt.readings) + 1 >= readings_needed(attempt),
    )


def _confirmations(attempt: Attempt, run: Run, chosen: Iterable[DimensionId]) -> tuple[ev.Confirmed, ...]:
    found = []
    for dimension in chosen:
        points, decided = run.pre_scores[dimension], attempt.decisions.get(dimension)
        settled = decided is not None and not decided.reason
        if points is not None and not settled:
            found.append(ev.Confirmed(run=run.number, dimension=dimension, points=points))
    return tuple(found)


def _another_run(attempt: Attempt, looked_at: int | None) -> Decided | None:
    latest = attempt.run.number if attempt.run else 0
    if looked_at in (None, latest):
        return None
    return refuse(Rule.STALE_RUN, f"stale_run: you looked at run {looked_at}, the latest is {latest}; look again")


def _unknown(attempt: Attempt, dimensions: Iterable[DimensionId]) -> Decided | None:
    for dimension in dimensions:
        if dimension not in attempt.terms.weights:
            known = ", ".join(attempt.terms.weights)
            return refuse(Rule.UNKNOWN_DIMENSION, f"unknown_dimension: {dimension!r}; there are {known}")
    return None


def _off_grid(points: Points) -> Decided | None:
    if 0 <= points <= 20:
        return None
    return refuse(Rule.OFF_GRID, f"off_grid: {points / 20:.2f} is not a multiple of 0.05 between 0 and 1")


def _too_long(reason: str) -> Decided | None:
    if len(reason) <= LONGEST_REASON:
        return None
    return refuse(Rule.REASON_TOO_LONG, f"reason_too_long: {len(reason)} characters, {LONGEST_REASON} at most")


def _incomplete(attempt: Attempt) -> Decided | None:
    missing = ", ".join(d for d in attempt.terms.weights if d not in attempt.decisions)
    if not missing:
        return None
    return refuse(Rule.INCOMPLETE, f"incomplete: no decision on {missing} for the latest run")
