"""Prose against the server's clock and the case's answer key, with tolerance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.domain.prose import PostmortemReading, ProseFacts, Tick
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.truth import AffectedCount, CaseTruth, Claim
from grader.writing import postmortem

TEXT = (Path(__file__).parent.parent.parent / "writing" / "postmortems" / "01-table-classic.md").read_text()
OPENED = datetime(2026, 3, 1, 14, 3, tzinfo=UTC)
TRUTH = CaseTruth(
    components=("app/prompt.py", "prompt.build", "grounding rule"),
    inventory=("app/prompt.py", "app/retrieve.py"),
    fault=("retrieval returned nothing", "no documents"),
    affected=AffectedCount(value=3, units=("customers",)),
    did_not_happen=(
        Claim(id="leak", says="card data leaked", wordings=("card data leaked", "card numbers were exposed")),
    ),
    forbidden=(Claim(id="dns", says="DNS was the cause", wordings=("dns outage",)),),
)


def log(minutes: int) -> Timeline:
    resolved = TimelineEvent(
        kind=TimelineKind.RESOLVED, at=OPENED + timedelta(minutes=minutes), author="learner", text="resolved"
    )
    return Timeline(opened_at=OPENED, window=timedelta(minutes=90), events=(resolved,))


def read(text: str, **facts: object) -> PostmortemReading:
    return postmortem.read(text, ProseFacts(**facts))  # type: ignore[arg-type]


def part(reading: PostmortemReading, name: str) -> Tick:
    return {p.id: p for tick in reading.ticks for p in tick.parts}[name]


def test_the_answer_key_is_matched_by_part_and_fault() -> None:
    assert part(read(TEXT), "P3.matches").out_of == 0
    assert part(read(TEXT, truth=TRUTH), "P3.matches").earned == 1
    assert part(read(TEXT.replace("retrieval returned nothing", "it rained"), truth=TRUTH), "P3.matches").earned == 0


@pytest.mark.parametrize(
    ("said", "contradicts"),
    [
        ("The card data leaked to others.", True),
        ("It was a DNS outage.", True),
        ("No card numbers were exposed.", False),
        ("A DNS outage was ruled out.", False),
    ],
)
def test_a_claim_that_the_case_refutes_is_capped(said: str, contradicts: bool) -> None:
    reading = read(TEXT.replace("## Root cause\n", f"## Root cause\n{said}\n"), truth=TRUTH)
    assert ("contradicts_case" in {cap.id for cap in reading.caps}) is contradicts
    assert reading.points <= 12 or not contradicts


def test_a_wrong_count_loses_the_tick_and_is_flagged() -> None:
    wrong = read(TEXT.replace("3 customers", "300 customers"), truth=TRUTH)
    assert part(wrong, "P4.count").earned == 0
    assert "fact_mismatch" in {flag.id for flag in wrong.flags}
    assert part(read(TEXT, truth=TRUTH), "P4.count").earned == 1


def test_rows_and_duration_agree_with_the_log_within_tolerance() -> None:
    near = read(TEXT, timeline=log(36))
    assert part(near, "P2.agrees").earned == 1
    assert part(near, "P4.duration").earned == 1
    far = read(TEXT, timeline=log(75))
    assert part(far, "P2.agrees").earned == 0
    assert part(far, "P4.duration").earned == 0
    assert "min off the server's log" in part(far, "P2.agrees").reason


def test_a_blame_cap_is_proposed_and_not_applied() -> None:
    reading = read(TEXT.replace("## Root cause\n", "## Root cause\nDana forgot to run the tests.\n"))
    assert [cap.id for cap in reading.proposed_caps] == ["blame"]
    assert reading.points == read(TEXT).points - 1
    assert "blame" not in {cap.id for cap in reading.caps}


def test_advice_names_lines_and_the_cap_first() -> None:
    reading = read(TEXT.replace("**Alice Moreau**", "TBD").replace("Payments squad", "TBD").replace("Bob, Carol", "-"))
    assert 1 <= len(reading.advice) <= 3
    assert "at most 0.70" in reading.advice[0]
    assert any(character.isdigit() for character in " ".join(read(TEXT).advice))
