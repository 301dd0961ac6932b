"""Comments -> answers: each command once, in the order of the comments, at the comment's own server time."""

from dataclasses import dataclass
from typing import assert_never

from grader.attempts import Outcome
from grader.domain import attempt_commands as do
from grader.domain.attempt import OPEN, REVIEWABLE, Attempt
from grader.domain.attempt_commands import Actor, Role
from grader.domain.conversation import Comment
from grader.domain.conversation_events import Answer, CommentAnswered
from grader.domain.instant import from_datetime, to_datetime
from grader.domain.ledger import digest
from grader.domain.score import as_decimal
from grader.reconcile.hand_in import Readiness, hand_in
from grader.reconcile.scene import Scene, person
from grader.reconcile.words import told
from grader.review import commands as say
from grader.review.authority import Party, Speaker, party, refusal
from grader.review.grammar import Malformed, Request, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One command of one comment, on its way to an answer; `before` are the answers to the lines above it."""

    scene: Scene
    comment: Comment
    line: int
    before: tuple[Answer, ...]

    @property
    def key(self) -> str:
        """One idempotency key a line, so that a comment that is read twice counts once."""
        return f"comment:{self.comment.id}:{self.line}"

    @property
    def mentor(self) -> Actor:
        return Actor(role=Role.MENTOR, id=person(self.comment.author))

    def keep(self, text: str) -> str:
        """Put a text aside and name it by its digest."""
        return self.scene.notebook.keep(text.encode())


def answer_comments(scene: Scene) -> tuple[CommentAnswered, ...]:
    """Carry out or refuse every command that was not answered yet; returns the new answers."""
    conversation = scene.conversation
    waiting = [
        (comment, asked)
        for comment in scene.comments
        if not conversation.has_answered(comment.id) and (asked := parse(comment.body, scene.twin))
    ]
    edited = scene.desk.host.edited(tuple(comment for comment, _ in waiting))
    readiness = Readiness(scene)
    answers: tuple[CommentAnswered, ...] = ()
    for comment, asked in waiting:
        readiness.hand_in(before=comment.created_at)
        answers = (*answers, _answer(scene, comment, asked, edited=edited))
    return answers


def _answer(
    scene: Scene, comment: Comment, asked: tuple[Request | Malformed, ...], *, edited: frozenset[int]
) -> CommentAnswered:
    speaker = _speaker(scene, comment, asked, edited=comment.id in edited)
    answers: tuple[Answer, ...] = ()
    for each in asked:
        answers = (*answers, _line(_Turn(scene=scene, comment=comment, line=each.line, before=answers), speaker, each))
    event = CommentAnswered(
        comment=comment.id,
        author=comment.author.id,
        role=speaker.role or "",
        digest=digest(comment.body.encode()),
        head=scene.pull.head,
        answers=answers,
    )
    scene.note(event, at=comment.created_at)
    return event


def _speaker(scene: Scene, comment: Comment, asked: tuple[Request | Malformed, ...], *, edited: bool) -> Speaker:
    author = comment.author
    in_roster = author.id in scene.course.mentors
    reviews = any(isinstance(each, Request) and party(each.command) is Party.MENTOR for each in asked)
    return Speaker(
        account=author.id,
        is_person=author.is_person,
        author_of_submission=author.id == scene.pull.author.id,
        in_roster=in_roster,
        role=scene.desk.host.role(author.login) if in_roster and reviews else None,
        edited=edited,
    )


def _line(turn: _Turn, speaker: Speaker, asked: Request | Malformed) -> Answer:
    if isinstance(asked, Malformed):
        return Answer(line=asked.line, name=asked.name, accepted=False, words=asked.problem)
    side = party(asked.command)
    if no := refusal(side, speaker):
        return Answer(line=asked.line, name=asked.name, accepted=False, words=no)
    accepted, words = _carry_out(turn, asked.command)
    return Answer(line=asked.line, name=asked.name, accepted=accepted, words=words)


Said = tuple[bool, str]
BY_NAME = "by name"
"""Stands in the answer to a `/confirm` that named the graded commit."""


def _carry_out(turn: _Turn, command: say.Command) -> Said:
    match command:
        case say.Help():
            return True, "the commands are listed at the end of this comment"
        case say.Start() | say.Reattempt():
            return _start(turn, command)
        case say.Post() | say.Submit() | say.Force() | say.Dispute():
            return _learner(turn, command)
        case say.Claim() | say.Release() | say.Confirm() | say.Score() | say.Assert() | say.SignOff() | say.Regrade():
            return _mentor(turn, command)
        case _:
            assert_never(command)


def _start(turn: _Turn, command: say.Start | say.Reattempt) -> Said:
    scene = turn.scene
    enrolled = scene.enrollment
    latest = enrolled.attempts[-1] if enrolled.attempts else None
    if latest and isinstance(command, say.Start) and scene.attempt_of(latest).phase in OPEN:
        place = scene.place_of(latest)
        where = "here" if place == scene.pull.number else f"in pull request {place}"
        return False, f"attempt {len(enrolled.attempts)} is under way {where}; its clock keeps running"
    if latest and isinstance(command, say.Start):
        return False, "your first attempt is over; `/reattempt` starts the next one"
    if latest is None and isinstance(command, say.Reattempt):
        return False, "there was no attempt yet; `/start` starts the first one"
    outcome = scene.start(at=turn.comment.created_at, key=turn.key)
    if outcome.refusal:
        return False, told(outcome.refusal)
    started = outcome.attempt.started
    live_until, deadline = to_datetime(started.live_until), to_datetime(started.deadline)
    return True, f"live until {live_until:%H:%M:%S} UTC, hand in before {deadline:%H:%M:%S} UTC on {deadline:%-d %b %Y}"


def _learner(turn: _Turn, command: say.Post | say.Submit | say.Force | say.Dispute) -> Said:
    attempt = turn.scene.attempt
    if attempt is None:
        return False, "the incident is not open yet; `/start` opens it"
    match command:
        case say.Post(kind=kind, text=text):
            update = do.Update(update=kind, text=turn.keep(text), commit=_named_commit(text))
            return _as_learner(turn, attempt, update, "posted")
        case say.Submit():
            return hand_in(turn.scene, attempt, asked_at=turn.comment.created_at, key=turn.key)
        case say.Force(check=check, reason=reason):
            force = do.Force(check=check, reason=turn.keep(reason))
            return _as_learner(
                turn, attempt, force, f"{check} is forced; `/submit` hands in, the mentor sees the reason"
            )
        case say.Dispute(reason=reason):
            return _as_learner(turn, attempt, do.OpenDispute(reason=turn.keep(reason)), "another mentor will look")
        case _:
            assert_never(command)


def _as_learner(turn: _Turn, attempt: Attempt, command: do.Command, done: str) -> Said:
    return _said(
        turn.scene.do(attempt.id, command, by=turn.scene.as_learner, at=turn.comment.created_at, key=turn.key), done
    )


def _named_commit(text: str) -> str:
    """The commit that an event names as its first word; empty when it names none."""
    word = text.split(maxsplit=1)[0]
    return word if 7 <= len(word) <= 40 and set(word) <= set("0123456789abcdef") else ""


def _mentor(turn: _Turn, command: say.MentorCommand) -> Said:
    attempt = turn.scene.attempt
    if attempt is None:
        return False, "the learner has not started yet; there is nothing to review"
    match command:
        case say.Claim():
            return _as_mentor(turn, attempt, do.Claim(), "claimed")
        case say.Release():
            return _as_mentor(turn, attempt, do.Release(), "given back to the queue")
        case say.Regrade(reason=reason):
            return _as_mentor(turn, attempt, do.RequestGrade(reason=reason or "asked for by a mentor"), "grading again")
        case _:
            return _decision(turn, attempt, command)


def _decision(turn: _Turn, attempt: Attempt, command: say.Confirm | say.Score | say.Assert | say.SignOff) -> Said:
    match command:
        case say.Confirm(commit=commit):
            done = f"accepted, {commit} {BY_NAME}" if commit else "accepted"
            return _moved(turn, attempt, commit) or _held(turn, attempt, do.Confirm(), done)
        case say.Score(dimension=dimension, points=points, reason=reason):
            override = do.Override(dimension=dimension, points=points, reason=reason)
            return _moved(turn, attempt, None) or _held(turn, attempt, override, f"set to {as_decimal(points):.2f}")
        case say.Assert(skill=skill, weight=weight, reason=reason):
            asserted = do.AssertSkill(skill=skill, weight=5 * weight, reason=reason)
            return _held(turn, attempt, asserted, f"asserted with {as_decimal(weight):.2f}")
        case say.SignOff():
            return _moved(turn, attempt, None) or _as_mentor(turn, attempt, do.SignOff(), "signed off")
        case _:
            assert_never(command)


def _moved(turn: _Turn, attempt: Attempt, named: str | None) -> Said | None:
    """A refusal when the mentor cannot have seen what they decide on: a later result, or commits that were not graded.

    A learner who pushes between grading and confirmation must not get work confirmed that nobody looked at, unless
    the mentor names the graded commit.
    """
    scene = turn.scene
    if attempt.submission is None or attempt.phase not in REVIEWABLE:
        return None
    if from_datetime(turn.comment.created_at) < scene.graded_at(attempt):
        return False, "these pre-scores came after your comment; look at them, then post it again"
    graded = scene.conversation.head_of(attempt.submission.content)
    if named is not None:
        known = any(commit.startswith(named) for commit in (graded, attempt.submission.commit))
        return None if known else (False, f"{named} is not what was graded; that is {graded[:10]}")
    if scene.pull.head == graded or _named_before(turn, attempt):
        return None
    return False, f"new commits since grading; `/confirm {graded[:10]}` confirms what was graded all the same"


def _named_before(turn: _Turn, attempt: Attempt) -> bool:
    """Whether the holder has named the graded commit since they claimed the attempt, and still holds decisions."""
    if attempt.claim is None or not attempt.decisions:
        return False
    since = attempt.claim.since
    earlier = [each.event.answers for each in turn.scene.conversation.answered if each.at >= since]
    return any(BY_NAME in each.words and each.accepted for answers in (*earlier, turn.before) for each in answers)


def _held(turn: _Turn, attempt: Attempt, command: do.Command, done: str) -> Said:
    """The first decision of a mentor claims the attempt, so that a whole review can be one comment."""
    if attempt.claim is None and attempt.phase in REVIEWABLE:
        claimed = turn.scene.do(
            attempt.id, do.Claim(), by=turn.mentor, at=turn.comment.created_at, key=f"{turn.key}:claim"
        )
        if claimed.refusal:
            return False, told(claimed.refusal)
    return _as_mentor(turn, attempt, command, done)


def _as_mentor(turn: _Turn, attempt: Attempt, command: do.Command, done: str) -> Said:
    outcome = turn.scene.do(attempt.id, command, by=turn.mentor, at=turn.comment.created_at, key=turn.key)
    return _said(outcome, done)


def _said(outcome: Outcome, done: str) -> Said:
    return (False, told(outcome.refusal)) if outcome.refusal else (True, done)
