"""The ledger -> what people see: reactions, check run, comment, labels. Done twice it shows the same."""

import json
import re
from datetime import timedelta
from fractions import Fraction

from grader.domain import conversation_events as talk
from grader.domain.attempt import OPEN, REVIEWABLE, Attempt, Phase
from grader.domain.attempt_events import PersonId, SubmitRefused
from grader.domain.conversation import Annotation, Comment, Reaction, StickyComment
from grader.domain.enrollment import attempt_stream
from grader.domain.instant import from_datetime, to_datetime
from grader.domain.ledger import GENESIS, Entry
from grader.domain.record import Record
from grader.errors import InputInvalid
from grader.intake.course import Delivery
from grader.intake.manifest import Trust, read_manifest
from grader.reconcile.hand_in import Kept, kept
from grader.reconcile.order import MOST_FAILURES
from grader.reconcile.scene import Scene
from grader.report.check_run import Seal, Subject, check_run
from grader.report.record_file import decode
from grader.report.remarks import Source, remarks
from grader.report.sticky import Board, LogRow, sticky
from grader.review.commands import USAGE
from grader.review.states import as_of

LABELS = {
    Phase.LIVE: "grader:live",
    Phase.POSTMORTEM: "grader:live",
    Phase.SUBMITTED: "grader:grading",
    Phase.GRADING: "grader:grading",
    Phase.GRADE_ERROR: "grader:grading",
    Phase.GRADED: "grader:awaiting-mentor",
    Phase.CLAIMED: "grader:in-review",
    Phase.IN_REVIEW: "grader:in-review",
    Phase.SIGNED_OFF: "grader:signed-off",
    Phase.EXPIRED: "grader:expired",
}
"""An index for people and for the sweep; the truth is the ledger."""
WATCHED = ("grader:live", "grader:grading", "grader:awaiting-mentor", "grader:in-review")
"""What the sweep goes through: everything that time alone can change."""
MAKING = timedelta(minutes=2)
"""How long a run has for making the check run; after that it is taken to have died, and another may."""


def _acknowledge(scene: Scene) -> None:
    """One reaction a comment, also where the run that answered it died: done, refused, or not understood at all."""
    there = {comment.id: comment.reactions for comment in scene.comments}
    for answered in scene.conversation.answered:
        accepted = [each.accepted for each in answered.event.answers]
        reaction = Reaction.DONE if all(accepted) else Reaction.REFUSED if any(accepted) else Reaction.MALFORMED
        if reaction.value not in there.get(answered.event.comment, {reaction.value}):
            scene.desk.host.react(answered.event.comment, reaction)


def show(scene: Scene, *, problem: str) -> None:
    """Bring everything up to date with the ledger; what matters least comes last."""
    attempt = scene.attempt
    standing = as_of(attempt, from_datetime(scene.now)) if attempt else None
    record = _record(scene, attempt)
    for bound in scene.conversation.attempts:  # an earlier one may have changed in the same run as the latest
        each = as_of(scene.attempt_of(bound), from_datetime(scene.now))
        _show_check_run(scene, each, _record(scene, each))
    board = _board(scene, standing, record, problem)
    scene.desk.host.show_comment(scene.pull.number, StickyComment(seq=scene.notebook.length, body=sticky(board)))
    _label(scene, standing)
    _acknowledge(scene)


def _label(scene: Scene, attempt: Attempt | None) -> None:
    wanted = frozenset({LABELS[attempt.phase]} if attempt and attempt.phase in LABELS else ())
    ours = frozenset(LABELS.values()) & scene.pull.labels
    if wanted != ours:
        scene.desk.host.label(scene.pull.number, add=wanted - ours, remove=ours - wanted)


def _record(scene: Scene, attempt: Attempt | None) -> Record | None:
    run = attempt.run if attempt else None
    content = scene.notebook.get(run.record) if run else None
    return decode(content, where="record") if content else None


def _show_check_run(scene: Scene, attempt: Attempt, record: Record | None) -> None:
    entries = scene.notebook.stream(attempt_stream(attempt.id))
    blocked, head, marks = _blocked(scene, attempt, entries)
    if attempt.phase not in OPEN and not attempt.submission:
        return
    if attempt.submission:
        handed = kept(scene, attempt.submission.content)
        marks = (marks if handed.head == head else ()) + _remarks(handed, attempt.submission.commit, record)
        head = scene.conversation.head_of(attempt.submission.content)
    if not head:
        return
    seal = Seal(
        version=scene.notebook.head, length=scene.notebook.length, hash=entries[-1].hash if entries else GENESIS
    )
    subject = Subject(
        pull=scene.pull.number,
        number=attempt.started.number,
        head=head,
        seal=seal,
        blocked=blocked,
        annotations=marks,
    )
    shown = check_run(subject, attempt, record, scene.twin)
    host = scene.desk.host
    if not host.update_check_run(shown) and scene.notebook.lease(shown.external_id, now=scene.now, length=MAKING):
        host.make_check_run(shown)


def _blocked(scene: Scene, attempt: Attempt, entries: tuple[Entry, ...]) -> tuple[str, str, tuple[Annotation, ...]]:
    """The latest refusal because of a critical self-check, the head it was about, and where that head says no."""
    refusals = [entry for entry in entries if entry.kind == SubmitRefused.__name__]
    body = json.loads(refusals[-1].body) if refusals else {"rule": ""}
    if body["rule"] != "blocked":
        return "", "", ()
    bundle = kept(scene, body["content"])
    lines = bundle.manifest.decode(errors="replace").split("\n")
    marks = tuple(
        Annotation(path=bundle.path, first_line=n, last_line=n, title="Critical self-check", message=body["message"])
        for n, line in enumerate(lines, start=1)
        if any(re.match(rf"\s*{check}\s*=\s*false\b", line) for check in attempt.terms.critical)
    )
    words = str(body["message"]).partition(": ")[2] if attempt.phase in OPEN else ""
    return words, bundle.head, marks


def _remarks(handed: Kept, commit: str, record: Record | None) -> tuple[Annotation, ...]:
    """What the record says about single lines; none when it cannot be told where they are."""
    if record is None:
        return ()
    try:
        manifest = read_manifest(handed.manifest, where=handed.path, trust=Trust.STRANGER)
    except InputInvalid:
        return ()
    here = bool(commit) and commit == handed.head
    return remarks(record, Source(path=handed.path, raw=handed.manifest, postmortem=manifest.postmortem, here=here))


def _board(scene: Scene, attempt: Attempt | None, record: Record | None, problem: str) -> Board:
    conversation, enrollment = scene.conversation, scene.enrollment
    names = _names(scene)
    draft = attempt.draft if attempt else None
    best, award = enrollment.best, enrollment.active
    return Board(
        twin=scene.twin,
        learner=scene.pull.author.login,
        mentor=_mentor(attempt, names),
        number=attempt.started.number if attempt else 0,
        attempt=attempt,
        record=record,
        log=_log(conversation, names, scene.comments),
        usage=USAGE,
        now=scene.now,
        kept_head=conversation.head_of(draft.content) if draft else "",
        kept_commit=draft.commit if draft else "",
        problem=problem,
        draft=scene.pull.draft,
        gave_up=attempt is not None and attempt.failures >= MOST_FAILURES,
        best_percent=Fraction(best.total, 2000) if best else None,
        reminder=_reminder(scene, attempt),
        called=_called(scene, attempt, names),
        credential=_credential(scene, award.issued.credential) if award else "",
    )


def _credential(scene: Scene, credential: str) -> str:
    """Where it is; nothing before it is there."""
    if credential not in scene.conversation.delivered:
        return ""
    match scene.course.credentials:
        case Delivery.COMMIT:
            return f"{credential}, in credentials/{scene.pull.author.id}-{scene.twin.id}.json"
        case Delivery.ARTIFACT:
            return f"{credential}, attached to the workflow run that issued it"


def _log(conversation: talk.Conversation, names: dict[int, str], comments: tuple[Comment, ...]) -> tuple[LogRow, ...]:
    urls = {comment.id: comment.url for comment in comments}
    return tuple(
        LogRow(
            at=to_datetime(answered.at),
            url=urls.get(answered.event.comment, ""),
            who=names.get(answered.event.author, f"account {answered.event.author}"),
            name=answer.name,
            accepted=answer.accepted,
            words=_named(answer.words, names),
        )
        for answered in sorted(conversation.answered, key=lambda each: each.event.comment)
        for answer in answered.event.answers
    )


def _mentor(attempt: Attempt | None, names: dict[int, str]) -> str:
    if attempt is None:
        return ""
    holder = attempt.claim.mentor if attempt.claim else attempt.result.event.mentor if attempt.result else ""
    return next((login for number, login in names.items() if PersonId(f"github-{number}") == holder), str(holder))


def _names(scene: Scene) -> dict[int, str]:
    """Logins by account: those of now where somebody spoke, else those of the roster."""
    names = {number: login for number, login in scene.course.mentors.items() if login}
    names |= {comment.author.id: comment.author.login for comment in scene.comments}
    return names | {scene.pull.author.id: scene.pull.author.login}


def _named(words: str, names: dict[int, str]) -> str:
    """Our answer with logins for account ids: the ledger keeps ids only."""
    return re.sub(r"\bgithub-(\d+)\b", lambda found: f"@{names.get(int(found[1]), found[0])}", words)


def _reminder(scene: Scene, attempt: Attempt | None) -> str:
    """The latest one about the review that is under way."""
    if attempt is None or attempt.phase not in REVIEWABLE:
        return ""
    mine = [event for _, event in scene.conversation.reminders if event.attempt == attempt.id]
    return f"This review is waiting: {mine[-1].key.rpartition(':')[2]} have passed." if mine else ""


def _called(scene: Scene, attempt: Attempt | None, names: dict[int, str]) -> tuple[str, ...]:
    """Who is to be reminded: whoever holds the review, else the roster; never the learner.

    Unverified: that GitHub notifies those whom an edit of a comment mentions for the first time.
    """
    roster = [number for number, login in scene.course.mentors.items() if login and number != scene.pull.author.id]
    if attempt and attempt.claim:
        roster = [number for number in roster if PersonId(f"github-{number}") == attempt.claim.mentor] or roster
    return tuple(names[number] for number in roster)
