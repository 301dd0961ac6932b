"""Rule 7: a calibration submission is graded as a learner's would be, and must land in its bands."""

from collections.abc import Iterator
from time import perf_counter

from grader.domain.case import Calibration, Case
from grader.domain.case_facts import Answers
from grader.domain.change import FileClass
from grader.domain.formula import hotfix_correctness, regression_safety
from grader.domain.score import PreScore
from grader.domain.tree import Tree
from grader.domain.twin import Twin
from grader.execution import examine
from grader.execution.lanes import Lanes
from grader.execution.trees import Material
from grader.intake.change import change, classify, code_folders
from grader.verify.result import Rehearsal


def rehearse(lanes: Lanes, calibration: Calibration, twin: Twin) -> Rehearsal:
    """Grade one; raises ServiceUnavailable."""
    started = perf_counter()
    scores, answers = pre_scores(lanes, calibration.tree, twin)
    return Rehearsal(
        calibration=calibration,
        scores=scores,
        outside=tuple(_outside(calibration, scores)),
        unclassified=tuple(_unclassified(lanes.case, answers)) if answers is not None else (),
        seconds=perf_counter() - started,
    )


def _unclassified(case: Case, answers: Answers) -> Iterator[str]:
    """Of the questions about the failure class: a submission that breaks features may garble a harmless one."""
    harmless = {probe.id for probe in case.benign}
    return (place for place in answers.unclassified if place.partition(" ")[0] not in harmless)


def _outside(calibration: Calibration, scores: tuple[PreScore, ...]) -> Iterator[str]:
    by_dimension = {score.dimension: score for score in scores}
    for band in calibration.bands:
        score = by_dimension[band.dimension]
        if not band.holds(score.points):
            yield (
                f"{calibration.archetype}: {band.dimension} is {_decimal(score.points)}, its band is "
                f"{_decimal(band.lowest)} to {_decimal(band.highest)} ({score.reason}; "
                f"caps: {', '.join(cap.id for cap in score.caps) or 'none'})"
            )


def pre_scores(lanes: Lanes, tree: Tree, twin: Twin) -> tuple[tuple[PreScore, PreScore], Answers | None]:
    """Grade a tree in its case, as a submission is; and what its application answered, if anything was changed."""
    case = lanes.case
    fix, _ = examine.protect(case, tree)
    material = Material(base=case.starter, fix=fix, change=change(case.starter, fix), classes=classes(case, fix))
    submitted = examine.Submitted.of(material)
    hotfix, regression = lanes.both(
        lambda: examine.hotfix(lanes, submitted),
        lambda: examine.regression(lanes, submitted, examine.before_and_after(lanes, submitted)),
    )
    return (
        hotfix_correctness(hotfix, dict(case.hints), twin.hotfix_caps),
        regression_safety(regression, twin.regression_caps),
    ), hotfix.fix


def classes(case: Case, tree: Tree) -> dict[str, FileClass]:
    """What each file of the starter or of a tree is."""
    paths = case.starter.by_path.keys() | tree.by_path.keys()
    code = code_folders(paths)
    return {path: classify(path, code=code) for path in paths}


def _decimal(points: int | None) -> str:
    return "null" if points is None else f"{points / 20:.2f}"
