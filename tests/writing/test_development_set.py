"""The rules against our own labelled texts; the bars are those the rules were built to."""

import pytest

from benchmarks.writing import Result, measure


@pytest.fixture(scope="module")
def result() -> Result:
    return measure()


def test_owners_are_found(result: Result) -> None:
    assert result.owners.f1 >= 0.95, result.owners.misses


def test_names_owners_is_observed(result: Result) -> None:
    assert result.names_owners.share >= 0.98, result.names_owners.misses


def test_sections_are_found(result: Result) -> None:
    assert result.sections.share >= 0.97, result.sections.misses


def test_rows_are_found(result: Result) -> None:
    assert result.rows.f1 >= 0.95, result.rows.misses


def test_blame_is_precise(result: Result) -> None:
    assert result.blame.precision >= 0.95, result.blame.misses
    assert result.blame.recall >= 0.75, result.blame.misses


def test_update_flags_are_right(result: Result) -> None:
    misses = [miss for score in result.flags.values() for miss in score.misses]
    assert result.flag_share >= 0.93, misses


def test_the_set_is_large_enough() -> None:
    held_out, seen = measure(held_out=True), measure(held_out=False)
    assert held_out.names_owners.total >= 20
    assert held_out.names_owners.total + seen.names_owners.total >= 40
    assert held_out.flags["status"].total + seen.flags["status"].total >= 40
