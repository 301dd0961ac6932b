"""Observe: run the submission beside its case, in sandboxes; facts, and what the pure checks make of them."""

from dataclasses import dataclass, replace
from time import perf_counter

from grader.checks import before_after, integrity
from grader.checks.before_after import Finding
from grader.checks.integrity import Integrity
from grader.domain.case import Case
from grader.domain.case_facts import HotfixFacts, RegressionFacts
from grader.domain.sandbox import ImageId
from grader.domain.tree import Tree
from grader.execution import examine
from grader.execution.examine import Submitted
from grader.execution.lanes import Lanes
from grader.execution.trees import Material, sources
from grader.grade.order import GradeOrder, Tools
from grader.intake.change import change, classify, code_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the runs showed; `made` counts those that were not remembered from an equal run before."""

    finding: Finding
    trust: Integrity
    hotfix: HotfixFacts
    regression: RegressionFacts
    image: ImageId
    runtime: str
    made: int
    seconds: float


def lay_out(case: Case, tree: Tree) -> Submitted:
    """The starter is the base; every file of the learner's is classed."""
    paths = case.starter.by_path.keys() | tree.by_path.keys()
    code = code_folders(paths)
    classes = {path: classify(path, code=code) for path in paths}
    return Submitted.of(Material(base=case.starter, fix=tree, change=change(case.starter, tree), classes=classes))


def observe(order: GradeOrder, case: Case, submitted: Submitted, tools: Tools) -> Seen:
    """Run everything; raises SandboxUnavailable when the fault is ours."""
    started = perf_counter()
    tools.tell("preparing the environment image")
    image = tools.sandboxes.environment(case.environment)
    with Lanes(pods=tools.pods, case=case, image=image, seed=order.seed, cache=tools.cache, tell=tools.tell) as lanes:
        runs = examine.before_and_after(lanes, submitted)
        regression = examine.regression(lanes, submitted, runs)
        hotfix = examine.hotfix(lanes, submitted)
        made = lanes.made
    trust = integrity.inspect(runs)
    return Seen(
        finding=before_after.judge(runs, sources(submitted.layout)),
        trust=trust,
        hotfix=hotfix,
        regression=replace(regression, forged=trust.rejections[0].detail if trust.rejections else ""),
        image=image,
        runtime=next((run.runtime for run in runs.deciding), ""),
        made=made,
        seconds=perf_counter() - started,
    )
