"""What every adapter of the Sandboxes port must do."""

import pytest

from grader.domain.observation import Ended
from tests.contracts.conftest import Run

pytestmark = pytest.mark.docker


def test_a_program_gets_its_payload_and_its_end_is_told(run: Run) -> None:
    outcome = run("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.exit(7)", b"\x00payload\xff")
    assert (outcome.ended, outcome.status, outcome.stdout) == (Ended.EXITED, 7, b"\x00payload\xff")
