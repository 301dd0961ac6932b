"""What was read in a post-mortem and in status updates: sections, rows, follow-ups, ticks, caps; with line numbers.

Lines are counted from 1. Quotes, names and texts are a learner's words and stay untrusted.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from grader.domain.score import Cap, Points
from grader.domain.timeline import Timeline
from grader.domain.truth import CaseTruth
from grader.domain.verdict import Flag


class Section(StrEnum):
    """The four parts that a post-mortem owes."""

    TIMELINE = "timeline"
    ROOT_CAUSE = "root_cause"
    IMPACT = "impact"
    FOLLOW_UPS = "follow_ups"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownText:
    """A text that a learner may have copied (the brief, the template, another submission), and what to call it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseFacts:
    """What the server and the case know; whatever is absent is not judged."""

    timeline: Timeline | None = None
    truth: CaseTruth | None = None
    known_texts: tuple[KnownText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One dated line of the post-mortem's timeline. `at` is `HH:MM` (24 hours), `HH:XX` as written, or a date.

    `minute` counts from midnight of the first day that the timeline names; None when the clock is not exact.
    """

    line: int
    at: str
    text: str
    minute: int | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One follow-up; `owners` as written, without markup; `due` in ISO form when it is a full date, else as written."""

    line: int
    text: str
    owners: tuple[str, ...] = ()
    due: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """A sentence that puts the fault on a person; a proposal that a mentor confirms or drops."""

    line: int
    quote: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Part of a prose rubric: `earned` of `out_of` twentieths. `out_of` is 0 when it could not be judged.

    A group (P1) has `parts` (P1.timeline, ...) that add up to it; a mentor can overturn each part alone.
    """

    id: str
    title: str
    earned: Fraction
    out_of: int
    reason: str
    lines: tuple[int, ...] = ()
    parts: tuple["Tick", ...] = ()
    mend: str = ""
    """What the learner could add to earn the rest; empty when nothing is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmortemReading:
    """Everything the rules read in one post-mortem. `proposed_caps` wait for a mentor and are not in `points`."""

    sections: tuple[tuple[Section, bool], ...]
    timeline: tuple[TimelineRow, ...]
    follow_ups: tuple[FollowUp, ...]
    blame: tuple[Blame, ...]
    ticks: tuple[Tick, ...]
    caps: tuple[Cap, ...]
    proposed_caps: tuple[Cap, ...]
    points: Points
    flags: tuple[Flag, ...] = ()
    advice: tuple[str, ...] = ()
    words: int = 0

    @property
    def owned(self) -> int:
        """How many follow-ups have an owner."""
        return sum(bool(item.owners) for item in self.follow_ups)

    @property
    def names_owners(self) -> bool:
        """Self-check F3, observed: at least one follow-up has an owner."""
        return self.owned > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReading:
    """What one status update says; `at` is the server's time, times in the text never count."""

    at: datetime
    author: str
    text: str
    in_window: bool
    is_status_update: bool
    has_impact: bool
    has_action: bool
    has_state: bool
    has_next_update: bool
    speculative: bool
    internal_jargon: bool
    edited: bool = False
    promised_at: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesReading:
    """Everything the rules read in the updates of one attempt."""

    updates: tuple[UpdateReading, ...]
    ticks: tuple[Tick, ...]
    caps: tuple[Cap, ...]
    points: Points
    flags: tuple[Flag, ...] = ()
    advice: tuple[str, ...] = field(default=())

    @property
    def published(self) -> bool:
        """Self-check F2, observed: at least one qualifying update inside the live window."""
        return any(update.in_window and update.is_status_update for update in self.updates)
