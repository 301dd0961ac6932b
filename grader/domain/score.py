"""Pre-scores as integers: points in twentieths, weights in percent; decimals only at the edge."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NewType

DimensionId = NewType("DimensionId", str)
Points = NewType("Points", int)
"""0..20; one point is 0.05."""

FULL = Points(20)


class Confidence(StrEnum):
    """How far a mentor should trust a pre-score before opening its evidence."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ScoredBy(StrEnum):
    """Which scorer formed a pre-score."""

    RULES = "rules"
    LANGUAGE_MODEL = "language_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A pointer that a mentor can open: a claim, where it was seen, and the words or value seen there."""

    claim: str
    where: str
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """An upper limit that was applied to a pre-score, and why."""

    id: str
    at: Points
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreScore:
    """The machine's proposal for one dimension; `points` is None with a reason when it could not be formed."""

    dimension: DimensionId
    points: Points | None
    reason: str
    caps: tuple[Cap, ...] = ()
    confidence: Confidence = Confidence.HIGH
    scored_by: ScoredBy = ScoredBy.RULES
    evidence: tuple[Evidence, ...] = field(default=())


def as_decimal(points: Points) -> float:
    """0.0..1.0 in steps of 0.05, exact to two places."""
    return round(points / 20, 2)


def from_decimal(value: float) -> Points:
    """The inverse of `as_decimal`; ValueError when `value` is off the 0.05 grid or outside 0..1."""
    points = round(value * 20)
    if not 0 <= points <= FULL or abs(points / 20 - value) > 1e-9:
        raise ValueError(f"{value} is not a multiple of 0.05 between 0 and 1")
    return Points(points)


def floor_points(value: Fraction | float) -> Points:
    """The largest number of points that does not exceed `value` (0..1); GRADING rule: floor unless said otherwise."""
    exact = value if isinstance(value, Fraction) else Fraction(value).limit_denominator(1_000_000)
    return Points(max(0, min(int(FULL), int(exact * 20))))
