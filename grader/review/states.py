"""What the clock alone does to an attempt, and how it therefore stands at any time; looking changes nothing."""

from collections.abc import Iterable, Mapping

from grader.domain import attempt_events as ev
from grader.domain.attempt import OPEN, Attempt, Fact, Phase, evolve
from grader.domain.attempt_events import Forced, PersonId
from grader.domain.instant import MINUTE, Instant
from grader.domain.twin import DeadlinePolicy
from grader.review.decided import Happening

SETTLE_GRACE = 5 * MINUTE
"""How long after a deadline its time-out stays unrecorded: a request that came in time may be on its way."""


def due(attempt: Attempt, now: Instant) -> tuple[Happening, ...]:
    """The time-outs that have come to pass by `now` and are not in the ledger; each takes effect when it fell due."""
    found: list[Happening] = []
    if attempt.phase in OPEN:
        found += _windows(attempt, now)
    if attempt.claim and not attempt.claim.breached and now > attempt.claim.due:
        claim = attempt.claim
        found.append(Happening(at=claim.due, event=ev.SlaBreached(mentor=claim.mentor, sla_due=claim.due)))
    return tuple(found)


def recordable(attempt: Attempt, now: Instant) -> tuple[Happening, ...]:
    """The due time-outs that may go into the ledger: the deadline itself only after its grace."""
    happenings = due(attempt, now)
    if attempt.phase not in OPEN or now >= attempt.started.deadline + SETTLE_GRACE:
        return happenings
    return tuple(each for each in happenings if not isinstance(each.event, ev.Submitted | ev.Expired))


def as_of(attempt: Attempt, now: Instant) -> Attempt:
    """The attempt with its due time-outs applied; the ledger is not touched, so `seq` stays."""
    return with_happenings(attempt, due(attempt, now))


def with_happenings(attempt: Attempt, happenings: Iterable[Happening]) -> Attempt:
    """The attempt as if the happenings were recorded already; `seq` and recorded time stay."""
    settled = attempt
    for each in happenings:
        fact = Fact(
            seq=attempt.seq, recorded_at=attempt.recorded_at, effective_at=each.at, actor="clock", event=each.event
        )
        settled = evolve(settled, fact)
    return settled


def failing_critical(attempt: Attempt, answers: Mapping[str, bool]) -> tuple[str, ...]:
    """The critical self-checks that are not answered with yes."""
    return tuple(check for check in attempt.terms.critical if not answers.get(check, False))


def learner_shown(attempt: Attempt) -> PersonId | None:
    """Whose attempt it is, None while blind mode hides it."""
    hidden = attempt.terms.blind == "until_sign_off" and attempt.phase is not Phase.SIGNED_OFF
    return None if hidden else attempt.started.learner


def _windows(attempt: Attempt, now: Instant) -> list[Happening]:
    start, found = attempt.started, []
    if attempt.phase is Phase.LIVE and now >= start.live_until:
        found.append(Happening(at=start.live_until, event=ev.LiveClosed()))
    if now >= start.deadline:
        found.append(Happening(at=start.deadline, event=_at_deadline(attempt)))
    return found


def _at_deadline(attempt: Attempt) -> ev.Submitted | ev.Expired:
    draft = attempt.draft
    if draft is None or attempt.terms.at_deadline == DeadlinePolicy.EXPIRE:
        return ev.Expired()
    return ev.Submitted(
        mode=draft.mode,
        content=draft.content,
        commit=draft.commit,
        answers=draft.answers,
        failing_critical=failing_critical(attempt, draft.answers),
        forced=Forced.DEADLINE,
    )
