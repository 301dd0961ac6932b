"""What people and the grader ask for. A command is a wish: `grader.review.decide` answers with events or a refusal.

Texts (updates, reasons of learners, submissions) come as the SHA-256 of what the door has put aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.domain.attempt_events import PersonId
from grader.domain.score import DimensionId, Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId


class Role(StrEnum):
    """In what capacity somebody acts. The door proves who it is; the rules ask what they may do."""

    LEARNER = "learner"
    MENTOR = "mentor"
    OPERATOR = "operator"
    GRADER = "grader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody, in one role."""

    role: Role
    id: PersonId

    def __str__(self) -> str:
        """The form in which an entry names its actor, e.g. `mentor:p-7f3a`."""
        return f"{self.role}:{self.id}"


GRADER = Actor(role=Role.GRADER, id=PersonId("grader"))
"""The grader itself: records runs and time-outs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Post to the incident channel during the live window."""

    update: TimelineKind
    text: str
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a save or a submission carries: mode, digest of the content, frozen commit, self-check answers."""

    mode: str
    content: str
    commit: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """Keep a draft; what was saved last is submitted at the deadline if the twin says so."""

    handed: Handed


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """Go ahead in spite of one critical self-check; `reason` is the digest of the learner's words."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """Hand in, once and for all; `forces` are self-checks forced together with the submission."""

    handed: Handed
    forces: tuple[Force, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Record the time-outs that are due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGrade:
    """Start a run; the first needs no reason, a regrade does."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGrade:
    """Deliver the result of run `run`; delivering it twice changes nothing. `record` is the record's digest."""

    run: int
    pre_scores: Mapping[DimensionId, Points | None]
    record: str
    grader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailGrade:
    """Report that run `run` ended without a result, by our fault."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Take the attempt for review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Give the claim back, or (operator) take it from whoever holds it."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """Give the claim to another mentor."""

    mentor: PersonId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Accept pre-scores as they are; no dimensions means all that are not decided yet.

    `run` is the run that the mentor looked at, None when they did not say.
    """

    dimensions: tuple[DimensionId, ...] = ()
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Decide one dimension otherwise."""

    dimension: DimensionId
    points: Points
    reason: str
    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertSkill:
    """Assert a skill with a weight in hundredths; 0 takes it back."""

    skill: SkillId
    weight: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """Put one's name under the full set of decisions on the latest run."""

    run: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDispute:
    """Ask for another mentor's eyes; `reason` is the digest of the learner's words."""

    reason: str


Command = (
    Update
    | Save
    | Force
    | Submit
    | Settle
    | RequestGrade
    | RecordGrade
    | FailGrade
    | Claim
    | Release
    | Reassign
    | Confirm
    | Override
    | AssertSkill
    | SignOff
    | OpenDispute
)
