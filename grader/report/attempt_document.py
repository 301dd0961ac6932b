"""An attempt as one JSON object (`grader/attempt/1`) for people and programs; names instead of ids where known."""

from collections.abc import Callable
from typing import Any

from grader.domain.attempt import Attempt, SignOff
from grader.domain.attempt_events import PersonId
from grader.domain.instant import Instant, iso
from grader.domain.score import DimensionId, as_decimal

Names = Callable[[PersonId], str]
"""What to call a person: their login, or their id when the login was erased."""


def to_document(attempt: Attempt, now: Instant, learner: str | None, names: Names) -> dict[str, Any]:
    """The attempt as it stands at `now`; `learner` is None while blind mode hides them."""
    start = attempt.started
    return {
        "schema": "grader/attempt/1",
        "id": attempt.id,
        "number": start.number,
        "attempts_allowed": attempt.terms.attempts,
        "twin": attempt.terms.twin,
        "case": start.case,
        "learner": learner,
        "phase": attempt.phase.value,
        "opened_at": iso(start.opened_at),
        "live_until": iso(start.live_until),
        "deadline": iso(start.deadline),
        "live_left_ms": max(0, start.live_until - now),
        "left_ms": max(0, start.deadline - now),
        "updates": attempt.updates,
        "saves": attempt.saves,
        "refused_submissions": attempt.refusals,
        "submission": _submission(attempt),
        "run": _run(attempt),
        "runs": len(attempt.runs),
        "claim": _claim(attempt, now, names),
        "sla_breaches": attempt.breaches,
        "dimensions": [_dimension(attempt, d, names) for d in attempt.terms.weights],
        "skills": {skill: weight / 100 for skill, weight in attempt.skills.items()},
        "skill_ceilings": {skill: ceiling / 100 for skill, ceiling in attempt.terms.ceilings.items()},
        "sign_offs": [_sign_off(each, names) for each in attempt.sign_offs],
        "disputed": attempt.disputed is not None,
        "seq": attempt.seq,
    }


def _submission(attempt: Attempt) -> dict[str, Any] | None:
    found = attempt.submission
    if found is None:
        return None
    return {
        "mode": found.mode,
        "received_at": iso(found.at),
        "commit": found.commit or None,
        "content": found.content,
        "self_checks": dict(found.answers),
        "failing_critical": list(found.failing_critical),
        "forced": found.forced.value or None,
    }


def _run(attempt: Attempt) -> dict[str, Any] | None:
    if not attempt.runs:
        return None
    latest = attempt.runs[-1]
    state = "pending" if latest.pending else "failed" if latest.error else "recorded"
    return {
        "number": latest.number,
        "state": state,
        "reason": latest.reason or None,
        "error": latest.error or None,
        "record": latest.record or None,
        "grader": latest.grader or None,
    }


def _claim(attempt: Attempt, now: Instant, names: Names) -> dict[str, Any] | None:
    held = attempt.claim
    if held is None:
        return None
    return {
        "mentor": names(held.mentor),
        "since": iso(held.since),
        "due": iso(held.due),
        "left_ms": held.due - now,
        "breached": held.breached,
    }


def _dimension(attempt: Attempt, dimension: DimensionId, names: Names) -> dict[str, Any]:
    proposed = attempt.run.pre_scores[dimension] if attempt.run else None
    decision = attempt.decisions.get(dimension)
    return {
        "id": dimension,
        "weight": attempt.terms.weights[dimension] / 100,
        "pre_score": None if proposed is None else as_decimal(proposed),
        "decision": decision
        and {
            "points": as_decimal(decision.points),
            "pre_score": None if decision.proposed is None else as_decimal(decision.proposed),
            "reason": decision.reason or None,
            "by": names(PersonId(decision.by.partition(":")[2])),
            "at": iso(decision.at),
        },
    }


def _sign_off(sign_off: SignOff, names: Names) -> dict[str, Any]:
    event = sign_off.event
    return {
        "mentor": names(event.mentor),
        "at": iso(sign_off.at),
        "run": event.run,
        "points": {dimension: as_decimal(points) for dimension, points in event.points.items()},
        "overall": event.total / 2000,
        "passed": event.passed,
        "skills": {skill: weight / 100 for skill, weight in event.skills.items()},
        "forced": event.forced or None,
        "failing_critical": list(event.failing_critical),
        "sla_due": iso(event.sla_due),
        "sla_breached": event.sla_breached,
        "final": event.final,
    }
