"""Agreement between pre-scores and mentors, against hand-worked numbers."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.agreement import Pair, agreements, weighted_kappa
from grader.domain.score import DimensionId, Points, ScoredBy

POINTS = st.integers(0, 20).map(Points)
PAIRS = st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=30)


def pair(proposed: int, decided: int, dimension: str = "d", scorer: ScoredBy = ScoredBy.RULES) -> Pair:
    return Pair(dimension=DimensionId(dimension), scorer=scorer, proposed=Points(proposed), decided=Points(decided))


def test_numbers_worked_by_hand() -> None:
    (found,) = agreements([pair(10, 8), pair(10, 14), pair(20, 20), pair(4, 4)])
    assert (found.error, found.bias) == (Fraction(6, 4), Fraction(-2, 4))
    assert found.near == Fraction(3, 4)
    assert not found.enough


def test_kappa_is_one_for_the_same_and_minus_one_for_the_opposite() -> None:
    assert weighted_kappa([(Points(0), Points(0)), (Points(20), Points(20))]) == 1
    assert weighted_kappa([(Points(0), Points(20)), (Points(20), Points(0))]) == -1
    assert (
        weighted_kappa(
            [(Points(0), Points(0)), (Points(0), Points(20)), (Points(20), Points(0)), (Points(20), Points(20))]
        )
        == 0
    )
    assert weighted_kappa([(Points(7), Points(7))] * 5) is None


def test_dimensions_and_scorers_are_kept_apart() -> None:
    found = agreements([pair(1, 1, "a"), pair(2, 2, "b"), pair(3, 3, "a", ScoredBy.LANGUAGE_MODEL)])
    assert [(one.dimension, one.scorer.value) for one in found] == [
        ("a", "language_model"),
        ("a", "rules"),
        ("b", "rules"),
    ]


@given(PAIRS)
def test_kappa_is_bounded_and_has_no_order(pairs: list[tuple[Points, Points]]) -> None:
    kappa = weighted_kappa(pairs)
    assert kappa is None or kappa <= 1
    assert kappa == weighted_kappa(pairs[::-1]) == weighted_kappa([(b, a) for a, b in pairs])
