"""Examines one submission in a case: asks its application the probes, and runs its tests on the grader's trees.

Facts only; which runs are worth making depends on what was seen before, cheapest first.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grader.domain.case import ORACLE, PROFILES, Case, Probe, Variant, VariantKind
from grader.domain.case_facts import Answers, HotfixFacts, RegressionFacts, VariantRun, judge
from grader.domain.change import Change, FileClass
from grader.domain.comparison import Runs
from grader.domain.observation import Outcome, SuiteObservation, TestId
from grader.domain.tree import Tree
from grader.domain.verdict import Flag
from grader.execution.lanes import CaseSuite, Lanes
from grader.execution.mutants import plan
from grader.execution.observe import deciding, observe
from grader.execution.probes import Interview
from grader.execution.suite import Extent, SuiteRun
from grader.execution.trees import Layout, Material, lay_out

REPEATS = 2
RECHECKS = 3
"""Further runs of the tests that would count, in other orders: a coin flip passes all five with 1 in 32."""
MOST_MUTANTS = 8
QUOTE = 25
"""Characters of a public prompt that do not stand in code by chance."""
EXERCISE = ("kit/", "incident/")
"""Folders that learners receive beside the starter: the scripted model, and what is known of the incident."""
_NOT_PRODUCT = frozenset({FileClass.TEST, FileClass.TEST_SUPPORT, FileClass.CONFIGURATION, FileClass.DOCUMENT})
_TESTING = frozenset({FileClass.TEST, FileClass.TEST_SUPPORT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A learner's tree beside the case's starter, classed; `material.base` is the starter."""

    material: Material
    layout: Layout

    @staticmethod
    def of(material: Material) -> "Submitted":
        """Lay the trees out; the starter's own tests are run apart, so they are no part of before and after."""
        return Submitted(material=material, layout=replace(lay_out(material), rest=()))


def protect(case: Case, tree: Tree) -> tuple[Tree, tuple[Flag, ...]]:
    """A submitted tree without what belongs to the exercise, its data as in the starter; a flag when it was changed."""
    data = [file for file in case.starter.files if file.path.startswith("data/")]
    changed = [file.path for file in data if tree.by_path.get(file.path) != file]
    named = f"{', '.join(changed[:3])}: put back as in the starter"
    flags = (Flag(id="data_restored", detail=named),) if changed else ()
    ours = [file.path for file in tree.files if file.path.startswith(EXERCISE)]
    return tree.without(ours).with_files(data), flags


def product_only(tree: Tree, classes: Mapping[str, FileClass]) -> Tree:
    """The files that the application consists of."""
    return Tree(tuple(f for f in tree.files if classes.get(f.path, FileClass.PRODUCT) not in _NOT_PRODUCT))


def answers(lanes: Lanes, tree: Tree, profiles: Iterable[str] = PROFILES) -> Answers:
    """Every probe of the case under the profiles; the public and harmless ones first, then the hidden ones."""
    asked = (*lanes.case.public, *lanes.case.benign, *lanes.case.hidden)
    seen = lanes.interviews({p: _interview(lanes.case, tree, asked, p) for p in profiles})
    return judge(lanes.case, tuple(observation for observations in seen.values() for observation in observations))


def _interview(case: Case, tree: Tree, probes: tuple[Probe, ...], profile: str) -> Interview:
    return Interview(case=case, tree=tree, probes=probes, profile=profile)


def hotfix(lanes: Lanes, submitted: Submitted) -> HotfixFacts:
    """What the fix does to the hidden questions and to the starter's own tests."""
    material, case = submitted.material, lanes.case
    base = answers(lanes, product_only(case.starter, material.classes))
    if not material.change.of(FileClass.PRODUCT):
        return HotfixFacts(product_changed=False, base=base)
    fix = answers(lanes, product_only(material.fix, material.classes))
    green, red = existing(lanes, submitted.layout.base_tests_on_fix, material.classes)
    return HotfixFacts(
        product_changed=True,
        base=base,
        fix=fix,
        existing_green=len(green),
        existing_all=len(green) + len(red),
        existing_red=red,
        quoted=quoted(case, material),
    )


def existing(
    lanes: Lanes, tree: Tree, classes: Mapping[str, FileClass]
) -> tuple[tuple[TestId, ...], tuple[TestId, ...]]:
    """The starter's tests that are green on the starter: which of them are green on a tree, and which are not."""
    modules = tuple(f.path for f in lanes.case.starter.files if classes.get(f.path) is FileClass.TEST)
    run = SuiteRun(tree=lanes.case.starter, modules=modules, test_files=frozenset(modules))
    seen = lanes.run_all({"starter": run, "tree": replace(run, tree=tree)})
    wanted = [test.id for test in seen["starter"].tests if test.outcome is Outcome.PASSED]
    green = tuple(test for test in wanted if seen["tree"].outcome(test) is Outcome.PASSED)
    return green, tuple(test for test in wanted if test not in green)


def quoted(case: Case, material: Material) -> str:
    """The first public prompt of which a long piece stands in the changed code."""
    code = " ".join(
        _plain(f.fix.content.decode(errors="replace")) for f in material.change.of(FileClass.PRODUCT) if f.fix
    )
    for probe in case.public:
        words = _plain(probe.turn.text)
        if any(words[n : n + QUOTE] in code for n in range(max(1, len(words) - QUOTE + 1))):
            return probe.turn.text
    return ""


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def tests_on(submitted: Submitted, tree: Tree) -> Tree:
    """The learner's tests over another product tree, with the configuration of the starter."""
    classes, layout = submitted.material.classes, submitted.layout
    product = [
        f for f in tree.files if classes.get(f.path, FileClass.PRODUCT) not in (*_TESTING, FileClass.CONFIGURATION)
    ]
    product = [f for f in product if f.path not in layout.test_files]
    theirs = [
        f
        for f in layout.before.files
        if f.path in layout.test_files or classes.get(f.path) in (*_TESTING, FileClass.CONFIGURATION)
    ]
    return Tree.of([*product, *theirs])


def before_and_after(lanes: Lanes, submitted: Submitted) -> Runs:
    """The learner's tests on the starter and on the own fix, repeated."""
    return observe(lanes, submitted.layout, REPEATS)


def regression(lanes: Lanes, submitted: Submitted, runs: Runs) -> RegressionFacts:
    """What the learner's tests do on the grader's trees."""
    if not submitted.layout.touched or not runs.after:
        return RegressionFacts(has_tests=bool(submitted.layout.touched))
    facts = _own(submitted, runs)
    if not facts.red:
        return _with_own_mutants(lanes, submitted, facts, facts.structural, exhaustive=Extent.ALL)
    facts = _truth(lanes, submitted, facts)
    portable = tuple(t for t in facts.red if _passes(facts.oracle, t) and _passes(facts.reference, t))
    facts = _on_variants(lanes, submitted, facts, portable) if portable else facts
    return _with_own_mutants(lanes, submitted, facts, facts.green, exhaustive=Extent.FIRST_FAILURE)


def _own(submitted: Submitted, runs: Runs) -> RegressionFacts:
    """What before and after alone tell. Only the ids that decide were repeated."""
    ids = tuple(dict.fromkeys(test.id for run in (*runs.after, *runs.before) for test in run.tests))
    was_green = runs.original.outcome if runs.original is not None else lambda _: Outcome.NOT_COLLECTED
    repeated = frozenset(deciding(submitted.layout, runs))

    def seen(made: tuple[SuiteObservation, ...], test: TestId) -> set[Outcome]:
        return {run.outcome(test) for run in (made if test in repeated else made[:1])}

    before = {test: seen(runs.before, test) for test in ids}
    after = {test: seen(runs.after, test) for test in ids}
    new = [test for test in ids if was_green(test) is not Outcome.PASSED]
    red = tuple(test for test in new if before[test] == {Outcome.FAILED})
    green = {test for test in ids if after[test] == {Outcome.PASSED}}
    failing = (Outcome.FAILED, Outcome.SETUP_ERROR, Outcome.TIMEOUT, Outcome.KILLED)
    return RegressionFacts(
        has_tests=True,
        red=red,
        green=tuple(test for test in red if test in green),
        structural=tuple(t for t in new if t in green and before[t] == {Outcome.NOT_COLLECTED}),
        unstable=tuple(t for t in new if len(before[t]) > 1 or len(after[t]) > 1),
        failing=tuple(t for t in new if len(after[t]) == 1 and next(iter(after[t])) in failing),
    )


def _truth(lanes: Lanes, submitted: Submitted, facts: RegressionFacts) -> RegressionFacts:
    """Under a model that never invents, on the reference, and again on the own fix."""
    modules, test_files = submitted.layout.touched, submitted.layout.test_files
    run = SuiteRun(tree=submitted.layout.before, modules=modules, test_files=test_files, only=facts.red)
    wanted = {
        "oracle": CaseSuite(run=run, profile=ORACLE),
        "reference": CaseSuite(run=replace(run, tree=tests_on(submitted, lanes.case.reference))),
    }
    if facts.green and not facts.unstable:
        again = replace(run, tree=submitted.layout.after, only=facts.green)
        wanted |= {f"again {n}": CaseSuite(run=replace(again, repeat=REPEATS + n)) for n in range(RECHECKS)}
    seen = lanes.suites(wanted)
    rechecked = [suite for name, suite in seen.items() if name.startswith("again")]
    unstable = tuple(t for t in facts.green if any(suite.outcome(t) is not Outcome.PASSED for suite in rechecked))
    return replace(
        facts,
        unstable=(*facts.unstable, *unstable),
        oracle=VariantRun(id="oracle", suite=seen["oracle"]),
        reference=VariantRun(id="reference", suite=seen["reference"]),
    )


def _passes(run: VariantRun | None, test: TestId) -> bool:
    return run is not None and run.accepts((test,))


def _on_variants(
    lanes: Lanes, submitted: Submitted, facts: RegressionFacts, portable: tuple[TestId, ...]
) -> RegressionFacts:
    """The case's buggy variants, each until one test notices, and its benign ones."""
    seen = lanes.suites({v.id: _suite_on(submitted, v, portable) for v in lanes.case.variants})

    def runs(*kinds: VariantKind) -> tuple[VariantRun, ...]:
        chosen = (v for v in lanes.case.variants if v.kind in kinds)
        return tuple(VariantRun(id=v.id, suite=seen[v.id]) for v in chosen)

    return replace(
        facts,
        benign=runs(VariantKind.BENIGN),
        variants=runs(VariantKind.BUGGY, VariantKind.REPORTED_ONLY),
        reported_only=tuple(run.id for run in runs(VariantKind.REPORTED_ONLY)),
    )


def _suite_on(submitted: Submitted, variant: Variant, only: tuple[TestId, ...]) -> CaseSuite:
    run = SuiteRun(
        tree=tests_on(submitted, variant.tree),
        modules=submitted.layout.touched,
        test_files=submitted.layout.test_files,
        only=only,
        extent=Extent.FIRST_FAILURE,
    )
    return CaseSuite(run=run)


def _with_own_mutants(
    lanes: Lanes, submitted: Submitted, facts: RegressionFacts, only: tuple[TestId, ...], *, exhaustive: Extent
) -> RegressionFacts:
    """Parts of the own fix taken back: all of them, or until one is noticed."""
    if not only:
        return facts
    difference = submitted.material.change
    mutants = plan(_new_code(difference) if exhaustive is Extent.ALL else difference, limit=MOST_MUTANTS)
    killed = valid = 0
    run = SuiteRun(
        tree=submitted.layout.after,
        modules=submitted.layout.touched,
        test_files=submitted.layout.test_files,
        only=only,
        extent=exhaustive,
    )
    step = len(mutants) if exhaustive is Extent.ALL else 2
    for place in range(0, len(mutants), max(1, step)):
        batch = mutants[place : place + step]
        seen = lanes.run_all({m.id: replace(run, tree=m.of(submitted.layout.after)) for m in batch})
        found = [_noticed(suite, only) for suite in seen.values()]
        valid += sum(noticed is not None for noticed in found)
        killed += sum(noticed is True for noticed in found)
        if killed and exhaustive is Extent.FIRST_FAILURE:
            break
    return replace(facts, own_killed=killed, own_valid=valid)


def _new_code(difference: Change) -> Change:
    """The files that the fix added, where it added any: what tests of names that the base lacks can guard."""
    added = tuple(file for file in difference.of(FileClass.PRODUCT) if file.base is None)
    return Change(files=added) if added else difference


def _noticed(suite: SuiteObservation, only: tuple[TestId, ...]) -> bool | None:
    """Whether a test fails on a mutant; None when none of them could be run there."""
    outcomes = {suite.outcome(test) for test in only}
    if Outcome.FAILED in outcomes:
        return True
    return False if Outcome.PASSED in outcomes else None
