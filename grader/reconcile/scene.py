"""Everything a run knows of one pull request at one moment, and how it writes to the learner's notebook."""

from dataclasses import dataclass
from datetime import datetime

from grader import attempts
from grader.attempts import Outcome, Reading, Request
from grader.domain import conversation_events as talk
from grader.domain import facts
from grader.domain.attempt import Attempt
from grader.domain.attempt_commands import GRADER, Actor, Command, Role
from grader.domain.attempt_events import AttemptId, GradeRecorded, PersonId
from grader.domain.attempt_terms import Terms
from grader.domain.conversation import Account, Comment, PullRequest
from grader.domain.conversation_events import Conversation, ConversationEvent
from grader.domain.enrollment import Enrollment, attempt_stream, enrollment_stream
from grader.domain.instant import Instant, from_datetime
from grader.domain.twin import Twin
from grader.errors import InputInvalid, SettingsInvalid
from grader.intake.course import PATH, Course, read_course
from grader.ports import CodeHost, Notebook, Notebooks, Twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the walk needs from outside."""

    host: CodeHost
    notebooks: Notebooks
    twins: Twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One pull request, its comments, and the learner's notebook; everything was read just now."""

    desk: Desk
    course: Course
    twin: Twin
    pull: PullRequest
    comments: tuple[Comment, ...]
    notebook: Notebook
    now: datetime

    @property
    def learner(self) -> PersonId:
        """The author of the pull request."""
        return person(self.pull.author)

    @property
    def conversation(self) -> Conversation:
        """What was answered and shown so far."""
        return talk.fold(self.notebook.stream(talk.stream_of(self.pull.number)))

    @property
    def enrollment(self) -> Enrollment:
        """All of the learner's attempts at this twin, wherever they took place."""
        stream = self.notebook.stream(enrollment_stream(self.learner, self.twin.id))
        return facts.fold_enrollment(self.learner, self.twin.id, stream)

    @property
    def attempt(self) -> Attempt | None:
        """The latest attempt that takes place here."""
        bound = self.conversation.attempts
        return self.attempt_of(bound[-1]) if bound else None

    def attempt_of(self, attempt: AttemptId) -> Attempt:
        """One attempt, as the ledger has it."""
        return facts.fold_attempt(attempt, self.notebook.stream(attempt_stream(attempt)))

    def place_of(self, attempt: AttemptId) -> int | None:
        """The pull request where an attempt takes place."""
        for entry in self.notebook.entries("conversation/"):
            if entry.kind == talk.AttemptBound.__name__ and attempt in entry.body:
                return int(entry.stream.partition("/")[2])
        return None

    def graded_at(self, attempt: Attempt) -> Instant:
        """When the latest result of an attempt was taken in; it has one."""
        entries = self.notebook.stream(attempt_stream(attempt.id))
        return max(entry.effective_at for entry in entries if entry.kind == GradeRecorded.__name__)

    def do(self, attempt: AttemptId, command: Command, *, by: Actor = GRADER, at: datetime, key: str) -> Outcome:
        """Carry out a command on an attempt; put aside until the notebook is saved."""
        request = Request(actor=by, received_at=from_datetime(at), key=key)
        return attempts.perform(self.notebook, attempt, command, request)

    def start(self, *, at: datetime, key: str) -> Outcome:
        """Start the learner's next attempt, here."""
        request = Request(actor=self.as_learner, received_at=from_datetime(at), key=key)
        outcome = attempts.start(self.notebook, self.learner, self.course.case, Terms.of(self.twin), request)
        if outcome.refusal is None and not outcome.replayed:
            self.note(talk.AttemptBound(attempt=outcome.attempt.id), at=at)
        return outcome

    def note(self, event: ConversationEvent, *, at: datetime) -> None:
        """Add to this conversation's stream."""
        stream = talk.stream_of(self.pull.number)
        reading = Reading(self.notebook)
        reading.stream(stream)
        request = Request(actor=GRADER, received_at=from_datetime(at))
        reading.append([talk.draft(stream, Instant(from_datetime(at)), event)], request)

    @property
    def as_learner(self) -> Actor:
        """The author, as the rules know them."""
        return Actor(role=Role.LEARNER, id=self.learner)


def person(account: Account) -> PersonId:
    """The id under which the ledger knows an account: its number, which survives renaming."""
    return PersonId(f"github-{account.id}")


def look(desk: Desk, number: int) -> Scene:
    """Read everything; raises InputInvalid without such a pull request, SettingsInvalid for a bad course file."""
    pull = desk.host.pull(number)
    course = read_course(desk.host.file(PATH, ""))  # never from a branch that the pull request chose
    return Scene(
        desk=desk,
        course=course,
        twin=_twin(desk, course),
        pull=pull,
        comments=desk.host.comments(number),
        notebook=desk.notebooks.open(f"learner-{pull.author.id}"),
        now=desk.host.now(),
    )


def _twin(desk: Desk, course: Course) -> Twin:
    try:
        return desk.twins.get(course.twin)
    except InputInvalid as error:
        raise SettingsInvalid(f"{PATH}: twin: {error}") from None
