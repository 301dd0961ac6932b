"""The walk of `grader check`: a repository, a base and a fix -> is the regression test real, how much does it guard.

fetch -> admitted trees -> files of the change classed -> environment image -> runs -> verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

from grader.checks import before_after, behaviour, integrity, regression_strength, source_scan
from grader.domain.change import Change, FileClass
from grader.domain.comparison import CheckReport, CheckVerdict, Seconds
from grader.domain.observation import SuiteObservation
from grader.domain.sandbox import MIB, EnvironmentRecipe, ImageId
from grader.domain.tree import Tree
from grader.domain.verdict import Flag
from grader.errors import InputInvalid, SandboxUnavailable, SubmissionRejected
from grader.execution.mutants import DEFAULT_LIMIT, plan
from grader.execution.observe import Runner, likely, look_closer, observe, observe_restored
from grader.execution.strength import hurried, observe_mutants, unexplained
from grader.execution.suite import DEFAULT_LIMITS, Setting
from grader.execution.trees import Layout, Material, lay_out, sources
from grader.intake.change import change, classify, code_folders
from grader.ports import Repos, Repository, Sandboxes

USUAL_SOURCES = (".", "src")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder:
    """What `grader check` was asked for. `tests` are module paths; empty takes those that the change adds or edits."""

    repository: str
    base: str
    fix: str
    tests: tuple[str, ...] = ()
    recipe: EnvironmentRecipe = field(default_factory=EnvironmentRecipe)
    sources: tuple[str, ...] = ()
    """Folders for the import path, relative to the root; empty takes `.` and `src`, where they are there."""
    pytest_args: tuple[str, ...] = ()
    repeats: int = 2
    wall_seconds: float = 60
    seed: int = 0
    mutants: int = DEFAULT_LIMIT
    """At most so many mutants of the fix; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the walk needs from outside; `tell` hears what is being done."""

    repos: Repos
    sandboxes: Sandboxes
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commits:
    base: str
    fix: str


def check(order: CheckOrder, tools: Tools) -> CheckReport:
    """The report, `infra` when the engine fails; raises InputInvalid, and ServiceUnavailable from fetching."""
    started = perf_counter()
    tools.tell("fetching the repository")
    with tools.repos.open(order.repository) as repository:
        commits = _resolve(order, repository)
        try:
            material = _admit(order, repository, commits)
        except SubmissionRejected as refused:
            report = _refused(commits, refused)
        else:
            report = _judge(order, tools, material)
    seconds = replace(report.seconds, total=perf_counter() - started)
    return replace(report, base=commits.base, fix=commits.fix, seed=order.seed, seconds=seconds)


def _resolve(order: CheckOrder, repository: Repository) -> _Commits:
    base, fix = repository.commit(order.base), repository.commit(order.fix)
    if base == fix:
        raise InputInvalid(f"base and fix are the same commit {base[:12]}; give two")
    return _Commits(base=base, fix=fix)


def _admit(order: CheckOrder, repository: Repository, commits: _Commits) -> Material:
    base, fix = repository.tree(repository.commit(commits.base)), repository.tree(repository.commit(commits.fix))
    difference = change(base, fix)
    if not difference.files:
        raise InputInvalid(f"nothing differs between {order.base} and {order.fix}; give two revisions that differ")
    for path in order.tests:
        if path not in fix.by_path:
            raise InputInvalid(
                f"--test {path}: the fix has no such file; give a path relative to the repository's root"
            )
    for folder in order.sources:
        if folder not in base.folders | fix.folders:
            raise InputInvalid(f"--src {folder}: neither base nor fix has such a folder; give one relative to the root")
    return Material(
        base=base,
        fix=fix,
        change=_with_tests(difference, order.tests),
        classes=_classes(base, fix) | dict.fromkeys(order.tests, FileClass.TEST),
        asked=order.tests,
        seed=order.seed,
    )


def _with_tests(difference: Change, asked: tuple[str, ...]) -> Change:
    """The change, with what the caller names as tests classed so whatever its name."""
    named = (replace(file, file_class=FileClass.TEST) if file.path in asked else file for file in difference.files)
    return Change(files=tuple(named))


def _classes(base: Tree, fix: Tree) -> dict[str, FileClass]:
    paths = base.by_path.keys() | fix.by_path.keys()
    code = code_folders(paths)
    return {path: classify(path, code=code) for path in paths}


def _refused(commits: _Commits, refused: SubmissionRejected) -> CheckReport:
    return CheckReport(
        verdict=CheckVerdict.REJECTED,
        reason=f"refused at intake: {refused}",
        base=commits.base,
        fix=commits.fix,
        flags=(Flag(id="intake", detail=str(refused)),),
    )


def _judge(order: CheckOrder, tools: Tools, material: Material) -> CheckReport:
    layout = lay_out(material)
    report = CheckReport(
        verdict=CheckVerdict.NO_TEST,
        reason="the change adds or edits no test module",
        test_files=layout.touched,
        source_files=layout.source_files,
        flags=(*layout.flags, *source_scan.scan(material.change), *source_scan.knows_tests(material.change)),
    )
    if not layout.touched:
        return replace(report, reason=_no_test_reason(material.change))
    try:
        return _prepare_and_run(order, tools, layout, report)
    except SandboxUnavailable as error:
        return replace(report, verdict=CheckVerdict.INFRA, reason=str(error))


def _prepare_and_run(order: CheckOrder, tools: Tools, layout: Layout, report: CheckReport) -> CheckReport:
    started = perf_counter()
    tools.tell("preparing the environment image")
    image = tools.sandboxes.environment(order.recipe)
    ready = perf_counter()
    runner = Runner(tools.sandboxes, _setting(order, image, layout), tools.tell)
    judged = _run(order, runner, layout, report)
    seconds = Seconds(image=ready - started, runs=perf_counter() - ready)
    return replace(judged, image=image, runs=len(runner.made), seconds=seconds)


def _no_test_reason(difference: Change) -> str:
    named = ", ".join(file.path for file in difference.files[:3])
    return f"the change touches no test module, only {named}{' …' if len(difference.files) > 3 else ''}"


def _setting(order: CheckOrder, image: ImageId, layout: Layout) -> Setting:
    size = max(sum(len(file.content) for file in tree.files) for tree in (layout.original, layout.after))
    limits = replace(
        DEFAULT_LIMITS, wall_seconds=order.wall_seconds, work=max(DEFAULT_LIMITS.work, 2 * size + 32 * MIB)
    )
    return Setting(
        image=image,
        sources=order.sources or USUAL_SOURCES,
        pytest_args=order.pytest_args,
        seed=order.seed,
        limits=limits,
    )


def _run(order: CheckOrder, runner: Runner, layout: Layout, report: CheckReport) -> CheckReport:
    runner.announce(likely(layout, order.repeats))
    runs = observe(runner, layout, order.repeats)
    finding = before_after.judge(runs, sources(layout))
    if finding.not_collected and finding.verdict is CheckVerdict.INCONCLUSIVE:
        seen = observe_restored(runner, layout, finding.not_collected, order.repeats)
        finding = before_after.accept_structural(finding, seen)
    elif apart := behaviour.differing(runs, finding.fail_to_pass):
        runs = look_closer(runner, layout, runs, apart)
    trust = integrity.inspect(runs, source_scan.always_equal(layout.change))
    tested = behaviour.judge(runs, finding.fail_to_pass) if runs.closer else behaviour.Behaviour()
    verdict, reason = _conclude(finding, trust, tested)
    report = replace(
        report,
        verdict=verdict,
        reason=reason,
        fail_to_pass=finding.fail_to_pass,
        pass_to_pass=finding.pass_to_pass,
        pass_to_fail=finding.pass_to_fail,
        tests=finding.tests,
        flags=(*report.flags, *finding.flags, *trust.rejections, *trust.flags, *tested.flags),
        runtime=next((run.runtime for run in runs.deciding), ""),
    )
    if verdict is not CheckVerdict.FAIL_BEFORE_PASS_AFTER:
        return report
    return _with_strength(order, runner, layout, report, runs.after[-1])


def _conclude(
    finding: before_after.Finding, trust: integrity.Integrity, tested: behaviour.Behaviour
) -> tuple[CheckVerdict, str]:
    """The verdict of the whole matrix: what contradicts itself, then what looks elsewhere, then before and after."""
    match (trust.rejections, tested.convicted, tested.fickle):
        case ((forged, *_), _, _):
            return CheckVerdict.REJECTED, forged.detail
        case (_, (test, *_), _):
            return CheckVerdict.REJECTED, f"{test} tells base and fix apart by something else than behaviour"
        case (_, _, (test, *_)):
            return CheckVerdict.UNSTABLE, f"{test} answers differently on trees that behave alike, and not each time"
        case _:
            return finding.verdict, finding.reason


def _with_strength(
    order: CheckOrder, runner: Runner, layout: Layout, report: CheckReport, after: SuiteObservation
) -> CheckReport:
    variations = plan(layout.change, limit=order.mutants, seed=order.seed) if order.mutants else ()
    runner.tell(f"trying {len(variations)} changes to the fix")
    if variations:
        runner = unexplained(hurried(runner, after), layout, report.fail_to_pass)
    seen = observe_mutants(runner, layout, report.fail_to_pass, variations)
    mutants = regression_strength.judge(seen, report.fail_to_pass)
    return replace(report, mutants=mutants, flags=(*report.flags, *regression_strength.flags(mutants)))
