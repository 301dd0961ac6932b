"""Records survive the file unchanged; no document makes the decoder raise anything but InputInvalid."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.domain.record import Details, Provenance, Record
from grader.domain.score import Cap, Points, PreScore
from grader.domain.submission import Submission
from grader.domain.timeline import Timeline, TimelineEvent
from grader.errors import InputInvalid
from grader.report.record_file import decode, encode

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 10**6).map(lambda seconds: START + timedelta(seconds=seconds))
POINTS = st.integers(0, 20).map(Points)
WINDOWS = st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes))
TREES = st.dictionaries(st.text(max_size=9), st.text(max_size=9)).map(lambda trees: tuple(trees.items()))


def some(of: Any, **fields: Any) -> Any:
    return st.lists(st.builds(of, **fields), max_size=2).map(tuple)


PRE_SCORES = some(PreScore, points=st.none() | POINTS, caps=some(Cap, at=POINTS))
TIMELINES = st.builds(Timeline, opened_at=MOMENTS, window=WINDOWS, events=some(TimelineEvent, at=MOMENTS))
RECORDS = st.builds(
    Record,
    submission=st.builds(Submission, received_at=MOMENTS, deadline=st.none() | MOMENTS),
    pre_scores=PRE_SCORES,
    overall=st.none() | st.integers(0, 2000).map(lambda parts: Fraction(parts, 2000)),
    details=st.builds(Details, timeline=st.none() | TIMELINES),
    provenance=st.builds(Provenance, trees=TREES, seconds=st.floats(0, 1e6)),
)


@settings(max_examples=40, deadline=None)
@given(RECORDS)
def test_a_record_survives_its_file(record: Record) -> None:
    text = json.dumps(encode(record))
    assert decode(text.encode(), where="record.json") == record


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_record_is_named_not_a_crash(data: st.DataObject) -> None:
    document: Any = encode(data.draw(RECORDS))
    _damage(document, data)
    with contextlib.suppress(InputInvalid):
        decode(json.dumps(document).encode(), where="record.json")


def _damage(node: Any, data: st.DataObject) -> None:
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = data.draw(st.sampled_from(keys))
    if isinstance(node[key], dict | list) and data.draw(st.booleans()):
        _damage(node[key], data)
    else:
        node[key] = data.draw(st.none() | st.integers() | st.text() | st.lists(st.none()) | st.just({"x": 1}))
