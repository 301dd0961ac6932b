"""No bytes make the timeline loader raise anything but InputInvalid."""

import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from grader.errors import InputInvalid
from grader.intake.timeline import read_timeline

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
KEYS = st.sampled_from(["schema", "opened_at", "window_minutes", "events", "kind", "at", "author", "text", "edited"])
NEAR = st.sampled_from(["grader/timeline/1", "resolved", "2026-03-01T12:00:00Z", 90]) | SCALARS
DOCUMENTS = st.recursive(NEAR, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(st.binary() | DOCUMENTS.map(lambda document: json.dumps(document).encode()))
def test_the_loader_never_crashes(content: bytes) -> None:
    with contextlib.suppress(InputInvalid):
        read_timeline(content, where="t.json")
