"""The overall: exact, bounded, monotone, free of order, and unknown while one dimension is."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grader.adapters.twin_files import TwinFiles
from grader.domain.score import Points, PreScore
from grader.domain.twin import TwinId
from grader.scoring import in_order, overall, unknown

TWIN = TwinFiles().get(TwinId("jt-incident-4"))
POINTS = st.lists(st.integers(0, 20).map(Points), min_size=5, max_size=5)


def scores(points: list[Points]) -> list[PreScore]:
    return [PreScore(dimension=d.id, points=p, reason="") for d, p in zip(TWIN.dimensions, points, strict=True)]


@given(POINTS, st.randoms())
def test_the_overall_is_bounded_exact_and_free_of_order(points: list[Points], random: object) -> None:
    found = scores(points)
    shuffled = sorted(found, key=lambda _: random.random())  # type: ignore[attr-defined]
    share = overall(TWIN, found).share
    assert share is not None
    assert 0 <= share <= 1
    assert (share * 2000).denominator == 1
    assert overall(TWIN, in_order(TWIN, shuffled)) == overall(TWIN, found)


@given(POINTS, st.integers(0, 4))
def test_a_point_more_never_lowers_the_overall(points: list[Points], place: int) -> None:
    more = [Points(min(20, p + 1)) if n == place else p for n, p in enumerate(points)]
    assert (overall(TWIN, scores(more)).share or 0) >= (overall(TWIN, scores(points)).share or 0)


def test_just_below_the_mark_does_not_pass() -> None:
    at = overall(TWIN, scores([Points(13)] * 5))
    below = overall(TWIN, scores([Points(13), Points(13), Points(13), Points(13), Points(12)]))
    assert (at.share, at.would_pass) == (Fraction(65, 100), True)
    assert (below.share, below.would_pass) == (Fraction(1285, 2000), False)


def test_one_unknown_dimension_leaves_the_overall_unknown() -> None:
    found = [*scores([Points(20)] * 5)[1:], unknown(TWIN.dimensions[0].id, "no timeline")]
    total = overall(TWIN, found)
    assert (total.share, total.would_pass) == (None, None)
    assert "Diagnosis speed" in total.reason


def test_a_dimension_that_nobody_judged_is_unknown_not_zero() -> None:
    ordered = in_order(TWIN, [])
    assert [score.dimension for score in ordered] == [d.id for d in TWIN.dimensions]
    assert {score.points for score in ordered} == {None}
