"""The terms of an attempt: what its twin says, copied at the start so that a later change of the twin moves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from grader.domain.instant import DAY, HOUR, MINUTE
from grader.domain.score import DimensionId
from grader.domain.twin import SelfCheckKind, SkillId, Twin, TwinId


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Durations are milliseconds; `rubric` pairs dimensions with whole percents, `skills` pairs with hundredths.

    They are pairs in the twin's order, because the keys of a JSON object have none.
    """

    twin: TwinId
    twin_digest: str
    live: int
    postmortem: int
    attempts: int
    pass_percent: int
    at_deadline: str
    modes: tuple[str, ...]
    rubric: tuple[tuple[DimensionId, int], ...]
    self_checks: tuple[str, ...]
    critical: tuple[str, ...]
    skills: tuple[tuple[SkillId, int], ...]
    sla: int
    second_reader: str
    blind: str
    dispute: int

    @classmethod
    def of(cls, twin: Twin) -> Self:
        """The terms that a twin sets today."""
        return cls(
            twin=twin.id,
            twin_digest=twin.digest,
            live=twin.live_minutes * MINUTE,
            postmortem=twin.postmortem_minutes * MINUTE,
            attempts=twin.attempts,
            pass_percent=twin.pass_percent,
            at_deadline=twin.at_deadline.value,
            modes=tuple(mode.value for mode in twin.modes),
            rubric=tuple((d.id, d.weight) for d in twin.dimensions),
            self_checks=tuple(s.id for s in twin.self_checks),
            critical=tuple(s.id for s in twin.self_checks if s.kind is SelfCheckKind.CRITICAL),
            skills=tuple((s.id, 5 * s.ceiling) for s in twin.skills),
            sla=twin.review.sla_hours * HOUR,
            second_reader=twin.review.second_reader,
            blind=twin.review.blind,
            dispute=twin.review.dispute_days * DAY,
        )

    @property
    def weights(self) -> Mapping[DimensionId, int]:
        """Each dimension's weight in whole percents, in the twin's order."""
        return dict(self.rubric)

    @property
    def ceilings(self) -> Mapping[SkillId, int]:
        """The highest weight of each skill, in hundredths."""
        return dict(self.skills)

    @property
    def pass_total(self) -> int:
        """The pass mark in 1/2000: `pass_percent` times the 20 points of a full score."""
        return 20 * self.pass_percent
