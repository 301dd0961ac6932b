"""Twins from TOML: the shipped one holds the exercise's facts, and each contradiction is named."""

from fractions import Fraction

import pytest

from grader.adapters.twin_files import TwinFiles, parse
from grader.domain.twin import TwinId
from grader.errors import InputInvalid, SettingsInvalid

SHIPPED = TwinFiles().get(TwinId("jt-incident-4"))
TEXT = (TwinFiles()._folder / "jt-incident-4.toml").read_text()


def test_the_shipped_twin_holds_the_facts_of_the_exercise() -> None:
    assert (SHIPPED.live_minutes, SHIPPED.postmortem_minutes, SHIPPED.attempts) == (90, 240, 2)
    assert {d.id: d.weight for d in SHIPPED.dimensions} == {
        "diagnosis_speed": 20,
        "hotfix_correctness": 25,
        "regression_safety": 20,
        "postmortem_quality": 20,
        "communication": 15,
    }
    assert SHIPPED.passes(Fraction(65, 100))
    assert not SHIPPED.passes(Fraction(1299, 2000))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weight = 25", "weight = 20", "sum to exactly 100"),
        ('id = "F2"', 'id = "F1"', "self-check ids must be unique"),
        ("ceiling = 1.00", "ceiling = 1.05", "1.05 is not a multiple of 0.05"),
        ("pass_percent = 65", "pass_percent = 66", "multiple of 5"),
        ('kind = "critical"', 'kind = "grave"', r"self_checks\.0\.kind"),
        ("attempts = 2", "attempts = 2\nretries = 3", r"retries: Extra inputs"),
        ("attempts = 2", "attempts = [", "t.toml"),
        ("over_fitted = 0.25", "over_fitted = 0.26", r"regression_caps\.over_fitted: .*0.26 is not a multiple of 0.05"),
        ("over_fitted = 0.25", "", r"regression_caps\.over_fitted: Field required"),
        ("{ below = 80, at = 0.50 }", "{ below = 60, at = 0.50 }", r"hotfix_caps\.over_blocking must rise"),
        ("{ below = 80, at = 0.50 }", "{ below = 80, at = 0.15 }", r"hotfix_caps\.over_blocking must rise"),
        ("below = 100", "below = 101", r"hotfix_caps\.existing_tests_red: below must be 1..100 %"),
    ],
)
def test_a_contradiction_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(SettingsInvalid, match=message):
        parse(TEXT.replace(old, new, 1).encode(), where="t.toml")


def test_an_unknown_twin_lists_the_known_ones() -> None:
    with pytest.raises(InputInvalid, match=r"known are .*jt-incident-4"):
        TwinFiles().get(TwinId("nope"))
