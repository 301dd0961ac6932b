"""Everything that was read in a post-mortem and that its ticks look at."""

from dataclasses import dataclass

from grader.domain.prose import Blame, FollowUp, ProseFacts, Section
from grader.writing.facts import contradiction, mismatches
from grader.writing.rows import Rows
from grader.writing.sections import Piece
from grader.writing.signals import (
    Text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that was read and the ticks look at."""

    pieces: tuple[Piece, ...]
    sections: frozenset[Section]
    rows: Rows
    follow_ups: tuple[FollowUp, ...]
    prose_follow_ups: bool
    root_cause: Text
    impact: Text
    everything: Text
    blame: tuple[Blame, ...]
    words: int
    holes: int
    read_to: int
    """The last line that was read of a text that is too long, else 0."""
    facts: ProseFacts

    @property
    def contradiction(self) -> str | None:
        """What the text claims against the case's answer key; None without a key."""
        return contradiction(self.everything, self.facts.truth)

    @property
    def mismatches(self) -> tuple[str, ...]:
        """Facts that differ from the server's or the case's, for the mentor."""
        return mismatches(self.impact, self.rows, self.facts)

    def label_line(self, section: Section) -> tuple[int, ...]:
        """The line of the section's first label."""
        return next(((p.line,) for p in self.pieces if p.is_label and section in p.sections), ())
