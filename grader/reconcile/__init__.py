"""WALK: a pull request's conversation -> ledger -> comment, check run, labels.

Level-triggered: whatever event woke it, a run reads the ledger and all comments, carries out what is not in the ledger
yet, keeps the outcome in one step that either holds or is begun again, and shows what the ledger then says. So a run
that comes late, twice, out of order, beside another one or not at all changes nothing.
"""

from dataclasses import dataclass

from grader.attempts import Outcome
from grader.domain import attempt_commands as do
from grader.domain.attempt import OPEN, REVIEWABLE, TERMINAL, Attempt, Phase
from grader.domain.attempt_events import GradeRequested
from grader.domain.conversation_events import CommentAnswered, Reminded
from grader.domain.instant import HOUR, MINUTE, from_datetime
from grader.domain.order import Order
from grader.domain.record import Record
from grader.errors import InputInvalid, StreamMoved
from grader.reconcile.answer import answer_comments
from grader.reconcile.hand_in import Readiness, keep_draft, read_bundle
from grader.reconcile.order import MOST_FAILURES, order_of
from grader.reconcile.scene import Desk, Scene, look
from grader.reconcile.show import show
from grader.report.record_file import decode

TRIES = 20
"""How often a run begins again because another one wrote first."""
REMIND_AFTER = (24, 48, 72)
"""Hours that a graded attempt waits for its sign-off before each reminder; each is shown once."""
RETRY_AFTER = 20 * MINUTE
"""How long after a failure of ours grading is tried again by itself."""
LOST_AFTER = 60 * MINUTE
"""A grading that was asked for this long ago is taken to be lost and woken again; the job's own limit is 30 minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came back from the job that grades run `run` of `attempt`: a record's bytes, or why there is none.

    The bytes are hostile: they came from a job that held untrusted code.
    """

    attempt: str
    run: int
    record: bytes = b""
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a run did: comments answered, and the order to grade if one is due.

    `wake` says that nobody grades it yet: this run asked for it, or whoever did seems to have died.
    """

    answered: int
    length: int
    order: Order | None
    wake: bool


def reconcile(desk: Desk, number: int, delivered: Delivered | None = None) -> Reconciled:
    """Bring one pull request up to date; raises StreamMoved when others keep writing first."""
    answered, asked = 0, False
    for _ in range(TRIES):
        scene = look(desk, number)
        before = {entry.hash for entry in scene.notebook.entries()}
        try:
            problem, answers = _advance(scene, delivered)
            scene.notebook.save(f"grader: pull request {number}")
        except StreamMoved:
            continue
        answered += len(answers)
        appended = tuple(entry for entry in scene.notebook.entries() if entry.hash not in before)
        asked = asked or any(entry.kind == GradeRequested.__name__ for entry in appended)
        try:
            show(scene, problem=problem)
        except StreamMoved:
            continue
        if desk.notebooks.open(f"learner-{scene.pull.author.id}").head == scene.notebook.head:
            return _outcome(scene, answered, asked=asked)
        delivered = None
    raise StreamMoved(f"pull request {number} is too busy; the next event or the sweep goes on")


def _advance(scene: Scene, delivered: Delivered | None) -> tuple[str, tuple[CommentAnswered, ...]]:
    """All that is due, put aside in the notebook; returns what is wrong with the files, and the new answers."""
    if delivered:
        _deliver(scene, delivered)
    answers = answer_comments(scene)
    problem = _files(scene)
    attempt = scene.attempt
    if attempt is None:
        return problem, answers
    _settle(scene, attempt)
    _ask_for_grading(scene)
    _remind(scene)
    return problem, answers


def _files(scene: Scene) -> str:
    """Keep what the head holds, hand it in when it was made ready; why it cannot be handed in, if it cannot."""
    attempt = scene.attempt
    if attempt and attempt.phase not in OPEN:
        return ""
    try:
        bundle = read_bundle(scene)
        if attempt:
            keep_draft(scene, attempt, bundle)
            return Readiness(scene).hand_in(before=scene.now)
    except InputInvalid as error:
        return str(error)
    return ""


def _settle(scene: Scene, attempt: Attempt) -> None:
    """Record the time-outs that are due."""
    if attempt.phase not in TERMINAL:
        scene.do(attempt.id, do.Settle(), at=scene.now, key="")


def _ask_for_grading(scene: Scene) -> None:
    """The first run of what was handed in, and another after a failure of ours."""
    attempt = scene.attempt
    if attempt is None:
        return
    runs, now = attempt.runs, from_datetime(scene.now)
    first = attempt.phase is Phase.SUBMITTED
    failed = attempt.phase is Phase.GRADE_ERROR and attempt.failures < MOST_FAILURES
    if first or (failed and now - attempt.recorded_at >= RETRY_AFTER):
        scene.do(attempt.id, do.RequestGrade(), at=scene.now, key=f"grade:{len(runs) + 1}")


def _deliver(scene: Scene, delivered: Delivered) -> Outcome | None:
    """Take a record in for the run that is pending; anything else about it is our fault and no score."""
    attempt = scene.attempt
    if attempt is None or attempt.id != delivered.attempt:
        return None
    if delivered.failure:
        return _fail(scene, attempt, delivered.run, delivered.failure)
    try:
        record = decode(delivered.record, where="record")
        _same_submission(scene, attempt, record)
    except InputInvalid as error:
        return _fail(scene, attempt, delivered.run, str(error))
    command = do.RecordGrade(
        run=delivered.run,
        pre_scores={score.dimension: score.points for score in record.pre_scores},
        record=scene.notebook.keep(delivered.record),
        grader=record.provenance.grader,
    )
    return scene.do(attempt.id, command, at=scene.now, key=f"record:{delivered.run}")


def _fail(scene: Scene, attempt: Attempt, run: int, reason: str) -> Outcome:
    words = reason[:300]
    return scene.do(attempt.id, do.FailGrade(run=run, reason=words), at=scene.now, key=f"fail:{run}")


def _same_submission(scene: Scene, attempt: Attempt, record: Record) -> None:
    """A record speaks of the twin, the case, the commit and the dimensions that were asked for, or it is not taken."""
    asked = (scene.twin.id, attempt.started.case)
    if (record.twin, record.case) != asked:
        raise InputInvalid(f"record: is about {record.twin}/{record.case}, not {asked[0]}/{asked[1]}")
    commit = attempt.submission.commit if attempt.submission else ""
    if commit and record.submission.commit != commit:
        raise InputInvalid(f"record: is about commit {record.submission.commit[:10]}, not {commit[:10]}")
    dimensions = sorted(score.dimension for score in record.pre_scores)
    if dimensions != sorted(attempt.terms.weights):
        raise InputInvalid("record: its dimensions are not those of the twin, each once")


def _remind(scene: Scene) -> None:
    """One reminder for each span that has passed since the pre-scores were there, or since the mentor's claim."""
    attempt = scene.attempt
    if attempt is None or attempt.phase not in REVIEWABLE:
        return
    since = attempt.claim.since if attempt.claim else scene.graded_at(attempt)
    known = {event.key for _, event in scene.conversation.reminders}
    for hours in REMIND_AFTER:
        key = f"sla:{attempt.id}:{since}:{hours} h"
        if from_datetime(scene.now) - since >= hours * HOUR and key not in known:
            scene.note(Reminded(attempt=attempt.id, key=key), at=scene.now)


def _outcome(scene: Scene, answered: int, *, asked: bool) -> Reconciled:
    attempt, length = scene.attempt, scene.notebook.length
    run = attempt.runs[-1] if attempt and attempt.runs else None
    if attempt is None or run is None or not run.pending:
        return Reconciled(answered=answered, length=length, order=None, wake=False)
    lost = from_datetime(scene.now) - run.requested_at >= LOST_AFTER
    order = order_of(scene, attempt, run)
    return Reconciled(answered=answered, length=length, order=order, wake=asked or lost)
