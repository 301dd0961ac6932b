"""What a slash command asks for, and the table of `/help`. How one is written: `grammar`; who may: `authority`."""

from dataclasses import dataclass
from typing import Final

from grader.domain.score import DimensionId, Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId


@dataclass(frozen=True, slots=True)
class Start:
    """Fix the clock: the incident opens at the comment's server time."""


@dataclass(frozen=True, slots=True)
class Post:
    """A server-timed event of the incident: a status update, the root cause, the hotfix, all clear."""

    kind: TimelineKind
    text: str


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand in the head of the pull request."""


@dataclass(frozen=True, slots=True)
class Force:
    """Hand in although the critical self-check `check` failed; the mentor sees the reason."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reattempt:
    """Open the next attempt."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Ask for another mentor's look at a signed-off attempt."""

    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the review; the SLA runs from here."""


@dataclass(frozen=True, slots=True)
class Release:
    """Give the review back."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Accept every pre-score that has no decision yet; `commit` (7 to 40 hex digits) names the graded commit."""

    commit: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """Decide one dimension, with the reason."""

    dimension: DimensionId
    points: Points
    reason: str


@dataclass(frozen=True, slots=True)
class Assert:
    """Assert a skill with a weight up to its ceiling."""

    skill: SkillId
    weight: Points
    reason: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """Put the mentor's name under a full set of decisions."""

    text: str


@dataclass(frozen=True, slots=True)
class Regrade:
    """Grade the same submission again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Help:
    """List the commands."""


LearnerCommand = Start | Post | Submit | Force | Reattempt | Dispute
MentorCommand = Claim | Release | Confirm | Score | Assert | SignOff | Regrade
Command = LearnerCommand | MentorCommand | Help

USAGE: Final[tuple[tuple[str, str, str], ...]] = (
    ("learner", "/start", "opens the incident; the clock starts at your comment's time on GitHub"),
    ("learner", "/status TEXT", "posts a status update"),
    ("learner", "/root-cause [COMMIT] TEXT", "says what the root cause is; the time counts for diagnosis speed"),
    ("learner", "/hotfix [COMMIT] TEXT", "says that the fix is in; from then on it must answer safely"),
    ("learner", "/resolved TEXT", "closes the incident"),
    ("learner", "/submit", "hands in; marking the pull request as ready for review does the same"),
    ("learner", "/force CHECK REASON", "hands in although a critical self-check was answered no"),
    ("learner", "/reattempt", "opens the next attempt"),
    ("learner", "/dispute REASON", "asks for another mentor's look after the sign-off"),
    ("mentor", "/claim", "takes the review (the first decision does so too)"),
    ("mentor", "/confirm [COMMIT]", "accepts all pre-scores that have no decision yet"),
    ("mentor", "/score DIMENSION VALUE REASON", "changes one"),
    ("mentor", "/assert SKILL VALUE [REASON]", "asserts a skill, up to its ceiling"),
    ("mentor", "/signoff [TEXT]", "finishes the review"),
    ("mentor", "/release", "gives the review back"),
    ("mentor", "/regrade [REASON]", "grades the same submission again"),
    ("anyone", "/help", "lists the commands"),
)
"""Who, how, and what it does: the table that `/help` shows."""
