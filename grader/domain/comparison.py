"""Before against after: what became of one test id, and what that makes of the whole change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from grader.domain.observation import Outcome, SuiteObservation, TestId, function_of
from grader.domain.verdict import Flag, Mutant, PairedTest


class CheckVerdict(StrEnum):
    """The answer of `grader check`."""

    FAIL_BEFORE_PASS_AFTER = "fail_before_pass_after"  # noqa: S105 - no password
    PASSES_BEFORE = "passes_before"
    FAILS_AFTER = "fails_after"
    NO_TEST = "no_test"
    INCONCLUSIVE = "inconclusive"
    UNSTABLE = "unstable"
    REJECTED = "rejected"
    INFRA = "infra"


class Transition(StrEnum):
    """What one test id did before and after."""

    FAIL_TO_PASS = "fail_to_pass"  # noqa: S105 - no password
    PASS_TO_PASS = "pass_to_pass"  # noqa: S105 - no password
    PASS_TO_FAIL = "pass_to_fail"  # noqa: S105 - no password
    PASS_TO_UNCOUNTED = "pass_to_uncounted"  # noqa: S105 - no password
    STAYS_RED = "stays_red"
    APPEARS = "appears"
    BREAKS_TO_PASS = "breaks_to_pass"  # noqa: S105 - no password
    UNCOUNTED = "uncounted"
    VANISHES = "vanishes"
    ABSENT = "absent"
    UNKNOWN = "unknown"


def compare(before: Outcome, after: Outcome) -> Transition:
    """Name what happened; total over all pairs. Skip and xfail never count, a run of ours that broke tells nothing."""
    if before is Outcome.INFRA:
        return Transition.UNKNOWN
    match after:
        case Outcome.PASSED:
            return _to_passed(before)
        case Outcome.FAILED | Outcome.SETUP_ERROR | Outcome.TIMEOUT | Outcome.KILLED:
            return Transition.PASS_TO_FAIL if before is Outcome.PASSED else Transition.STAYS_RED
        case Outcome.SKIPPED | Outcome.XFAILED | Outcome.XPASSED:
            return Transition.PASS_TO_UNCOUNTED if before is Outcome.PASSED else Transition.UNCOUNTED
        case Outcome.NOT_COLLECTED:
            return Transition.ABSENT if before is Outcome.NOT_COLLECTED else Transition.VANISHES
        case Outcome.INFRA:
            return Transition.UNKNOWN
        case _:
            assert_never(after)


def _to_passed(before: Outcome) -> Transition:
    match before:
        case Outcome.FAILED:
            return Transition.FAIL_TO_PASS
        case Outcome.PASSED:
            return Transition.PASS_TO_PASS
        case Outcome.NOT_COLLECTED:
            return Transition.APPEARS
        case Outcome.SETUP_ERROR | Outcome.TIMEOUT | Outcome.KILLED:
            return Transition.BREAKS_TO_PASS
        case Outcome.SKIPPED | Outcome.XFAILED | Outcome.XPASSED:
            return Transition.UNCOUNTED
        case Outcome.INFRA:
            return Transition.UNKNOWN
        case _:
            assert_never(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSources:
    """What the source says of tests, by function (an id without its parameters).

    `unchanged` are those with the same code in base and fix, `defined` those that the fix defines.
    """

    __test__ = False

    touched: tuple[str, ...]
    unchanged: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()

    def is_unchanged(self, test: TestId) -> bool:
        """Whether the change left that test's code alone."""
        return function_of(test) in self.unchanged

    def is_defined(self, test: TestId) -> bool:
        """Whether the fix still defines that test, with whatever parameters."""
        return function_of(test) in self.defined


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Every run that the verdict rests on; a column that was not run is None or empty.

    `original`, `before` and `after` ran the touched test modules, the two `rest` the others, each tree the same ids;
    `base_tests_on_fix` ran base's version of the touched modules on the fix. The refactored ones ran the deciding ids
    on trees that behave like before and after; the controls ran old tests, green by themselves, on the same trees.
    """

    original: SuiteObservation | None = None
    before: tuple[SuiteObservation, ...] = ()
    after: tuple[SuiteObservation, ...] = ()
    rest_original: tuple[SuiteObservation, ...] = ()
    rest_after: tuple[SuiteObservation, ...] = ()
    base_tests_on_fix: SuiteObservation | None = None
    base_refactored: tuple[SuiteObservation, ...] = ()
    fix_refactored: tuple[SuiteObservation, ...] = ()
    controls: tuple[SuiteObservation, ...] = ()

    @property
    def closer(self) -> bool:
        """Whether the rewritten trees were run a second time, because something differed there."""
        return len(self.base_refactored) > 1

    @property
    def deciding(self) -> tuple[SuiteObservation, ...]:
        """The runs that held the change's tests."""
        return (*self.before, *self.after, *self.base_refactored, *self.fix_refactored)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantRun:
    """One mutant of the fix and what the tests did on it; `run` is None when it cannot be compiled."""

    id: str
    kind: str
    file: str
    line: int
    diff: str
    run: SuiteObservation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """Where the time went."""

    image: float = 0.0
    runs: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The whole answer of `grader check`; `tests` are those of the touched modules, and any other that went red."""

    verdict: CheckVerdict
    reason: str
    base: str = ""
    fix: str = ""
    test_files: tuple[str, ...] = ()
    source_files: tuple[str, ...] = ()
    fail_to_pass: tuple[TestId, ...] = ()
    pass_to_pass: tuple[TestId, ...] = ()
    pass_to_fail: tuple[TestId, ...] = ()
    tests: tuple[PairedTest, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    flags: tuple[Flag, ...] = ()
    seconds: Seconds = Seconds()
    image: str = ""
    runtime: str = ""
    seed: int = 0
    runs: int = 0
