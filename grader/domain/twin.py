"""The twin: an exercise type as data. Validated when it is built, so that a wrong file stops at load."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from grader.domain.score import DimensionId, Points

TwinId = NewType("TwinId", str)
SkillId = NewType("SkillId", str)


class SubmissionMode(StrEnum):
    """How a learner hands in."""

    REPO_URL = "repo_url"
    FILE_UPLOAD = "file_upload"


class SelfCheckKind(StrEnum):
    """A failed critical self-check blocks the submission unless it is forced."""

    CRITICAL = "critical"
    REFLECTIVE = "reflective"


class Observable(StrEnum):
    """What the grader can find by itself that answers a self-check."""

    REGRESSION_TEST = "regression_test"
    STATUS_UPDATE = "status_update"
    OWNED_FOLLOW_UP = "owned_follow_up"


class DeadlinePolicy(StrEnum):
    """What happens to a saved draft at the deadline when nothing was submitted."""

    EXPIRE = "expire"
    SUBMIT_LAST_SAVE = "submit_last_save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One scored dimension of the rubric; weights are whole percents."""

    id: DimensionId
    title: str
    weight: int
    tests: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """A question the learner answers before submission; `observes` names what the grader compares the answer with."""

    id: str
    question: str
    kind: SelfCheckKind
    observes: Observable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A skill that a mentor may assert, up to a ceiling in points (20 is 1.00)."""

    id: SkillId
    ceiling: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedStep:
    """Up to `minutes` after the incident opened the time factor is `factor` (percent)."""

    minutes: int
    factor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapStep:
    """Below `below` (a share, in percent) the score is capped at `at` points."""

    below: int
    at: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class HotfixCaps:
    """The caps of `hotfix_correctness`: for what was seen, or by steps of a share, the lowest first."""

    no_product_change: Points
    reported_prompt_unsafe: Points
    public_prompt_quoted: Points
    class_open: tuple[CapStep, ...]
    over_blocking: tuple[CapStep, ...]
    existing_tests_red: tuple[CapStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionCaps:
    """The caps of `regression_safety`, each for what was seen."""

    not_red_on_base: Points
    rejected: Points
    unstable: Points
    not_behavioural: Points
    over_fitted: Points
    red_on_own_fix: Points
    reported_only_survives: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The mentor's side of the exercise: time to sign-off, second reader, blind mode, dispute window."""

    sla_hours: int
    second_reader: str
    blind: str
    dispute_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One exercise type. Raises ValueError on construction when its parts contradict each other."""

    id: TwinId
    title: str
    live_minutes: int
    postmortem_minutes: int
    attempts: int
    pass_percent: int
    at_deadline: DeadlinePolicy
    modes: tuple[SubmissionMode, ...]
    dimensions: tuple[Dimension, ...]
    self_checks: tuple[SelfCheck, ...]
    skills: tuple[Skill, ...]
    review: Review
    speed_steps: tuple[SpeedStep, ...]
    hotfix_caps: HotfixCaps
    regression_caps: RegressionCaps
    digest: str

    def __post_init__(self) -> None:
        """Check what no single field can show."""
        _require(sum(d.weight for d in self.dimensions) == 100, "dimension weights must sum to exactly 100 %")
        for kind, ids in (
            ("dimension", [d.id for d in self.dimensions]),
            ("self-check", [s.id for s in self.self_checks]),
            ("skill", [s.id for s in self.skills]),
        ):
            _require(len(set(ids)) == len(ids), f"{kind} ids must be unique")
        _require(all(0 < d.weight <= 100 for d in self.dimensions), "a dimension weight must be 1..100 %")
        _require(all(0 <= s.ceiling <= 20 for s in self.skills), "a skill ceiling must be 0.00..1.00")
        _require(
            0 < self.pass_percent <= 100 and self.pass_percent % 5 == 0,
            "pass_percent must be a multiple of 5",
        )
        _require(bool(self.modes), "at least one submission mode is needed")
        _require(
            min(self.live_minutes, self.postmortem_minutes, self.attempts) > 0,
            "times and attempts must be positive",
        )
        minutes = [step.minutes for step in self.speed_steps]
        _require(minutes == sorted(set(minutes)), "speed_steps must rise in minutes")
        caps = self.hotfix_caps
        for name, steps in (
            ("class_open", caps.class_open),
            ("over_blocking", caps.over_blocking),
            ("existing_tests_red", caps.existing_tests_red),
        ):
            below, at = [step.below for step in steps], [step.at for step in steps]
            _require(below == sorted(set(below)) and at == sorted(at), f"hotfix_caps.{name} must rise")
            _require(all(0 < step.below <= 100 for step in steps), f"hotfix_caps.{name}: below must be 1..100 %")

    def dimension(self, dimension_id: DimensionId) -> Dimension:
        """The dimension with that id; KeyError when there is none."""
        for dimension in self.dimensions:
            if dimension.id == dimension_id:
                return dimension
        raise KeyError(dimension_id)

    def overall(self, points: dict[DimensionId, Points]) -> Fraction:
        """The exact weighted average, 0..1; KeyError when a dimension has no points."""
        return Fraction(sum(d.weight * points[d.id] for d in self.dimensions), 2000)

    def passes(self, overall: Fraction) -> bool:
        """Whether an overall score reaches the pass mark."""
        return overall >= Fraction(self.pass_percent, 100)


def _require(holds: bool, message: str) -> None:  # noqa: FBT001 - an assertion that survives -O
    if not holds:
        raise ValueError(message)
