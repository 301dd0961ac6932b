"""Quantities: any way to write a number with its unit reads the same, and any text at all is read without error."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.quantity import normalise, number, parse, quantities

NUMBERS = st.decimals(min_value="0.001", max_value="999999", places=3)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    quantities(text)
    assert normalise(normalise(text)) == normalise(text)


@given(NUMBERS, st.sampled_from(["mcg", "µg", "μg", "ug", "micrograms", "MCG"]), st.sampled_from(["", " ", "-", "  "]))
def test_spelling_and_spacing_do_not_matter(value: object, unit: str, gap: str) -> None:
    found = parse(f"take {value}{gap}{unit} daily")
    assert (found.kind, found.unit) == ("mass", "mcg")
    assert found.value == pytest.approx(float(str(value)))


@given(st.integers(1, 999_999), st.sampled_from([("mg", 1000), ("g", 10**6), ("kg", 10**9)]))
def test_units_of_one_kind_are_comparable(value: int, unit: tuple[str, int]) -> None:
    assert parse(f"{value} {unit[0]}") == parse(f"{value * unit[1]} mcg")


@given(st.integers(1000, 999_999_999), st.sampled_from([",", " ", "'"]))
def test_grouping_of_thousands_does_not_matter(value: int, separator: str) -> None:
    grouped = f"{value:,}".replace(",", separator)
    assert parse(f"{grouped} USD") == parse(f"{value} USD") == parse(f"USD {grouped}")


@given(st.integers(0, 9999), st.integers(1, 99))
def test_a_decimal_comma_is_a_decimal_point(whole: int, part: int) -> None:
    assert number(f"{whole},{part:02}") == number(f"{whole}.{part:02}") == Fraction(whole * 100 + part, 100)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("ninety days", 90, "day"),
        ("quatre-vingt-dix jours", 90, "day"),
        ("one hundred and fifty dollars", 150, "usd"),
        ("two thousand five hundred euros", 2500, "eur"),
        ("noventa días", 90, "day"),
        ("0.025 mg", 25, "mcg"),
        ("0,025 mg", 25, "mcg"),
        (".5 mg", 500, "mcg"),
        ("1.0 mg", 1000, "mcg"),
        ("2,85 %", 2.85, "%"),
        ("3.10 percent", 3.10, "%"),
        ("€1.250,50", 1250.5, "eur"),
        ("three weeks", 21, "day"),
        ("a 48-hour limit", 2, "day"),
        ("two years", 24, "month"),
    ],
)
def test_examples(text: str, value: float, unit: str) -> None:
    found = parse(text)
    assert (found.value, found.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize("text", ["no number", "25", "version 1.2.3 of it", "one of them", "call 112 now"])
def test_a_number_without_a_unit_is_no_quantity(text: str) -> None:
    assert quantities(text) == ()


def test_a_loss_of_the_prefix_is_another_quantity() -> None:
    assert parse("25 mg") != parse("25 mcg")
