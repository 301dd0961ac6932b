"""What the checks concluded: a verdict with its evidence, what each test did, which mutants lived, what was flagged."""

from dataclasses import dataclass
from enum import StrEnum

from grader.domain.observation import Cause, Outcome, TestId
from grader.domain.score import Evidence


class Verdict(StrEnum):
    """What one check concluded."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check: `met` of `out_of` parts hold; the reason is one sentence."""

    id: str
    verdict: Verdict
    met: int
    out_of: int
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something a mentor must look at before deciding; never a deduction by itself."""

    id: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """One test id over the three trees; an outcome is None where that tree was not run.

    `before_cause` and `message` (the first lines of the failure, untrusted) tell why it did not pass before.
    """

    __test__ = False

    id: TestId
    original: Outcome | None
    before: Outcome | None
    after: Outcome | None
    before_cause: Cause | None = None
    message: str = ""


class MutantStatus(StrEnum):
    """What became of one mutant, in Stryker's sense."""

    KILLED = "killed"
    SURVIVED = "survived"
    INVALID = "invalid"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change to the fix that a good test should notice. `diff` is unified and holds untrusted text."""

    id: str
    kind: str
    file: str
    line: int
    status: MutantStatus
    killed_by: tuple[TestId, ...] = ()
    diff: str = ""
