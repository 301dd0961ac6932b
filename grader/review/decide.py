"""One command, one answer: the rules of the exercise, shared by every door."""

from dataclasses import replace
from typing import assert_never

from grader.domain import attempt_commands as do
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import Actor, Command
from grader.domain.instant import Instant
from grader.review import runs, sign_off, sla, window
from grader.review.decided import Decided
from grader.review.states import recordable, with_happenings


def decide(attempt: Attempt, actor: Actor, command: Command, now: Instant) -> Decided:
    """What the command makes happen, or why not. `now` is when the request reached us, by the door's server clock.

    A learner's artefact is judged by that time alone, however long it took to get here. Everything else happens not
    before what is already recorded, and after the time-outs that are due, which then become part of the answer.
    """
    match command:
        case do.Update():
            return window.update(attempt, actor, command, now)
        case do.Save():
            return window.save(attempt, actor, command, now)
        case do.Force():
            return window.force(attempt, actor, command, now)
        case do.Submit():
            return window.submit(attempt, actor, command, now)
        case do.Settle():
            return Decided(events=recordable(attempt, now))
        case _:
            return _after_time_outs(attempt, actor, command, Instant(max(now, attempt.recorded_at)))


_Later = (
    do.RequestGrade
    | do.RecordGrade
    | do.FailGrade
    | do.Claim
    | do.Release
    | do.Reassign
    | do.Confirm
    | do.Override
    | do.AssertSkill
    | do.SignOff
    | do.OpenDispute
)


def _after_time_outs(attempt: Attempt, actor: Actor, command: _Later, now: Instant) -> Decided:
    time_outs = recordable(attempt, now)
    decided = _later(with_happenings(attempt, time_outs), actor, command, now)
    if not decided.events:
        return decided
    return replace(decided, events=(*time_outs, *decided.events))


def _later(standing: Attempt, actor: Actor, command: _Later, now: Instant) -> Decided:  # noqa: C901, PLR0912 - one line per command
    match command:
        case do.RequestGrade():
            return runs.request(standing, actor, command, now)
        case do.RecordGrade():
            return runs.record(standing, actor, command, now)
        case do.FailGrade():
            return runs.fail(standing, actor, command, now)
        case do.Claim():
            return sla.claim(standing, actor, now)
        case do.Release():
            return sla.release(standing, actor, command, now)
        case do.Reassign():
            return sla.reassign(standing, actor, command, now)
        case do.Confirm():
            return sign_off.confirm(standing, actor, command, now)
        case do.Override():
            return sign_off.override(standing, actor, command, now)
        case do.AssertSkill():
            return sign_off.assert_skill(standing, actor, command, now)
        case do.SignOff():
            return sign_off.sign(standing, actor, command, now)
        case do.OpenDispute():
            return window.dispute(standing, actor, command, now)
        case _:
            assert_never(command)
