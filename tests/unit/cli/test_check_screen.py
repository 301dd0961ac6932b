"""The terminal's answer: one screen, plain text of theirs, and the next thing to do."""

from io import StringIO

import pytest
from rich.console import Console

from grader.cli.check_screen import show
from grader.domain.comparison import CheckReport, CheckVerdict
from grader.domain.observation import Cause, Outcome, TestId
from grader.domain.verdict import Flag, Mutant, MutantStatus, PairedTest

HOSTILE = "</details>\n[bold]red[/bold] \x1b[31m \u202e @user"


def report(verdict: CheckVerdict, tests: int = 40) -> CheckReport:
    ids = [TestId(f"tests/test_a.py::test_{n}[{HOSTILE}]") for n in range(tests)]
    return CheckReport(
        verdict=verdict,
        reason=f"{ids[0]} fails",
        fail_to_pass=tuple(ids[:20]),
        tests=tuple(
            PairedTest(
                id=test,
                original=None,
                before=Outcome.FAILED if n < 20 else Outcome.PASSED,
                after=Outcome.PASSED,
                before_cause=Cause.ASSERTION if n < 20 else None,
                message=HOSTILE * 40,
            )
            for n, test in enumerate(ids)
        ),
        mutants=tuple(
            Mutant(id=f"{n}", kind="hunk_revert", file=HOSTILE, line=n, status=MutantStatus.SURVIVED) for n in range(30)
        ),
        flags=tuple(Flag(id="x", detail=HOSTILE) for _ in range(30)),
    )


@pytest.mark.parametrize("verdict", CheckVerdict)
def test_one_screen_of_plain_text(verdict: CheckVerdict) -> None:
    out = StringIO()
    show(report(verdict), Console(file=out, width=100))
    text = out.getvalue()
    assert text.startswith(verdict.value.replace("_", " "))
    assert text.count("\n") <= 40
    assert "Next: " in text
    assert "[bold]red[/bold]" in text
    assert not set("\x1b\u202e") & set(text)


def test_colour_only_for_people() -> None:
    out = StringIO()
    show(report(CheckVerdict.FAIL_BEFORE_PASS_AFTER, 1), Console(file=out, width=100, force_terminal=True))
    assert "\x1b[1;32mfail before pass after" in out.getvalue()
