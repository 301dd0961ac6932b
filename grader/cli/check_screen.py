"""What `grader check` shows in a terminal: the verdict, before and after, what to do next; one screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.domain.comparison import CheckReport, CheckVerdict
from grader.domain.observation import Outcome
from grader.domain.verdict import MutantStatus, PairedTest

ROWS = 6
WHY = 110
SURVIVORS = 3
FLAGS = 6
COLOURS = {
    CheckVerdict.FAIL_BEFORE_PASS_AFTER: "bold green",
    CheckVerdict.INCONCLUSIVE: "bold yellow",
    CheckVerdict.UNSTABLE: "bold yellow",
}
TINTS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.SETUP_ERROR: "magenta"}


def show(report: CheckReport, console: Console) -> None:
    """Print the answer; whatever comes from the repository is printed as plain text."""
    headline = Text(report.verdict.value.replace("_", " "), style=COLOURS.get(report.verdict, "bold red"))
    console.print(Text.assemble(headline, ": ", plain(report.reason)))
    if report.tests:
        console.print(_table(report))
    for line in _survivors(report):
        console.print(Text(line))
    for flag in report.flags[:FLAGS]:
        console.print(Text.assemble(("! ", "yellow"), f"{flag.id}: ", plain(flag.detail)))
    console.print(Text(f"{report.runs} runs in {report.seconds.total:.1f} s", style="dim"))
    console.print(Text.assemble(("Next: ", "bold"), what_next(report)))


def plain(text: str) -> str:
    """One line of printable characters."""
    line = " ".join(text.split())[:300]
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def _table(report: CheckReport) -> Table:
    """The tests that tell something; those that pass on both sides are only counted."""
    telling = [test for test in report.tests if not test.before is test.after is Outcome.PASSED]
    deciding = set(report.fail_to_pass) | set(report.pass_to_fail)
    rows = sorted(telling, key=lambda test: test.id not in deciding)[:ROWS]
    table = Table("before", "after", "test", box=None, pad_edge=False, header_style="bold")
    for test in rows:
        name = Text.assemble(plain(test.id), (_why(test), "dim"), overflow="fold")
        table.add_row(_tinted(test.before), _tinted(test.after), name)
    if len(telling) > ROWS:
        table.add_row("", "", Text(f"… and {len(telling) - ROWS} more like these", style="dim"))
    if alike := len(report.tests) - len(telling):
        table.add_row(_tinted(Outcome.PASSED), _tinted(Outcome.PASSED), Text(f"{alike} other tests", style="dim"))
    return table


def _tinted(outcome: Outcome | None) -> Text:
    return Text(outcome.value, style=TINTS.get(outcome, "yellow")) if outcome else Text("–")


def _why(test: PairedTest) -> str:
    cause = f"{test.before_cause.value}: " if test.before_cause else ""
    why = f"{cause}{plain(test.message)}".strip()
    return f"\n  {why[:WHY]}{'…' if len(why) > WHY else ''}" if why else ""


def _survivors(report: CheckReport) -> list[str]:
    if not report.mutants:
        return []
    alive = [mutant for mutant in report.mutants if mutant.status is MutantStatus.SURVIVED]
    lines = [f"{len(report.mutants) - len(alive)} of {len(report.mutants)} changes to the fix would be noticed"]
    return lines + [f"  not noticed: {plain(m.file)}:{m.line} {m.kind}" for m in alive[:SURVIVORS]]


NEXT = {
    CheckVerdict.FAIL_BEFORE_PASS_AFTER: "nothing has to be done; --mutants tells how much the tests guard",
    CheckVerdict.PASSES_BEFORE: "make a test fail on the base: assert what the change is to mend",
    CheckVerdict.FAILS_AFTER: "run the named tests on the fix; a missing package goes in with --install NAME",
    CheckVerdict.NO_TEST: "add a test module to the change, or name one with --test PATH",
    CheckVerdict.INCONCLUSIVE: "import what is new inside the test, so that the base can collect it and fail it",
    CheckVerdict.UNSTABLE: "make the named tests independent of order, time and hashing",
    CheckVerdict.REJECTED: "mend what the flag names",
    CheckVerdict.INFRA: "run `grader sandbox doctor`",
}


def what_next(report: CheckReport) -> str:
    """The one sentence that helps most."""
    if report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER and report.mutants:
        unnoticed = _survivors(report)[1:]
        return f"{'add an assertion for each change that was' if unnoticed else 'nothing: no change was'} not noticed"
    return NEXT[report.verdict]
