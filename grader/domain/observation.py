"""Facts from the sandbox: what one test did, what one run of a suite did. No judgement."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

TestId = NewType("TestId", str)
"""A pytest node id, e.g. `tests/test_x.py::test_a[1]`."""


class Outcome(StrEnum):
    """What one test did."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COLLECTED = "not_collected"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    SETUP_ERROR = "setup_error"
    TIMEOUT = "timeout"
    KILLED = "killed"
    INFRA = "infra"


class Cause(StrEnum):
    """Why a test did not pass, from where the exception was raised."""

    ASSERTION = "assertion"
    PRODUCT_ERROR = "product_error"
    TEST_ERROR = "test_error"
    NOT_COLLECTED = "not_collected"
    SETUP_ERROR = "setup_error"
    TIMEOUT = "timeout"
    KILLED = "killed"


class Ended(StrEnum):
    """How a sandbox run ended: by itself, or by which limit."""

    EXITED = "exited"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestObservation:
    """What one test did in one run. `cause` is None when it passed or was skipped."""

    __test__ = False

    id: TestId
    outcome: Outcome
    cause: Cause | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteObservation:
    """One run of a suite over one tree. `status` is the process's exit status, None when it was killed."""

    tree_digest: str
    ended: Ended
    status: int | None
    tests: tuple[TestObservation, ...]
    collection_errors: tuple[TestObservation, ...] = ()
    seconds: float = 0.0
