"""Everything that can have happened to an attempt and to an enrollment.

No event holds a name, an address or a learner's words: people are ids, texts are the SHA-256 of what is kept elsewhere,
so that a person's data can be erased and the chain still verifies. Scores are points (0..20), weights hundredths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from grader.domain.attempt_terms import Terms
from grader.domain.instant import Instant
from grader.domain.score import DimensionId, Points
from grader.domain.twin import SkillId, TwinId

AttemptId = NewType("AttemptId", str)
PersonId = NewType("PersonId", str)
"""An opaque id of a learner, mentor or operator; never a name or an address."""


class Forced(StrEnum):
    """Why a submission went in although a critical self-check is not met."""

    NO = ""
    LEARNER = "learner"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The clock runs; every deadline is fixed here and never moves."""

    learner: PersonId
    case: str
    number: int
    terms: Terms
    opened_at: Instant
    live_until: Instant
    deadline: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePosted:
    """An event of the live window (`status_update`, `root_cause`, ...); `commit` is empty when it pins none."""

    update: str
    text: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveClosed:
    """The live window ended; takes effect at its end, whenever it was noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A draft of the submission; it never moves a deadline."""

    mode: str
    content: str
    commit: str
    answers: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckForced:
    """The learner goes ahead in spite of one critical self-check; `reason` is the digest of their words."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The one submission; `content` is the digest of what was handed in, `commit` the commit it was frozen at."""

    mode: str
    content: str
    commit: str
    answers: Mapping[str, bool]
    failing_critical: tuple[str, ...]
    forced: Forced


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRefused:
    """Evidence of a submission that came too late or was blocked; changes nothing else."""

    rule: str
    message: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The deadline passed with nothing to submit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRequested:
    """Run `run` of the grader was asked for; `reason` is empty for the first."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRecorded:
    """What run `run` proposes; None where no pre-score could be formed. `record` is the digest of the full record.

    `cleared` names the dimensions whose decisions of an earlier run no longer count.
    """

    run: int
    pre_scores: Mapping[DimensionId, Points | None]
    record: str
    grader: str
    cleared: tuple[DimensionId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeFailed:
    """Run `run` ended without a result, by our fault; it costs the learner nothing."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A mentor took the attempt; sign-off is due at `sla_due`. `taken_over_from` is empty on a free attempt."""

    mentor: PersonId
    sla_due: Instant
    taken_over_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached:
    """The claim is overdue and may be taken over; takes effect at the due time."""

    mentor: PersonId
    sla_due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The claim ended without a sign-off; decisions made under it no longer count."""

    mentor: PersonId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The holder accepts a pre-score as it is."""

    run: int
    dimension: DimensionId
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """The holder decides otherwise; `proposed` is the pre-score beside it, `reason` the mentor's own words."""

    run: int
    dimension: DimensionId
    proposed: Points | None
    points: Points
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillAsserted:
    """The holder asserts a skill with a weight in hundredths; 0 takes the assertion back."""

    skill: SkillId
    weight: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff:
    """A mentor's name under a full set; `total` is in 1/2000. Not `final` when a second reader follows."""

    run: int
    mentor: PersonId
    points: Mapping[DimensionId, Points]
    total: int
    passed: bool
    skills: Mapping[SkillId, int]
    forced: Forced
    failing_critical: tuple[str, ...]
    sla_due: Instant
    sla_breached: bool
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened:
    """The learner asks for another mentor's eyes; `reason` is the digest of their words."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolved:
    """Another mentor signed off; the earlier sign-off stays on record."""

    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOpened:
    """Enrollment: the learner's attempt `number` lives in stream `attempt/<attempt>`."""

    attempt: AttemptId
    number: int
    learner: PersonId
    twin: TwinId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSigned:
    """Enrollment: a final sign-off of an attempt, which takes the place of an earlier one of the same attempt.

    `sign_off` is its place in the attempt's stream, `total` is in 1/2000.
    """

    attempt: AttemptId
    run: int
    sign_off: int
    points: Mapping[DimensionId, Points]
    skills: Mapping[SkillId, int]
    total: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialIssued:
    """Enrollment: the best signed-off attempt earned this credential; `document` is the digest of the signed file.

    `sign_off` is the place of the sign-off in the attempt's stream, `head` the hash of that stream's last entry.
    """

    credential: str
    attempt: AttemptId
    run: int
    sign_off: int
    total: int
    document: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSuperseded:
    """Enrollment: a newer sign-off stands in for the one that the credential speaks of."""

    credential: str
    attempt: AttemptId


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRevoked:
    """Enrollment: an operator took the credential back."""

    credential: str
    reason: str


AttemptEvent = (
    Started
    | UpdatePosted
    | LiveClosed
    | Saved
    | CheckForced
    | Submitted
    | SubmitRefused
    | Expired
    | GradeRequested
    | GradeRecorded
    | GradeFailed
    | Claimed
    | SlaBreached
    | Released
    | Confirmed
    | Overridden
    | SkillAsserted
    | SignedOff
    | DisputeOpened
    | DisputeResolved
)
EnrollmentEvent = AttemptOpened | ResultSigned | CredentialIssued | CredentialSuperseded | CredentialRevoked
Event = AttemptEvent | EnrollmentEvent
