"""Every case proves itself in real pods: all rules but 5, three archetypes. The whole table: docs/calibration.md."""

import pytest

from grader import config, wiring
from grader.domain.case import CaseId
from grader.verify import Tools, verify

SETTINGS = config.read({})
FILES = wiring.cases(SETTINGS)


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("case_id", FILES.ids())
def test_a_case_keeps_its_promises(case_id: CaseId) -> None:
    boxes = wiring.sandboxes(SETTINGS)
    tools = Tools(pods=boxes, sandboxes=boxes, cache=wiring.case_cache(SETTINGS))
    archetypes = ("01_perfect", "07_test_without_fix", "12_gate_both_paths_empty_only")
    result = verify(FILES.get(case_id), tools, rules=(1, 2, 3, 4, 6, 7, 8), archetypes=archetypes)
    assert [problem for rule in result.rules for problem in rule.problems] == []
    assert len(result.rehearsals) == len(archetypes)
