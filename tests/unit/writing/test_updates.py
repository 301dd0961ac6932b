"""Caps of communication: what the server knows refutes a claim of the recovery."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.domain.timeline import Outage, Timeline, TimelineEvent, TimelineKind
from grader.writing import updates

OPENED = datetime(2026, 3, 9, 9, tzinfo=UTC)
CLOSING = "Resolved: no wrong answer for 20 minutes, no data was lost."


def minute(number: int) -> datetime:
    return OPENED + timedelta(minutes=number)


def refuted(*events: tuple[TimelineKind, int, str], outages: tuple[Outage, ...] = ()) -> str | None:
    """The reason of the cap; None when nothing is refuted."""
    told = tuple(TimelineEvent(kind=kind, at=minute(at), author="l", text=text) for kind, at, text in events)
    reading = updates.read(Timeline(opened_at=OPENED, window=timedelta(minutes=90), events=told, outages=outages))
    reasons = [cap.reason for cap in reading.caps if cap.id == "false_resolved"]
    flags = [flag.detail for flag in reading.flags if flag.id == "false_resolved"]
    assert reasons == flags
    assert all(cap.at == 12 for cap in reading.caps if cap.id == "false_resolved")
    return reasons[0] if reasons else None


@pytest.mark.parametrize(("at", "caught"), [(19, False), (20, True), (39, True), (40, False)])
def test_resolved_while_the_probe_failed_is_refuted(at: int, caught: bool) -> None:
    outage = Outage(start=minute(20), end=minute(40), why="as the probe noted")
    reason = refuted((TimelineKind.STATUS_UPDATE, at, CLOSING), outages=(outage,))
    assert (reason is not None) is caught
    if caught:
        assert reason == f"the update at 09:{at} says resolved while the probe failed: as the probe noted"


def test_the_event_that_closes_the_incident_is_a_claim_too() -> None:
    outage = Outage(start=minute(20), end=None, why="as the probe noted")
    assert refuted((TimelineKind.RESOLVED, 50, "done"), outages=(outage,)) is not None
    assert refuted((TimelineKind.STATUS_UPDATE, 50, "Still investigating wrong answers."), outages=(outage,)) is None


def test_resolved_before_the_hotfix_is_refuted_without_any_probe() -> None:
    hotfix = (TimelineKind.HOTFIX, 30, "deployed")
    assert refuted((TimelineKind.STATUS_UPDATE, 20, CLOSING), hotfix) == (
        "the update at 09:20 says resolved before the hotfix of 09:30"
    )
    assert refuted(hotfix, (TimelineKind.STATUS_UPDATE, 40, CLOSING)) is None
