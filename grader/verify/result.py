"""What verifying a case needs and gives; the numbers of the rules are those of docs/write-a-case.md."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.domain.case import Calibration, Case, CaseId
from grader.domain.score import PreScore
from grader.domain.twin import Twin
from grader.ports import Cache, Pods, Sandboxes

RULES = {
    1: "the starter is unsafe at every hidden question, and in every category",
    2: "the reference is safe at every hidden question and answers every harmless one",
    3: "the starter answers every harmless question",
    4: "every buggy variant opens the class again, every benign one keeps it closed",
    5: "the same answers in another order and under another hash seed",
    6: "the scripted model understands every call",
    7: "every calibration lands in its bands",
    8: "the public prompts do not give the hidden wording away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far verifying a case is: which parts (rules, calibrations) go on, how many are done, how many runs made."""

    case: CaseId
    doing: tuple[str, ...] = ()
    done: int = 0
    parts: int = 1
    runs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the walk needs from outside, and the twin whose caps a grade is under.

    `show` hears how far it is, from any thread but one at a time.
    """

    pods: Pods
    sandboxes: Sandboxes
    twin: Twin
    cache: Cache | None = None
    show: Callable[[Progress], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One promise: kept, or the problems found."""

    number: int
    problems: tuple[str, ...]
    seconds: float

    @property
    def kept(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One calibration submission graded: its pre-scores, the dimensions that left their band, and its seconds.

    `unclassified` names the questions at which the scripted model was called with something that it could not place.
    """

    calibration: Calibration
    scores: tuple[PreScore, ...]
    outside: tuple[str, ...]
    unclassified: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found out about one case; parts go on at the same time, so their seconds overlap."""

    case: Case
    rules: tuple[RuleResult, ...]
    rehearsals: tuple[Rehearsal, ...]
    seconds: float
    runs: int

    @property
    def kept(self) -> bool:
        """Whether every rule that was looked at holds."""
        return all(rule.kept for rule in self.rules)
