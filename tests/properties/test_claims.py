"""A run's output is hostile input: any bytes give an observation or one SandboxUnavailable, and green needs a claim."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.observation import Ended, Outcome
from grader.domain.sandbox import SandboxOutcome
from grader.domain.tree import File, Tree
from grader.errors import SandboxUnavailable
from grader.execution.suite import SuiteRun, read

RUN = SuiteRun(tree=Tree.of([File(path="a.py", content=b"")]), modules=("a.py",), test_files=frozenset())
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.lists(st.text(max_size=5), max_size=4)
EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(["begin", "collected", "start", "test", "end", "read", "crash", "not_collected", "x"])},
    optional={
        "ids": SCALARS,
        "n": st.integers(-1, 3) | SCALARS,
        "outcome": st.sampled_from([*Outcome, "x"]) | SCALARS,
        "cause": SCALARS,
        "message": SCALARS,
        "status": st.integers(0, 5) | SCALARS,
        "changed": SCALARS,
        "path": SCALARS,
        "by": SCALARS,
    },
)
LINES = st.lists(EVENTS.map(lambda event: json.dumps(event).encode()) | st.binary(max_size=30), max_size=12)


@given(LINES, st.sampled_from(Ended), st.none() | st.integers(0, 255), st.binary(max_size=40))
def test_any_output_gives_an_answer(lines: list[bytes], ended: Ended, status: int | None, stderr: bytes) -> None:
    stdout = b"\n".join([b'{"event": "begin"}', *lines])
    outcome = SandboxOutcome(ended=ended, status=status, stdout=stdout, stderr=stderr, seconds=0, runtime="x")
    with suppress(SandboxUnavailable):
        seen = read(outcome, RUN, None)
        for test in seen.tests:
            assert test.outcome is not Outcome.PASSED or b'"passed"' in stdout
