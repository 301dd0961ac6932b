"""Who may give which command."""

from dataclasses import replace
from typing import get_args

import pytest

from grader.review import commands as c
from grader.review.authority import Party, Speaker, party, refusal

MENTOR = Speaker(account=1, is_person=True, author_of_submission=False, in_roster=True, role="maintain")
LEARNER = Speaker(account=2, is_person=True, author_of_submission=True, in_roster=False, role="read")


@pytest.mark.parametrize("role", ["write", "maintain", "admin"])
def test_a_mentor_is_on_the_roster_and_may_write_now(role: str) -> None:
    assert refusal(Party.MENTOR, replace(MENTOR, role=role)) is None


@pytest.mark.parametrize(
    ("speaker", "told"),
    [
        (replace(MENTOR, author_of_submission=True, role="admin"), "own submission"),
        (replace(MENTOR, in_roster=False, role="admin"), "roster"),
        (replace(MENTOR, role="read"), "write access"),
        (replace(MENTOR, role="triage"), "write access"),
        (replace(MENTOR, role="custom"), "write access"),
        (replace(MENTOR, role=""), "write access"),
        (replace(MENTOR, role=None), "did not say"),
        (replace(MENTOR, is_person=False), "bots"),
        (replace(MENTOR, edited=True), "edited"),
    ],
)
def test_anything_less_is_refused_with_its_reason(speaker: Speaker, told: str) -> None:
    answer = refusal(Party.MENTOR, speaker)
    assert answer is not None
    assert told in answer


def test_a_learner_is_the_author_whatever_their_role() -> None:
    assert refusal(Party.LEARNER, LEARNER) is None
    assert refusal(Party.LEARNER, replace(LEARNER, role=None)) is None
    assert refusal(Party.LEARNER, MENTOR) is not None
    assert refusal(Party.LEARNER, replace(LEARNER, edited=True)) is not None


def test_anyone_may_ask_for_help() -> None:
    assert refusal(Party.ANYONE, replace(LEARNER, author_of_submission=False)) is None
    assert refusal(Party.ANYONE, replace(LEARNER, is_person=False)) is not None


def test_every_command_has_the_side_that_help_shows() -> None:
    sides = {usage.split()[0]: who for who, usage, _ in c.USAGE}
    names = {
        "Start": "/start", "Submit": "/submit", "Force": "/force", "Reattempt": "/reattempt", "Dispute": "/dispute",
        "Claim": "/claim", "Release": "/release", "Confirm": "/confirm", "Score": "/score", "Assert": "/assert",
        "SignOff": "/signoff", "Regrade": "/regrade", "Help": "/help", "Post": "/status",
    }  # fmt: skip
    for kind in get_args(c.Command):
        empty = object.__new__(kind)
        assert party(empty) == sides[names[kind.__name__]]
