"""What a learner may do, and until when: start, update, save, force, submit, dispute. Windows are half-open."""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain.attempt import OPEN, TERMINAL, Attempt, Phase
from grader.domain.attempt_commands import Actor, Role
from grader.domain.attempt_events import Forced
from grader.domain.attempt_terms import Terms
from grader.domain.enrollment import Enrollment, attempt_id, attempt_stream
from grader.domain.facts import draft
from grader.domain.instant import Instant, iso, span
from grader.domain.ledger import Draft
from grader.domain.refusal import Refusal, Rule
from grader.review.decided import Decided, Happening, accept, refuse
from grader.review.states import SETTLE_GRACE, due, failing_critical, recordable, with_happenings


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The answer to a start: drafts for the enrollment, the attempt before and the new attempt, or a refusal."""

    drafts: tuple[Draft, ...] = ()
    refusal: Refusal | None = None


def open_attempt(enrollment: Enrollment, previous: Attempt | None, case: str, terms: Terms, now: Instant) -> Opening:
    """Start the learner's next attempt; `previous` is their latest one, None before the first."""
    number = len(enrollment.attempts) + 1
    if number > terms.attempts:
        message = f"attempts_used_up: {terms.attempts} attempts are allowed, and all were started"
        return Opening(refusal=Refusal(rule=Rule.ATTEMPTS_USED_UP, message=message))
    before: tuple[Draft, ...] = ()
    if previous:
        time_outs = recordable(previous, now)
        if refusal := _not_over(with_happenings(previous, time_outs)):
            return Opening(refusal=refusal)
        stream = attempt_stream(previous.id)
        before = tuple(draft(stream, each.at, each.event) for each in time_outs)
    new = attempt_id(enrollment.learner, enrollment.twin, number)
    opened = ev.AttemptOpened(attempt=new, number=number, learner=enrollment.learner, twin=enrollment.twin)
    live_until = Instant(now + terms.live)
    started = ev.Started(
        learner=enrollment.learner,
        case=case,
        number=number,
        terms=terms,
        opened_at=now,
        live_until=live_until,
        deadline=Instant(live_until + terms.postmortem),
    )
    return Opening(drafts=(*before, draft(enrollment.stream, now, opened), draft(attempt_stream(new), now, started)))


def update(attempt: Attempt, actor: Actor, command: do.Update, now: Instant) -> Decided:
    """Post to the incident channel; only while the live window is open."""
    if refused := _not_open(attempt, actor):
        return refused
    if now >= attempt.started.live_until:
        late = span(now - attempt.started.live_until)
        ended = iso(attempt.started.live_until)
        return refuse(Rule.LIVE_WINDOW_CLOSED, f"live_window_closed: the live window ended {late} ago, at {ended}")
    return accept(now, ev.UpdatePosted(update=command.update.value, text=command.text, commit=command.commit))


def save(attempt: Attempt, actor: Actor, command: do.Save, now: Instant) -> Decided:
    """Keep a draft; it never moves a deadline."""
    refused = _not_open(attempt, actor) or _unfit(attempt, command.handed) or _late(attempt, now)
    if refused:
        return refused
    handed = command.handed
    event = ev.Saved(mode=handed.mode, content=handed.content, commit=handed.commit, answers=dict(handed.answers))
    return _in_window(attempt, now, event)


def force(attempt: Attempt, actor: Actor, command: do.Force, now: Instant) -> Decided:
    """Go ahead in spite of a critical self-check."""
    refused = _not_open(attempt, actor) or _unforceable(attempt, (command,)) or _late(attempt, now)
    return refused or _in_window(attempt, now, ev.CheckForced(check=command.check, reason=command.reason))


def submit(attempt: Attempt, actor: Actor, command: do.Submit, now: Instant) -> Decided:
    """Hand in; too late or blocked is refused and kept as evidence."""
    handed = command.handed
    if refused := _not_yours(attempt, actor):
        return refused
    if now >= attempt.started.deadline and (attempt.phase in OPEN or _closed_by_clock(attempt)):
        return _refused_late(attempt, handed, now)
    refused = _not_open(attempt, actor) or _unfit(attempt, handed) or _unforceable(attempt, command.forces)
    if refused := refused or _unanswered(attempt, handed.answers):
        return refused
    failing = failing_critical(attempt, handed.answers)
    missing = [check for check in failing if check not in {*attempt.forces, *(f.check for f in command.forces)}]
    if missing:
        return _refused_blocked(missing, handed, now)
    forced = [ev.CheckForced(check=f.check, reason=f.reason) for f in command.forces if f.check in failing]
    event = ev.Submitted(
        mode=handed.mode,
        content=handed.content,
        commit=handed.commit,
        answers=dict(handed.answers),
        failing_critical=failing,
        forced=Forced.LEARNER if failing else Forced.NO,
    )
    return _in_window(attempt, now, *forced, event)


def dispute(attempt: Attempt, actor: Actor, command: do.OpenDispute, now: Instant) -> Decided:
    """Ask for another mentor's eyes on a sign-off; once, within the days that the twin gives."""
    if refused := _not_yours(attempt, actor):
        return refused
    if attempt.phase is not Phase.SIGNED_OFF or attempt.result is None:
        return refuse(
            Rule.NOT_SIGNED_OFF, f"not_signed_off: the attempt is {attempt.phase}; there is nothing to dispute"
        )
    if attempt.disputes:
        return refuse(Rule.DISPUTE_USED, "dispute_used: one dispute per attempt, and there was one")
    until = attempt.result.at + attempt.terms.dispute
    if now >= until:
        return refuse(Rule.DISPUTE_CLOSED, f"dispute_closed: a sign-off could be disputed until {iso(until)}")
    return accept(now, ev.DisputeOpened(reason=command.reason))


def _not_over(previous: Attempt) -> Refusal | None:
    if previous.phase in TERMINAL:
        return None
    message = f"previous_attempt_open: attempt {previous.id} is {previous.phase}; it has to be over first"
    if previous.phase in OPEN:
        message += f", at {iso(previous.started.deadline + SETTLE_GRACE)} at the latest"
    return Refusal(rule=Rule.PREVIOUS_ATTEMPT_OPEN, message=message)


def _in_window(attempt: Attempt, now: Instant, *events: ev.Event) -> Decided:
    """The events, after the time-outs that are due (only the end of the live window can be)."""
    return Decided(events=(*due(attempt, now), *accept(now, *events).events))


def _not_yours(attempt: Attempt, actor: Actor) -> Decided | None:
    if attempt.start is None:
        return refuse(Rule.NOT_STARTED, f"not_started: attempt {attempt.id} has not started")
    if actor.role is not Role.LEARNER or actor.id != attempt.start.learner:
        return refuse(Rule.NOT_YOURS, f"not_yours: attempt {attempt.id} belongs to another learner")
    return None


def _not_open(attempt: Attempt, actor: Actor) -> Decided | None:
    if refused := _not_yours(attempt, actor):
        return refused
    if attempt.phase in OPEN:
        return None
    if attempt.submission is None:
        ended = iso(attempt.started.deadline)
        return refuse(Rule.EXPIRED, f"expired: the attempt ended at {ended} with nothing handed in")
    at = iso(attempt.submission.at)
    return refuse(Rule.ALREADY_SUBMITTED, f"already_submitted: the one submission was taken at {at}; nothing changed")


def _closed_by_clock(attempt: Attempt) -> bool:
    by_deadline = attempt.submission is not None and attempt.submission.forced is Forced.DEADLINE
    return attempt.phase is Phase.EXPIRED or by_deadline


def _late(attempt: Attempt, now: Instant) -> Decided | None:
    deadline = attempt.started.deadline
    if now < deadline:
        return None
    return refuse(Rule.LATE, f"late: the deadline was {iso(deadline)}, {span(now - deadline)} before this arrived")


def _refused_late(attempt: Attempt, handed: do.Handed, now: Instant) -> Decided:
    late = now - attempt.started.deadline
    instead = "the last save stands in for it" if attempt.draft else "nothing had been saved"
    message = f"late: the deadline was {iso(attempt.started.deadline)}, {span(late)} before this arrived; {instead}"
    return refuse(Rule.LATE, message, _evidence(Rule.LATE, message, handed, now))


def _refused_blocked(missing: list[str], handed: do.Handed, now: Instant) -> Decided:
    checks = ", ".join(missing)
    message = f"blocked: critical self-check {checks} is answered with no; meet it, or force it with a reason"
    return refuse(Rule.BLOCKED, message, _evidence(Rule.BLOCKED, message, handed, now))


def _evidence(rule: Rule, message: str, handed: do.Handed, now: Instant) -> Happening:
    return Happening(at=now, event=ev.SubmitRefused(rule=rule.value, message=message, content=handed.content))


def _unfit(attempt: Attempt, handed: do.Handed) -> Decided | None:
    terms = attempt.terms
    if handed.mode not in terms.modes:
        known = ", ".join(terms.modes)
        return refuse(Rule.UNKNOWN_MODE, f"unknown_mode: {handed.mode!r} is no way to hand in; there are {known}")
    for check in handed.answers:
        if check not in terms.self_checks:
            return _unknown_check(check, terms.self_checks)
    return None


def _unanswered(attempt: Attempt, answers: Mapping[str, bool]) -> Decided | None:
    missing = ", ".join(check for check in attempt.terms.self_checks if check not in answers)
    return refuse(Rule.UNANSWERED, f"unanswered: self-check {missing} needs yes or no") if missing else None


def _unforceable(attempt: Attempt, forces: tuple[do.Force, ...]) -> Decided | None:
    for each in forces:
        if each.check not in attempt.terms.critical:
            return _unknown_check(each.check, attempt.terms.critical)
        if not each.reason:
            return refuse(Rule.REASON_NEEDED, f"reason_needed: forcing {each.check} needs a reason for the mentor")
    return None


def _unknown_check(check: str, known: tuple[str, ...]) -> Decided:
    return refuse(Rule.UNKNOWN_SELF_CHECK, f"unknown_self_check: {check!r}; there are {', '.join(known)}")
