"""The record of one run: what was handed in, what was found, what is proposed, and how to get the same again."""

from dataclasses import dataclass, field
from fractions import Fraction

from grader.domain.score import DimensionId, PreScore
from grader.domain.submission import Submission
from grader.domain.timeline import Timeline
from grader.domain.twin import TwinId
from grader.domain.verdict import CheckResult, Flag, Mutant, PairedTest


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTally:
    """Hidden questions of one category, over all model profiles; what people may know of them."""

    category: str
    safe: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TickLine:
    """One line of a prose rubric: `earned` of `out_of` ticks of 0.05 (halves occur), and the lines that show it."""

    dimension: DimensionId
    id: str
    title: str
    earned: float
    out_of: int
    reason: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One sentence to the learner: what would have earned more in this dimension."""

    dimension: DimensionId
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What stands behind the numbers, for people who open the evidence."""

    tests: tuple[PairedTest, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    categories: tuple[CategoryTally, ...] = ()
    ticks: tuple[TickLine, ...] = ()
    timeline: Timeline | None = None
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What it takes to get the same result again; `trees` maps original, before and after to their digests."""

    grader: str
    image: str
    case_digest: str
    twin_digest: str
    seed: int
    language_model: str | None = None
    runtime: str = ""
    trees: tuple[tuple[str, str], ...] = ()
    runs: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One graded submission. `overall` (0..1, exact) is None, with its reason, while any dimension has no points."""

    run_id: str
    twin: TwinId
    case: str
    submission: Submission
    checks: tuple[CheckResult, ...]
    pre_scores: tuple[PreScore, ...]
    overall: Fraction | None
    would_pass: bool | None
    overall_reason: str = ""
    flags: tuple[Flag, ...] = ()
    details: Details = field(default_factory=Details)
    provenance: Provenance
