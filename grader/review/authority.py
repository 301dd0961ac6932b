"""Who may give which command: by numeric account id, the roster, and the permission that GitHub reports right now."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from grader.review.commands import (
    Assert,
    Claim,
    Command,
    Confirm,
    Dispute,
    Force,
    Help,
    Post,
    Reattempt,
    Regrade,
    Release,
    Score,
    SignOff,
    Start,
    Submit,
)

MENTOR_ROLES: Final = frozenset({"write", "maintain", "admin"})
"""Role names of the collaborator permission API that may review; a custom role is none of them."""


class Party(StrEnum):
    """On which side of the exercise a command stands."""

    LEARNER = "learner"
    MENTOR = "mentor"
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who wrote a comment. `role` is None when nobody asked GitHub for it or GitHub did not say."""

    account: int
    is_person: bool
    author_of_submission: bool
    in_roster: bool
    role: str | None = None
    edited: bool = False


def party(command: Command) -> Party:
    """The side that may give a command."""
    match command:
        case Start() | Post() | Submit() | Force() | Reattempt() | Dispute():
            return Party.LEARNER
        case Claim() | Release() | Confirm() | Score() | Assert() | SignOff() | Regrade():
            return Party.MENTOR
        case Help():
            return Party.ANYONE


def refusal(side: Party, speaker: Speaker) -> str | None:
    """Why this speaker may not give a command of that side; None when they may.

    The author association that GitHub sends is never asked: it is computed late and differs for private members.
    """
    if not speaker.is_person:
        return "bots give no commands"
    if speaker.edited:
        return "this comment was edited, so nobody can tell who wrote it: post a new one"
    match side:
        case Party.ANYONE:
            return None
        case Party.LEARNER:
            return None if speaker.author_of_submission else "only the author of this pull request may do this"
        case Party.MENTOR:
            return _mentor(speaker)


def _mentor(speaker: Speaker) -> str | None:
    if speaker.author_of_submission:
        return "nobody reviews their own submission"
    if not speaker.in_roster:
        return "only mentors on this course's roster may do this"
    if speaker.role is None:
        return "GitHub did not say which permission you have; post the command again in a minute"
    if speaker.role not in MENTOR_ROLES:
        return "a mentor needs write access to this repository"
    return None
