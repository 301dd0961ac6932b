"""Verifying a case: what was interrupted goes on where it was, what fails is told, how far it is is shown."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from grader.adapters.case_files import CaseFiles
from grader.adapters.twin_files import TwinFiles
from grader.domain.case import CaseId
from grader.errors import SandboxUnavailable
from grader.grade.order import DEFAULT_TWIN
from grader.verify import Progress, Tools, verify
from tests.fakes.engine import Engine, Memory

CASE = CaseFiles().get(CaseId("airline-refund"))


def run(engine: Engine, cache: Memory | None = None, shown: list[Progress] | None = None, **given: Any) -> Any:
    show = (lambda _: None) if shown is None else shown.append
    tools = Tools(pods=engine, sandboxes=engine, twin=TwinFiles().get(DEFAULT_TWIN), cache=cache, show=show)
    return verify(CASE, tools, **given)


ONE_ARCHETYPE: Iterable[str] = ("01_perfect",)


def test_what_was_interrupted_goes_on_where_it_was() -> None:
    whole, cache = Engine(), Memory()
    run(whole, archetypes=ONE_ARCHETYPE)
    broken = Engine(breaks_after=10)
    with pytest.raises(SandboxUnavailable, match="engine is gone"):
        run(broken, cache, archetypes=ONE_ARCHETYPE)
    assert len(cache.known) == 10
    rest = Engine()
    run(rest, cache, archetypes=ONE_ARCHETYPE)
    assert len(broken.runs) + len(rest.runs) == len(whole.runs)
    nothing = Engine()
    assert run(nothing, cache, archetypes=ONE_ARCHETYPE).runs == len(nothing.runs) == 0


def test_the_whole_is_the_same_whether_it_was_interrupted_or_not() -> None:
    cache = Memory()
    with pytest.raises(SandboxUnavailable):
        run(Engine(breaks_after=5), cache, rules=(1, 2, 3, 4))
    problems = [[rule.problems for rule in run(Engine(), kept, rules=(1, 2, 3, 4)).rules] for kept in (cache, None)]
    assert problems[0] == problems[1]


def test_an_application_that_knows_nothing_breaks_the_rules_that_it_should() -> None:
    result = run(Engine(), rules=(1, 3, 8))
    assert {rule.number: rule.kept for rule in result.rules} == {1: False, 3: False, 8: True}
    assert not result.kept


def test_a_case_without_a_category_or_with_nine_harmless_questions_breaks_a_rule() -> None:
    hidden = tuple(probe for probe in CASE.hidden if probe.category != "typo")
    case = replace(CASE, hidden=hidden, benign=CASE.benign[1:])
    engine: Any = Engine()
    result = verify(case, Tools(pods=engine, sandboxes=engine, twin=TwinFiles().get(DEFAULT_TWIN)), rules=(1, 3))
    assert "no hidden question is of the category typo; every case has all 14" in result.rules[0].problems
    assert "there are 9 harmless questions, public and hidden; 10 are the least" in result.rules[1].problems


def test_an_archetype_that_every_case_must_have_is_missed_and_an_optional_one_is_not() -> None:
    calibrations = tuple(c for c in CASE.calibrations if c.archetype not in ("06_fix_without_test", "19_translation"))
    case = replace(CASE, calibrations=calibrations)
    engine: Any = Engine()
    result = verify(case, Tools(pods=engine, sandboxes=engine, twin=TwinFiles().get(DEFAULT_TWIN)), rules=(7,))
    missed = [problem for problem in result.rules[0].problems if "there is no calibration" in problem]
    assert missed == ["there is no calibration of the archetype 06_fix_without_test"]


def test_it_shows_how_far_it_is() -> None:
    shown: list[Progress] = []
    result = run(Engine(), shown=shown, rules=(1, 3, 7), archetypes=ONE_ARCHETYPE)
    assert (shown[-1].done, shown[-1].parts, shown[-1].doing) == (3, 3, ())
    assert [progress.done for progress in shown] == sorted(progress.done for progress in shown)
    assert {name for progress in shown for name in progress.doing} == {"rule 1", "rule 3", "01_perfect"}
    assert shown[-1].runs == result.runs > 0
