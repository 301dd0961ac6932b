"""Observe: run the submission beside its case, in sandboxes; facts, and what the pure checks make of them."""

from dataclasses import dataclass, replace
from time import perf_counter

from grader.checks import before_after, integrity, regression_strength
from grader.checks.before_after import Finding
from grader.checks.integrity import Integrity
from grader.domain.case import Case, Verdict
from grader.domain.case_facts import Answers, HotfixFacts, RegressionFacts, ReproFacts
from grader.domain.comparison import Runs
from grader.domain.observation import TestId
from grader.domain.sandbox import ImageId
from grader.domain.tree import Tree
from grader.domain.verdict import Mutant
from grader.errors import SandboxUnavailable, SubmissionRejected
from grader.execution import examine
from grader.execution.examine import Submitted
from grader.execution.lanes import Lanes
from grader.execution.mutants import plan
from grader.execution.replay import replay
from grader.execution.strength import observe_mutants
from grader.execution.trees import Material, sources
from grader.grade.order import GradeOrder, Tools
from grader.grade.receive import Handed
from grader.intake.change import change, classify, code_folders
from grader.intake.documents import Document
from grader.intake.repro import read_repro


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the runs showed; `made` counts those that were not remembered from an equal run before."""

    finding: Finding
    trust: Integrity
    hotfix: HotfixFacts
    regression: RegressionFacts
    mutants: tuple[Mutant, ...]
    repro: ReproFacts
    image: ImageId
    runtime: str
    made: int
    seconds: float
    pinned: tuple[tuple[str, ReproFacts], ...] = ()
    """Commits that root-cause events pin, with what their repros did."""


def lay_out(case: Case, tree: Tree) -> Submitted:
    """The starter is the base; every file of the learner's is classed."""
    paths = case.starter.by_path.keys() | tree.by_path.keys()
    code = code_folders(paths)
    classes = {path: classify(path, code=code) for path in paths}
    return Submitted.of(Material(base=case.starter, fix=tree, change=change(case.starter, tree), classes=classes))


def observe(order: GradeOrder, case: Case, submitted: Submitted, handed: Handed, tools: Tools) -> Seen:
    """Run everything; raises SandboxUnavailable when the fault is ours."""
    started = perf_counter()
    tools.tell("preparing the environment image")
    image = tools.sandboxes.environment(case.environment)

    def about_the_fix() -> tuple[HotfixFacts, ReproFacts, tuple[tuple[str, ReproFacts], ...]]:
        hotfix = examine.hotfix(lanes, submitted)
        _require_answers(hotfix.base)
        if order.timeline is None:
            return hotfix, ReproFacts(repro=None), ()
        pinned = tuple((commit, _replayed(lanes, submitted, document)) for commit, document in handed.pinned)
        return hotfix, _replayed(lanes, submitted, handed.documents.diagnosis), pinned

    def about_the_tests() -> tuple[Runs, RegressionFacts, tuple[Mutant, ...]]:
        runs = examine.before_and_after(lanes, submitted)
        regression = examine.regression(lanes, submitted, runs)
        return runs, regression, _mutants(lanes, submitted, regression.green)

    with Lanes(pods=tools.pods, case=case, image=image, seed=order.seed, cache=tools.cache) as lanes:
        lanes.count = lambda made: tools.tell(f"{made} runs made")
        (hotfix, repro, pinned), (runs, regression, mutants) = lanes.both(about_the_fix, about_the_tests)
        made = lanes.made
    trust = integrity.inspect(runs)
    return Seen(
        finding=before_after.judge(runs, sources(submitted.layout)),
        trust=trust,
        hotfix=hotfix,
        mutants=mutants,
        repro=repro,
        pinned=pinned,
        regression=replace(regression, forged=trust.rejections[0].detail if trust.rejections else ""),
        image=image,
        runtime=next((run.runtime for run in runs.deciding), ""),
        made=made,
        seconds=perf_counter() - started,
    )


def _mutants(lanes: Lanes, submitted: Submitted, tests: tuple[TestId, ...]) -> tuple[Mutant, ...]:
    """What the tests that count notice of changes to the own fix: no part of a score, the best feedback there is."""
    if not tests:
        return ()
    planned = plan(submitted.material.change, limit=examine.MOST_MUTANTS, seed=lanes.seed)
    return regression_strength.judge(observe_mutants(lanes, submitted.layout, tests, planned), tests)


def _require_answers(base: Answers) -> None:
    """Wherever this works the starter answers every question; where it does not, nothing is about the learner."""
    silent = [a for a in (*base.hidden, *base.benign, *base.public) if a.judgement.verdict is Verdict.ERROR]
    if silent:
        raise SandboxUnavailable(
            f"the case's own starter gave no answer to {len(silent)} questions ({silent[0].answer}); "
            "this machine may be too busy: grade again"
        )


def _replayed(lanes: Lanes, submitted: Submitted, document: Document | None) -> ReproFacts:
    """The learner's repro on the starter and on the reference; what is wrong with it is a fact, not an error."""
    if document is None:
        return ReproFacts(repro=None)
    try:
        repro = read_repro(document.text.encode(), where=document.path)
    except SubmissionRejected as error:
        return ReproFacts(repro=None, problem=str(error))
    classes, case = submitted.material.classes, lanes.case
    starter, reference = (examine.product_only(tree, classes) for tree in (case.starter, case.reference))
    return replay(lanes, repro, starter, reference)
