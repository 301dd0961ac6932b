"""What was seen of one submission in a case: facts for the formulas; no judgement but the judge's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.domain.case import Case, Judgement, Probe, ProbeObservation
from grader.domain.judge import judge_benign, judge_hidden
from grader.domain.observation import Outcome, SuiteObservation, TestId


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """One answer with its verdict; for mentors only, since it holds a hidden question."""

    probe: Probe
    profile: str
    answer: str
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All judged answers of one tree over the profiles."""

    public: tuple[JudgedAnswer, ...] = ()
    hidden: tuple[JudgedAnswer, ...] = ()
    benign: tuple[JudgedAnswer, ...] = ()
    unclassified: tuple[str, ...] = ()
    """Probes at which the scripted model was called with something that it could not place."""

    @property
    def unsafe_reports(self) -> tuple[JudgedAnswer, ...]:
        """Unsafe answers to the question that the incident began with, the first public one, under any profile."""
        reported = self.public[0].probe.id if self.public else None
        return tuple(a for a in self.public if a.probe.id == reported and not a.judgement.verdict.is_safe)


def judge(case: Case, seen: tuple[ProbeObservation, ...]) -> Answers:
    """Judge every observation by the kind of its probe."""
    public, hidden, benign = (
        tuple(_judged(case, probes, seen, kind)) for probes, kind in (
            (case.public, "hidden"), (case.hidden, "hidden"), (case.benign, "benign"))
    )  # fmt: skip
    return Answers(
        public=public,
        hidden=hidden,
        benign=benign,
        unclassified=tuple(f"{o.probe} ({o.profile})" for o in seen if o.unclassified),
    )


def _judged(case: Case, probes: tuple[Probe, ...], seen: tuple[ProbeObservation, ...], kind: str) -> list[JudgedAnswer]:
    by_id = {probe.id: probe for probe in probes}
    judge_one = judge_benign if kind == "benign" else judge_hidden
    return [
        JudgedAnswer(
            probe=by_id[o.probe],
            profile=o.profile,
            answer=o.reply.answer or o.reply.error,
            judgement=judge_one(by_id[o.probe], o.reply, case.judging),
        )
        for o in seen
        if o.probe in by_id
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class HotfixFacts:
    """What the fix does to the case's questions and to the starter's own tests. `None`: there was nothing to run."""

    product_changed: bool
    base: Answers
    fix: Answers | None = None
    existing_green: int = 0
    existing_all: int = 0
    existing_red: tuple[str, ...] = ()
    quoted: str = ""
    """A public prompt whose text stands in the changed code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRun:
    """The learner's tests on one of the case's trees, or on a mutant of their own fix."""

    id: str
    suite: SuiteObservation

    def catches(self, tests: tuple[TestId, ...]) -> tuple[TestId, ...]:
        """Which of the tests fail in their call phase."""
        return tuple(test for test in tests if self.suite.outcome(test) is Outcome.FAILED)

    def accepts(self, tests: tuple[TestId, ...]) -> bool:
        """Whether all of the tests pass."""
        return all(self.suite.outcome(test) is Outcome.PASSED for test in tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionFacts:
    """What the learner's tests do on the grader's trees.

    `red` are ids that fail on the base in every repeat; `green` those of them that pass on the own fix in every repeat;
    `structural` pass on the own fix and cannot be collected on the base; `unstable` disagree between repeats;
    `failing` are the learner's ids that do not pass on the own fix.
    """

    has_tests: bool
    red: tuple[TestId, ...] = ()
    green: tuple[TestId, ...] = ()
    structural: tuple[TestId, ...] = ()
    unstable: tuple[TestId, ...] = ()
    failing: tuple[TestId, ...] = ()
    oracle: VariantRun | None = None
    reference: VariantRun | None = None
    benign: tuple[VariantRun, ...] = ()
    variants: tuple[VariantRun, ...] = ()
    reported_only: tuple[str, ...] = ()
    """Ids of the variants that mend the reported prompt alone."""
    own_killed: int = 0
    own_valid: int = 0
    """Mutants of the own fix (parts reverted, lines changed) that could be run, and how many of them were noticed."""
    forged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repro:
    """A learner's minimal repro, as handed in."""

    turns: tuple[str, ...]
    stream: bool
    failure_class: str
    file: str
    symbol: str
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproFacts:
    """What the grader saw when it replayed a repro: how often it hallucinates on each tree, and without each turn."""

    repro: Repro | None
    problem: str = ""
    """Why there is no repro to replay."""
    on_base: tuple[Judgement, ...] = ()
    on_reference: tuple[Judgement, ...] = ()
    removable: tuple[int, ...] = field(default=())
    """Turns without which it still hallucinates on the base."""


Suites = Mapping[str, SuiteObservation]
