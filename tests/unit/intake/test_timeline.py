"""Timeline files: the shape of INTERFACES, and one clear line for everything else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.domain.timeline import TimelineKind
from grader.errors import InputInvalid
from grader.intake.timeline import MAX_BYTES, MAX_EVENTS, read_timeline

EVENT = {"kind": "status_update", "at": "2026-03-01T12:05:00Z", "author": "ada", "text": "Investigating."}
FILE: dict[str, Any] = {
    "schema": "grader/timeline/1",
    "opened_at": "2026-03-01T12:00:00Z",
    "window_minutes": 90,
    "events": [EVENT],
}


def read(**changes: Any) -> Any:
    return read_timeline(json.dumps(FILE | changes).encode(), where="t.json")


def test_a_timeline_is_read_in_utc_and_in_order() -> None:
    later = EVENT | {"kind": "resolved", "at": "2026-03-01T14:20:00+01:00", "edited": True, "commit": "abc1234"}
    timeline = read(events=[later, EVENT])
    assert timeline.opened_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert timeline.window == timedelta(minutes=90)
    assert [(e.kind, e.at.hour, e.edited, e.commit) for e in timeline.events] == [
        (TimelineKind.STATUS_UPDATE, 12, False, ""),
        (TimelineKind.RESOLVED, 13, True, "abc1234"),
    ]
    assert all(e.at.tzinfo is UTC for e in timeline.events)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "grader/timeline/2"}, "schema: "),
        ({"opened_at": "2026-03-01T12:00:00"}, "opened_at: needs a time zone"),
        ({"opened_at": "0001-01-01T00:00:00+14:00"}, "a time is outside the calendar"),
        ({"window_minutes": 0}, "window_minutes: "),
        ({"window_minutes": "90"}, "window_minutes: "),
        ({"deadline": 1}, "deadline: is not a field"),
        ({"events": [EVENT, {"kind": "note"}]}, r"events\[1\]\.kind: "),
        ({"events": [{"kind": "resolved", "at": "2026-03-01T12:05:00Z"}]}, r"events\[0\]\.author: is missing"),
        ({"events": [EVENT | {"commit": "HEAD"}]}, r"events\[0\]\.commit: "),
        ({"events": [EVENT] * (MAX_EVENTS + 1)}, "events: "),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputInvalid, match=f"^t.json: {message}"):
        read(**changes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"[]", "the document: "),
        (b"\xff", "not UTF-8"),
        (b'{"schema": 1, "schema": 2}', "'schema' is given twice"),
        (b'{"schema": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_wrong_bytes_are_named(content: bytes, message: str) -> None:
    with pytest.raises(InputInvalid, match=message):
        read_timeline(content, where="t.json")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_timeline(b"\xef\xbb\xbf" + json.dumps(FILE).encode(), where="t.json").events


def test_what_the_server_s_probe_noted_comes_along() -> None:
    noted = [{"from": "2026-03-01T13:00:00+01:00", "until": "2026-03-01T12:40:00Z"}, {"from": "2026-03-01T12:50:00Z"}]
    first, second = read(outages=noted).outages
    assert (first.start, first.end) == (datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 12, 40, tzinfo=UTC))
    assert (second.start.minute, second.end) == (50, None)
    assert read().outages == ()


def test_an_outage_needs_a_time_with_a_zone() -> None:
    with pytest.raises(InputInvalid, match=r"outages\[0\]\.from: needs a time zone"):
        read(outages=[{"from": "2026-03-01T12:00:00"}])
