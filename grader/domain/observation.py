"""Facts from the sandbox: what one test did, what one run of a suite did. No judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NewType

TestId = NewType("TestId", str)
"""A pytest node id, e.g. `tests/test_x.py::test_a[1]`."""


def function_of(test: str) -> str:
    """The id less its parameters: pytest puts them in brackets at the end, behind `path::name`."""
    path, colons, name = test.partition("::")
    return f"{path}{colons}{name.partition('[')[0]}" if name.endswith("]") else test


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


@dataclass(frozen=True, kw_only=True)
class SuiteObservation:
    """One run of a suite over one tree. `status` is the process's exit status, None when it was killed."""

    tree_digest: str
    ended: Ended
    status: int | None
    tests: tuple[TestObservation, ...]
    collection_errors: tuple[TestObservation, ...] = ()
    seconds: float = 0.0
    skipped_modules: tuple[str, ...] = ()
    changed_files: tuple[str, ...] = ()
    """Delivered files that the run changed, as it says itself."""
    reads: tuple[tuple[str, str], ...] = ()
    """Source files of the tree that a test file opened: which test file, which source file."""
    disagreements: tuple[str, ...] = ()
    """Where exit status, event stream and expected ids contradict each other: nobody who is honest does that."""
    canary: "Canary" = field(default_factory=lambda: Canary.ABSENT)
    runtime: str = ""
    only: frozenset[TestId] | None = None
    """The ids that this run was confined to; None when it ran all."""

    def was_asked(self, test: TestId) -> bool:
        """Whether that id was to be run."""
        return self.only is None or test in self.only

    @cached_property
    def by_id(self) -> Mapping[TestId, TestObservation]:
        """The tests, by id."""
        return {test.id: test for test in self.tests}

    def outcome(self, test: TestId) -> Outcome:
        """What that test did; skipped when its whole module was, not collected when the run does not know it."""
        found = self.by_id.get(test)
        if found is not None:
            return found.outcome
        module = test.partition("::")[0]
        return Outcome.SKIPPED if module in self.skipped_modules else Outcome.NOT_COLLECTED


class Canary(StrEnum):
    """Whether two tests of the grader's own, one that must pass and one that must fail, did the contrary."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    ABSENT = "absent"
