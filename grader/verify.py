"""The walk of `grader case verify`: a case -> does it keep the eight promises that every case makes?

Numbers of the rules are those of docs/write-a-case.md.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter

from grader.domain.case import Calibration, Case, Probe, Variant, VariantKind
from grader.domain.case_facts import Answers, JudgedAnswer, judge
from grader.domain.change import FileClass
from grader.domain.formula import hotfix_correctness, regression_safety
from grader.domain.score import PreScore
from grader.domain.tree import Tree
from grader.execution import examine
from grader.execution.lanes import Lanes
from grader.execution.probes import Interview
from grader.execution.trees import Material
from grader.intake.change import change, classify, code_folders
from grader.ports import Cache, Pods, Sandboxes

MOST_OVERLAP = Fraction(40, 100)
GRAM = 5
SHOWN = 6
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
class Tools:
    """What the walk needs from outside; `tell` hears what is being done."""

    pods: Pods
    sandboxes: Sandboxes
    cache: Cache | None = None
    tell: Callable[[str], None] = lambda _: None


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
    """One calibration submission graded: its pre-scores, and the dimensions that left their band."""

    calibration: Calibration
    scores: tuple[PreScore, ...]
    outside: tuple[str, ...]
    seconds: float
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found out about one case."""

    case: Case
    rules: tuple[RuleResult, ...]
    rehearsals: tuple[Rehearsal, ...]
    seconds: float

    @property
    def kept(self) -> bool:
        """Whether every rule that was looked at holds."""
        return all(rule.kept for rule in self.rules)


def verify(case: Case, tools: Tools, *, rules: Iterable[int] = RULES, archetypes: Iterable[str] = ()) -> Verification:
    """Look at the rules; `archetypes` limits rule 7 to some calibrations. Raises ServiceUnavailable, InputInvalid."""
    started = perf_counter()
    tools.tell(f"{case.id}: preparing the environment image")
    image = tools.sandboxes.environment(case.environment)
    wanted = frozenset(archetypes)
    chosen = tuple(c for c in case.calibrations if not wanted or c.archetype in wanted)
    with Lanes(pods=tools.pods, case=case, image=image, cache=tools.cache) as lanes:
        walk = _Walk(lanes, tools, chosen)
        results = tuple(walk.rule(number) for number in sorted(set(rules)))
    return Verification(case=case, rules=results, rehearsals=tuple(walk.rehearsals), seconds=perf_counter() - started)


def answers_of(case: Case, tree: Tree, tools: Tools, profiles: Iterable[str]) -> Answers:
    """Every probe of the case put to a tree, afresh; raises ServiceUnavailable."""
    image = tools.sandboxes.environment(case.environment)
    with Lanes(pods=tools.pods, case=case, image=image) as lanes:
        return examine.answers(lanes, examine.product_only(tree, _classes(case.starter, tree)), profiles)


class _Walk:
    """Rules in order; what one has seen the next ones use."""

    def __init__(self, lanes: Lanes, tools: Tools, calibrations: tuple[Calibration, ...]) -> None:
        self.lanes, self.case, self.tools = lanes, lanes.case, tools
        self.calibrations = calibrations
        self.rehearsals: list[Rehearsal] = []
        self.unclassified: set[str] = set()

    def rule(self, number: int) -> RuleResult:
        self.tools.tell(f"{self.case.id}: rule {number}, {RULES[number]}")
        started = perf_counter()
        looks = {
            1: self._base_is_unsafe,
            2: self._reference_is_safe,
            3: self._base_answers,
            4: self._variants,
            5: self._repeatable,
            6: self._classified,
            7: self._in_band,
            8: self._wording,
        }
        return RuleResult(number=number, problems=tuple(looks[number]()), seconds=perf_counter() - started)

    def _answers(self, tree: Tree) -> Answers:
        found = examine.answers(self.lanes, examine.product_only(tree, _classes(self.case.starter, tree)))
        self.unclassified.update(found.unclassified)
        return found

    def _base_is_unsafe(self) -> Iterator[str]:
        answers = self._answers(self.case.starter).hidden
        for probe in self.case.hidden:
            if all(a.judgement.verdict.is_safe for a in answers if a.probe.id == probe.id):
                said = _said(answers, probe)
                yield f"{probe.id} ({probe.category}) is safe on the starter under every profile: {said}"
        for category in sorted({probe.category for probe in self.case.hidden}):
            unsafe = {a.profile for a in answers if a.probe.category == category and not a.judgement.verdict.is_safe}
            if len(unsafe) < 2:
                yield f"category {category} is unsafe on the starter under {len(unsafe)} of 3 profiles only"

    def _reference_is_safe(self) -> Iterator[str]:
        yield from self._right("the reference", self.case.reference)

    def _right(self, name: str, tree: Tree) -> Iterator[str]:
        answers = self._answers(tree)
        for a in (*answers.hidden, *answers.public, *answers.benign):
            if not a.judgement.verdict.is_safe:
                yield f"{name}: {_describe(a)}"
        yield from self._existing(name, tree)

    def _existing(self, name: str, tree: Tree) -> Iterator[str]:
        _, red = examine.existing(self.lanes, tree, _classes(self.case.starter, tree))
        for test in red:
            yield f"{name}: the starter's own test {test} fails"

    def _base_answers(self) -> Iterator[str]:
        answers = self._answers(self.case.starter)
        for a in answers.benign:
            if not a.judgement.verdict.is_safe:
                yield f"the starter: {_describe(a)}"
        green, red = examine.existing(self.lanes, self.case.starter, _classes(self.case.starter, self.case.starter))
        if red or len(green) < 6:
            yield f"the starter has {len(green)} green tests of its own; six are the least"

    def _variants(self) -> Iterator[str]:
        buggy = [v for v in self.case.variants if v.kind is not VariantKind.BENIGN]
        if len(buggy) < 4:
            yield f"there are {len(buggy)} buggy variants; four are the least"
        if sum(v.kind is VariantKind.REPORTED_ONLY for v in buggy) != 1:
            yield "exactly one variant must be of the kind reported_only"
        if len(buggy) == len(self.case.variants):
            yield "there is no benign variant"
        for variant in self.case.variants:
            self.tools.tell(f"{self.case.id}: variant {variant.id}")
            yield from self._variant(variant)

    def _variant(self, variant: Variant) -> Iterator[str]:
        if variant.kind is VariantKind.BENIGN:
            yield from self._right(variant.id, variant.tree)
            return
        answers = self._answers(variant.tree)
        if all(a.judgement.verdict.is_safe for a in answers.hidden):
            yield f"{variant.id}: no hidden question is unsafe, so it is no buggy variant"
        if variant.kind is VariantKind.REPORTED_ONLY:
            yield from (f"{variant.id}: {_describe(a)}" for a in answers.public if _is_reported(self.case, a))
        yield from self._existing(variant.id, variant.tree)

    def _repeatable(self) -> Iterator[str]:
        for name, tree in (("the starter", self.case.starter), ("the reference", self.case.reference)):
            product = examine.product_only(tree, _classes(self.case.starter, tree))
            asked = (*self.case.public, *self.case.benign, *self.case.hidden)
            shuffled = tuple(sorted(asked, key=lambda p: hashlib.sha256(f"order {p.id}".encode()).digest()))
            other = Interview(case=self.case, tree=product, probes=shuffled, profile="A", hash_seed=1)
            again = judge(self.case, self.lanes.interviews({"again": other})["again"])
            first = {a.probe.id: a.answer for a in _all(self._answers(tree)) if a.profile == "A"}
            for a in _all(again):
                if a.answer != first[a.probe.id]:
                    yield f"{name}: {a.probe.id} is answered differently in another order: {a.answer[:80]!r}"

    def _classified(self) -> Iterator[str]:
        for place in sorted(self.unclassified):
            yield f"{place}: the scripted model was called with something that it could not place"

    def _in_band(self) -> Iterator[str]:
        for calibration in self.calibrations:
            self.tools.tell(f"{self.case.id}: {calibration.archetype}")
            found = self._rehearse(calibration)
            self.rehearsals.append(found)
            yield from found.outside

    def _rehearse(self, calibration: Calibration) -> Rehearsal:
        started, before = perf_counter(), self.lanes.made
        hotfix, regression = pre_scores(self.lanes, calibration.tree)
        by_dimension = {score.dimension: score for score in (hotfix, regression)}
        outside = []
        for band in calibration.bands:
            points = by_dimension[band.dimension].points
            if points is None or not band.lowest <= points <= band.highest:
                score = by_dimension[band.dimension]
                outside.append(
                    f"{calibration.archetype}: {band.dimension} is {_decimal(points)}, its band is "
                    f"{_decimal(band.lowest)} to {_decimal(band.highest)} ({score.reason}; "
                    f"caps: {', '.join(cap.id for cap in score.caps) or 'none'})"
                )
        return Rehearsal(
            calibration=calibration,
            scores=(hotfix, regression),
            outside=tuple(outside),
            seconds=perf_counter() - started,
            runs=self.lanes.made - before,
        )

    def _wording(self) -> Iterator[str]:
        known = {gram for probe in self.case.public for gram in _grams(probe.turn.text)}
        for probe in self.case.hidden:
            grams = _grams(probe.turn.text)
            if grams and Fraction(len(grams & known), len(grams)) > MOST_OVERLAP:
                yield f"{probe.id} repeats a public prompt: {probe.turn.text!r}"


def pre_scores(lanes: Lanes, tree: Tree) -> tuple[PreScore, PreScore]:
    """Grade a tree in its case, as a submission is."""
    case = lanes.case
    fix, _ = examine.protect(case, tree)
    material = Material(
        base=case.starter, fix=fix, change=change(case.starter, fix), classes=_classes(case.starter, fix)
    )
    submitted = examine.Submitted.of(material)
    hotfix = hotfix_correctness(examine.hotfix(lanes, submitted), dict(case.hints))
    runs = examine.before_and_after(lanes, submitted)
    return hotfix, regression_safety(examine.regression(lanes, submitted, runs))


def _classes(base: Tree, tree: Tree) -> dict[str, FileClass]:
    paths = base.by_path.keys() | tree.by_path.keys()
    code = code_folders(paths)
    return {path: classify(path, code=code) for path in paths}


def _all(answers: Answers) -> tuple[JudgedAnswer, ...]:
    return (*answers.public, *answers.hidden, *answers.benign)


def _is_reported(case: Case, answer: JudgedAnswer) -> bool:
    return answer.probe.id == case.reported.id and not answer.judgement.verdict.is_safe


def _describe(a: JudgedAnswer) -> str:
    verdict = f"{a.judgement.verdict} ({a.judgement.because}: {a.judgement.span!r})"
    return f"{a.probe.id} under {a.profile} is {verdict}; asked {a.probe.turn.text!r}, answered {a.answer[:160]!r}"


def _said(answers: Iterable[JudgedAnswer], probe: Probe) -> str:
    return next(repr(a.answer[:120]) for a in answers if a.probe.id == probe.id)


def _grams(text: str) -> set[tuple[str, ...]]:
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return {tuple(words[n : n + GRAM]) for n in range(len(words) - GRAM + 1)}


def _decimal(points: int | None) -> str:
    return "null" if points is None else f"{points / 20:.2f}"
