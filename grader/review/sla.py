"""The mentor's lease: claim, take over after the time to sign-off has run out, release, reassign."""

from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain.attempt import REVIEWABLE, Attempt, Phase
from grader.domain.attempt_commands import Actor, Role
from grader.domain.attempt_events import PersonId
from grader.domain.instant import Instant, iso, span
from grader.domain.refusal import Rule
from grader.review.decided import Decided, accept, refuse


def claim(attempt: Attempt, actor: Actor, now: Instant) -> Decided:
    """Take a free attempt, or one whose holder is overdue; the time to sign-off starts anew."""
    if refused := _not_reviewable(attempt) or _may_not_review(attempt, actor) or _held(attempt, actor, now):
        return refused
    before = attempt.claim.mentor if attempt.claim else ""
    return accept(now, _claimed(attempt, actor.id, now, taken_over_from=before))


def release(attempt: Attempt, actor: Actor, command: do.Release, now: Instant) -> Decided:
    """Give the attempt back to the queue."""
    refused = _not_reviewable(attempt) or _not_in_charge(attempt, actor)
    if refused or not attempt.claim:
        return refused or refuse(Rule.NOT_CLAIMED, "not_claimed: nobody holds the attempt")
    return accept(now, ev.Released(mentor=attempt.claim.mentor, reason=command.reason.strip()))


def reassign(attempt: Attempt, actor: Actor, command: do.Reassign, now: Instant) -> Decided:
    """Release, and claim for another mentor, in one step."""
    refused = _not_reviewable(attempt) or _not_in_charge(attempt, actor)
    if refused or not attempt.claim:
        return refused or refuse(Rule.NOT_CLAIMED, "not_claimed: nobody holds the attempt")
    if refused := _may_not_review(attempt, Actor(role=Role.MENTOR, id=command.mentor)):
        return refused
    if command.mentor == attempt.claim.mentor:
        return refuse(Rule.ALREADY_CLAIMED, f"already_claimed: {command.mentor} holds the attempt already")
    released = ev.Released(mentor=attempt.claim.mentor, reason=command.reason.strip())
    return accept(now, released, _claimed(attempt, command.mentor, now, taken_over_from=attempt.claim.mentor))


def not_holder(attempt: Attempt, actor: Actor) -> Decided | None:
    """A refusal unless the attempt can be reviewed and the actor holds it."""
    if refused := _not_reviewable(attempt) or _may_not_review(attempt, actor):
        return refused
    if attempt.claim is None:
        return refuse(Rule.NOT_CLAIMED, "not_claimed: claim the attempt first")
    if attempt.claim.mentor != actor.id:
        until = iso(attempt.claim.due)
        return refuse(Rule.NOT_HOLDER, f"not_holder: {attempt.claim.mentor} holds the attempt (due {until})")
    return None


def _claimed(attempt: Attempt, mentor: PersonId, now: Instant, *, taken_over_from: str) -> ev.Claimed:
    return ev.Claimed(mentor=mentor, sla_due=Instant(now + attempt.terms.sla), taken_over_from=taken_over_from)


def _not_reviewable(attempt: Attempt) -> Decided | None:
    match attempt.phase:
        case phase if phase in REVIEWABLE:
            return None
        case Phase.SIGNED_OFF:
            at = iso(attempt.result.at) if attempt.result else ""
            return refuse(Rule.SIGNED_OFF, f"signed_off: the review was signed off at {at}")
        case Phase.GRADING:
            run = len(attempt.runs)
            return refuse(Rule.GRADING, f"grading: run {run} is under way; review what it finds")
        case phase:
            return refuse(Rule.NOT_GRADED, f"not_graded: the attempt is {phase}; there are no pre-scores to review")


def _may_not_review(attempt: Attempt, actor: Actor) -> Decided | None:
    if actor.role is not Role.MENTOR:
        return refuse(Rule.WRONG_ROLE, f"wrong_role: reviews are for mentors, not for a {actor.role}")
    if actor.id == attempt.started.learner:
        return refuse(Rule.OWN_REVIEW, "own_review: a mentor never reviews their own attempt")
    earlier = {reading.event.mentor for reading in attempt.readings}
    if attempt.disputed:
        earlier.add(attempt.disputed.event.mentor)
    if actor.id in earlier:
        return refuse(Rule.SAME_READER, "same_reader: this reading is for a mentor who has not signed this review yet")
    return None


def _held(attempt: Attempt, actor: Actor, now: Instant) -> Decided | None:
    held = attempt.claim
    if held is None:
        return None
    if held.mentor == actor.id:
        return refuse(Rule.ALREADY_CLAIMED, f"already_claimed: you hold the attempt; sign-off was due {iso(held.due)}")
    if held.breached:
        return None
    left = span(held.due - now)
    return refuse(
        Rule.ALREADY_CLAIMED,
        f"already_claimed: {held.mentor} holds the attempt; it can be taken over after {iso(held.due)}, in {left}",
    )


def _not_in_charge(attempt: Attempt, actor: Actor) -> Decided | None:
    if actor.role is Role.OPERATOR:
        return None
    return not_holder(attempt, actor)
