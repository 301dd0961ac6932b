"""Diagnosis: what the replayed repro shows, and when a valid root cause was first told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.domain.case import Judgement, RootCause, Verdict
from grader.domain.case_facts import Repro, ReproFacts
from grader.domain.diagnosis import diagnosis_speed, factor, first_root_cause
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.twin import SpeedStep

ROOT = RootCause(classes=("ungrounded_invention", "HC01"), files=("app/prompt.py",), symbols=("build",), commit="x")
UNSAFE = Judgement(verdict=Verdict.HALLUCINATED, because="invented", span="90 days")
SAFE = Judgement(verdict=Verdict.ABSTAINED, because="hands off")
REPRO = Repro(turns=("?",), stream=False, failure_class="HC01", file="app/prompt.py", symbol="prompt.build()")
FACTS = ReproFacts(repro=REPRO, on_base=(UNSAFE,) * 3, on_reference=(SAFE,) * 3)
OPENED = datetime(2026, 3, 9, 9, tzinfo=UTC)
STEPS = (SpeedStep(minutes=15, factor=100), SpeedStep(minutes=45, factor=60), SpeedStep(minutes=90, factor=10))


def event(minutes: float, text: str = "It is app/prompt.py", commit: str = "") -> TimelineEvent:
    at = OPENED + timedelta(minutes=minutes)
    return TimelineEvent(kind=TimelineKind.ROOT_CAUSE, at=at, author="l", text=text, commit=commit)


def timeline(*events: TimelineEvent) -> Timeline:
    return Timeline(opened_at=OPENED, window=timedelta(minutes=90), events=events)


def points(facts: ReproFacts, *events: TimelineEvent) -> int | None:
    return diagnosis_speed(facts, ROOT, timeline(*events), STEPS).points


@pytest.mark.parametrize(("minutes", "expected"), [(14, 20), (15, 20), (15.1, 16), (45, 16), (60, 11), (91, 10)])
def test_time_earns_half(minutes: float, expected: int) -> None:
    assert points(FACTS, event(minutes)) == expected


def test_without_an_event_only_the_diagnosis_counts() -> None:
    assert points(FACTS) == 10
    assert points(FACTS, event(5, "no idea yet")) == 10


def test_without_server_times_there_is_no_score() -> None:
    score = diagnosis_speed(FACTS, ROOT, None, STEPS)
    assert (score.points, score.reason) == (None, "no timeline")


@pytest.mark.parametrize(
    ("facts", "expected", "reason"),
    [
        (replace(FACTS, on_base=(UNSAFE, SAFE, UNSAFE)), 0, "2 of 3"),
        (replace(FACTS, on_reference=(UNSAFE,) * 3), 0, "something else"),
        (ReproFacts(repro=None), 0, "no repro was handed in"),
        (ReproFacts(repro=None, problem="repro.json: not JSON"), 0, "repro.json: not JSON"),
        (replace(FACTS, repro=replace(REPRO, failure_class="HC05")), 15, "3 of 3"),
        (replace(FACTS, repro=replace(REPRO, file="app/llm.py")), 16, "3 of 3"),
        (replace(FACTS, repro=replace(REPRO, symbol="")), 18, "3 of 3"),
        (replace(FACTS, removable=(0,)), 18, "3 of 3"),
    ],
)
def test_what_the_repro_is_worth(facts: ReproFacts, expected: int, reason: str) -> None:
    score = diagnosis_speed(facts, ROOT, timeline(event(5)), STEPS)
    assert score.points == expected
    assert reason in score.reason


def test_the_first_valid_event_counts_whatever_the_order() -> None:
    late, early, wrong = event(40), event(20), event(5, "the model was updated")
    assert first_root_cause(timeline(late, wrong, early), ROOT, ()) == early


def test_an_event_may_pin_a_commit_whose_repro_was_confirmed() -> None:
    pinned = event(10, "found it", commit="abc1234")
    assert first_root_cause(timeline(pinned), ROOT, ["abc1234def"]) == pinned
    assert first_root_cause(timeline(pinned), ROOT, []) is None


def test_past_the_last_step_time_earns_nothing() -> None:
    assert factor(OPENED, event(90.5), STEPS) == 0
