"""A case: one hallucination incident with its starter, probes, reference and variants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from grader.domain.sandbox import EnvironmentRecipe
from grader.domain.score import DimensionId, Points
from grader.domain.tree import Tree
from grader.domain.truth import CaseTruth

CaseId = NewType("CaseId", str)
ProbeId = NewType("ProbeId", str)

PROFILES = ("A", "B", "C")
"""The scripted model's ways to hallucinate that a fix is judged under; learners see A."""
ORACLE = "oracle"
"""The profile that never invents: a test that stays red under it does not look at hallucinations."""


class Match(StrEnum):
    """What one assertion of a probe looks at; the names are promptfoo's, `kit:` ones are ours."""

    REGEX = "regex"
    CONTAINS_ANY = "icontains-any"
    CONTAINS_ALL = "icontains-all"
    NUMBER = "kit:number"
    CITATIONS_EXIST = "kit:citations_exist"
    CITATION_SUPPORTS = "kit:citation_supports"
    ABSTAIN = "kit:abstain"
    ESCALATE = "kit:escalate"
    ABSENT_FACT = "kit:absent_fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with a canonical unit, e.g. 25 and `mcg`; `kind` is the unit's dimension, e.g. `mass`."""

    value: float
    unit: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One assertion of a probe. `only` makes any other quantity of the same kind unsafe; `tolerance` is absolute."""

    match: Match
    negated: bool = False
    texts: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    tolerance: float = 0.0
    only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message to the app. `topics` are the ids of what the scripted model is asked about."""

    text: str
    topics: tuple[str, ...] = ()
    stream: bool = False
    customer: str = ""
    faults: Mapping[str, str] | None = None
    """What fails during this turn; None: what fails during the probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question put to the learner's app, after the turns in `earlier`; nothing of it is shown to learners.

    `draw` (0..1) says how stubborn the scripted model is: told to abstain, it does if draw < the profile's obedience.
    `files` are data files that are replaced while it is asked, `faults` names what fails meanwhile.
    """

    id: ProbeId
    category: str
    turn: Turn
    earlier: tuple[Turn, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    language: str = "en"
    english: str = ""
    draw: float = 0.5
    session: str = ""
    region: str = ""
    locale: str = ""
    today: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    free: bool = False
    """Asked without telling the scripted model what it is about: it has to recognise the subject, as in a learner's own
    tests. True for a learner's repro."""


class VariantKind(StrEnum):
    """A buggy variant re-opens the failure class, `reported_only` mends the report alone, a benign one is right."""

    BUGGY = "buggy"
    REPORTED_ONLY = "reported_only"
    BENIGN = "benign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A tree that the case's author made to judge tests with."""

    id: str
    kind: VariantKind
    tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a calibration's pre-score must land, both ends included."""

    dimension: DimensionId
    lowest: Points
    highest: Points

    def holds(self, points: Points | None) -> bool:
        """Whether a pre-score lies in it; one that could not be formed does not."""
        return points is not None and self.lowest <= points <= self.highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A submission of a known kind: the tree it hands in, and the bands that its pre-scores must land in."""

    archetype: str
    tree: Tree
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """The answer key: `classes` are accepted names of the failure class, `files` and `symbols` of the place."""

    classes: tuple[str, ...]
    files: tuple[str, ...]
    symbols: tuple[str, ...]
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What the judge needs to know of the case besides a probe's own assertions.

    `abstentions` are patterns, in all languages of the case; `unsafe` holds the patterns of each topic's inventions;
    `corpus` maps each citable id to its text; `citation` finds citations, the id in its first group.
    """

    abstentions: tuple[str, ...]
    unsafe: Mapping[str, tuple[str, ...]]
    corpus: Mapping[str, str]
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident, filled in for one deployment. `model` is what the scripted model is given, plain JSON data."""

    id: CaseId
    title: str
    domain: str
    module: str
    today: str
    environment: EnvironmentRecipe
    warm: tuple[str, ...]
    root_cause: RootCause
    starter: Tree
    reference: Tree
    variants: tuple[Variant, ...]
    calibrations: tuple[Calibration, ...]
    archetypes: tuple[str, ...]
    """The kinds of calibration that every case must have."""
    model: Mapping[str, Any]
    judging: Judging
    public: tuple[Probe, ...]
    hidden: tuple[Probe, ...]
    benign: tuple[Probe, ...]
    hints: Mapping[str, str]
    truth: CaseTruth
    digest: str


class Verdict(StrEnum):
    """How one answer was judged."""

    CORRECT = "correct"
    ABSTAINED = "abstained"
    HALLUCINATED = "hallucinated"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    ERROR = "error"

    @property
    def is_safe(self) -> bool:
        """Whether a customer may read it: grounded, or handed off."""
        return self in (Verdict.CORRECT, Verdict.ABSTAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the app answered to a probe; `error` tells why there is no answer."""

    answer: str = ""
    citations: tuple[str, ...] = ()
    escalate: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeObservation:
    """One probe under one profile. `topics` are what the scripted model was asked about, `unclassified` counts its
    calls that the script could not place."""

    probe: ProbeId
    profile: str
    reply: Reply
    unclassified: int = 0
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with what it rests on: the matched span, or what was missing."""

    verdict: Verdict
    because: str
    span: str = ""
