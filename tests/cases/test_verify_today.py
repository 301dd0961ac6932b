"""One case, another one every day, keeps every promise: all eight rules, every calibration in its bands."""

import pytest

from grader import wiring
from grader.domain.case import CaseId
from grader.verify import RULES, verify
from tests.cases.today import SETTINGS, case_of_today

FILES = wiring.cases(SETTINGS)


@pytest.mark.docker
@pytest.mark.slow
def test_the_case_of_today_keeps_every_promise() -> None:
    case = FILES.get(case_of_today(FILES.ids()))
    result = verify(case, wiring.verify_tools(SETTINGS, cache=wiring.case_cache(SETTINGS)))
    assert [f"{case.id}: {problem}" for rule in result.rules for problem in rule.problems] == []
    assert {rule.number for rule in result.rules} == set(RULES)
    assert len(result.rehearsals) == len(case.calibrations) >= 17


def test_the_private_case_is_among_them() -> None:
    assert len(FILES.ids()) == 7 and CaseId("tool-hire") in FILES.ids()


def test_every_case_has_its_day() -> None:
    ids = tuple(CaseId(name) for name in "abcdefg")
    assert {case_of_today(ids, day) for day in range(700_000, 700_007)} == set(ids)
