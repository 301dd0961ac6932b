"""Pre-scores -> the overall; arithmetic only. Formulas of single dimensions are in `domain.formula` and `writing`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.domain.score import Confidence, DimensionId, PreScore
from grader.domain.twin import Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """The exact weighted average, and whether it reaches the pass mark; None with the reason while one is unknown."""

    share: Fraction | None
    would_pass: bool | None
    reason: str = ""


def unknown(dimension: DimensionId, reason: str) -> PreScore:
    """No pre-score: unknown is not zero."""
    return PreScore(dimension=dimension, points=None, reason=reason, confidence=Confidence.LOW)


def in_order(twin: Twin, scores: Iterable[PreScore]) -> tuple[PreScore, ...]:
    """One pre-score per dimension of the rubric, in its order; a dimension that nobody judged is unknown."""
    found = {score.dimension: score for score in scores}
    return tuple(found.get(d.id) or unknown(d.id, "nothing judges this dimension yet") for d in twin.dimensions)


def overall(twin: Twin, scores: Sequence[PreScore]) -> Overall:
    """The weighted average over all dimensions of the rubric."""
    points = {score.dimension: score.points for score in scores if score.points is not None}
    missing = [dimension.title for dimension in twin.dimensions if dimension.id not in points]
    if missing:
        return Overall(share=None, would_pass=None, reason=f"without a pre-score: {', '.join(missing)}")
    share = twin.overall(points)
    return Overall(share=share, would_pass=twin.passes(share))
