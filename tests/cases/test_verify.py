"""Every case proves itself in real pods: all rules but 5, three archetypes. One of them whole: test_verify_today.py."""

import pytest

from grader import wiring
from grader.domain.case import CaseId
from grader.verify import verify
from tests.cases.today import SETTINGS, case_of_today

FILES = wiring.cases(SETTINGS)
ARCHETYPES = ("01_perfect", "04_test_asserts_nothing", "12_gate_both_paths_empty_only")
TODAY = case_of_today(FILES.ids())
TODAY_LAST = sorted(FILES.ids(), key=lambda case_id: (case_id == TODAY, case_id))
"""The case of today is verified whole beside these: last, most of its runs are known already."""


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("case_id", TODAY_LAST)
def test_a_case_keeps_its_promises(case_id: CaseId) -> None:
    tools = wiring.verify_tools(SETTINGS, cache=wiring.case_cache(SETTINGS))
    result = verify(FILES.get(case_id), tools, rules=(1, 2, 3, 4, 6, 7, 8), archetypes=ARCHETYPES)
    assert [problem for rule in result.rules for problem in rule.problems] == []
    assert len(result.rehearsals) == len(ARCHETYPES)
