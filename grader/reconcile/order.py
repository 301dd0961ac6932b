"""The ledger -> an order to grade: the pending run of an attempt, with what was handed in and the server's timeline."""

from grader.domain import attempt_events as ev
from grader.domain import facts
from grader.domain.attempt import Attempt, Run
from grader.domain.enrollment import attempt_stream
from grader.domain.instant import to_datetime
from grader.domain.order import Order
from grader.domain.submission import SelfCheckAnswer
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.intake.manifest import Trust, read_manifest
from grader.reconcile.hand_in import kept
from grader.reconcile.scene import Scene

MOST_FAILURES = 3
"""Failures of ours in a row after which nothing is tried again before a person has looked."""


def order_of(scene: Scene, attempt: Attempt, run: Run) -> Order:
    """The order for a pending run; the same ledger gives the same order, however often it is asked for."""
    submission = attempt.submission
    if submission is None:
        raise ValueError(f"attempt {attempt.id} has nothing handed in")
    bundle = kept(scene, submission.content)
    manifest = read_manifest(bundle.manifest, where=bundle.path, trust=Trust.STRANGER)
    reasons = {each.id: each.reason for each in manifest.self_checks}
    answers = tuple(
        SelfCheckAnswer(
            id=check,
            answer=answer,
            observed=None,
            forced=check in attempt.forces,
            reason=_text(scene, attempt.forces[check]) if check in attempt.forces else reasons.get(check, ""),
        )
        for check, answer in sorted(submission.answers.items())
    )
    return Order(
        pull=scene.pull.number,
        attempt=attempt.id,
        run=run.number,
        twin=scene.twin.id,
        case=attempt.started.case,
        manifest=bundle.manifest,
        archive=bundle.archive,
        commit=submission.commit,
        answers=answers,
        received_at=to_datetime(submission.at),
        deadline=to_datetime(attempt.started.deadline),
        timeline=timeline_of(scene, attempt),
    )


def timeline_of(scene: Scene, attempt: Attempt) -> Timeline:
    """The events of the live window at their comments' own times, with the words that were posted then.

    A comment that was edited afterwards is flagged; its first words stand. A deleted one stays.
    """
    start = attempt.started
    edited = {comment.id for comment in scene.comments if comment.edited}
    entries = scene.notebook.stream(attempt_stream(attempt.id))
    events = []
    for entry, fact in zip(entries, facts.facts(entries), strict=True):
        if isinstance(fact.event, ev.UpdatePosted):
            events.append(
                TimelineEvent(
                    kind=TimelineKind(fact.event.update),
                    at=to_datetime(fact.effective_at),
                    author=scene.pull.author.login,
                    text=_text(scene, fact.event.text),
                    edited=_comment_of(entry.key) in edited,
                    commit=fact.event.commit,
                )
            )
    opened_at, live_until = to_datetime(start.opened_at), to_datetime(start.live_until)
    return Timeline(opened_at=opened_at, window=live_until - opened_at, events=tuple(events))


def _comment_of(key: str) -> int:
    """The comment that an idempotency key `comment:<id>:<line>` speaks of; 0 for other keys."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == "comment" and number.isdigit() else 0


def _text(scene: Scene, digest: str) -> str:
    return (scene.notebook.get(digest) or b"").decode(errors="replace")
