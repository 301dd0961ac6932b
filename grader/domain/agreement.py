"""How far pre-scores and mentors agree: error, bias, weighted kappa, share within 0.10. Arithmetic only."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from grader.domain.score import DimensionId, Points, ScoredBy

FEW = 20
"""Below this many pairs the numbers are shown and said to mean nothing yet."""
NEAR = 2
"""Points (0.10) within which two scores count as the same."""
GOOD_KAPPA = 0.70
"""The operational bar for automated scoring (Williamson, Xi and Breyer, 2012)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One dimension of one signed-off attempt: what was proposed and by whom, and what the mentor decided."""

    dimension: DimensionId
    scorer: ScoredBy
    proposed: Points
    decided: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement over pairs, in points of 0.05; a positive bias means that the machine proposes too much.

    `kappa` is the quadratic weighted kappa on 0..20, None when the mentor and the machine never vary.
    """

    dimension: DimensionId
    scorer: ScoredBy
    pairs: tuple[Pair, ...]
    error: Fraction
    bias: Fraction
    kappa: Fraction | None
    near: Fraction

    @property
    def enough(self) -> bool:
        """Whether there are pairs enough to say anything."""
        return len(self.pairs) >= FEW


def agreements(pairs: Iterable[Pair]) -> tuple[Agreement, ...]:
    """One agreement per dimension and scorer, sorted."""
    groups: dict[tuple[DimensionId, ScoredBy], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.dimension, pair.scorer), []).append(pair)
    return tuple(_agreement(key, tuple(group)) for key, group in sorted(groups.items()))


def _agreement(key: tuple[DimensionId, ScoredBy], pairs: tuple[Pair, ...]) -> Agreement:
    differences = [pair.proposed - pair.decided for pair in pairs]
    count = len(pairs)
    return Agreement(
        dimension=key[0],
        scorer=key[1],
        pairs=pairs,
        error=Fraction(sum(map(abs, differences)), count),
        bias=Fraction(sum(differences), count),
        kappa=weighted_kappa([(pair.proposed, pair.decided) for pair in pairs]),
        near=Fraction(sum(abs(difference) <= NEAR for difference in differences), count),
    )


def weighted_kappa(pairs: list[tuple[Points, Points]]) -> Fraction | None:
    """Quadratic weighted kappa (Cohen, 1968): 1 is agreement, 0 is chance; None when chance alone agrees fully."""
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum((a - b) ** 2 for a, b in pairs)
    expected = Fraction(
        sum(n * m * (a - b) ** 2 for a, n in left.items() for b, m in right.items()), max(len(pairs), 1)
    )
    return None if expected == 0 else 1 - observed / expected
