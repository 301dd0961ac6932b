"""A record on one terminal screen: what happened, the numbers with why, what to look at, where the files are."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.domain.record import Record
from grader.domain.twin import Twin
from grader.domain.verdict import CheckResult, Verdict
from grader.report import view
from grader.report.inert import one_line

COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.INCONCLUSIVE: "yellow"}


def show(record: Record, twin: Twin, written: Sequence[Path] = (), console: Console | None = None) -> None:
    """Print it; learner text has no control characters and no markup left."""
    console = console or Console()
    strong, rest = view.headline(record, twin)
    colour = {True: "green", False: "red", None: "yellow"}[record.would_pass]
    console.print(f"[bold {colour}]{_safe(strong)}[/] {_safe(rest)} A mentor decides.", highlight=False)
    for check in record.checks:
        console.print(check_line(check), highlight=False)
    console.print(scores(record, twin))
    for text in view.warnings(record, twin):
        console.print(f"[yellow]mentor:[/] {_safe(text)}", highlight=False)
    for number, sentence in enumerate(view.advice(record, twin)[:3]):
        start = "most worth improving:" if number == 0 else "then:"
        console.print(f"[cyan]{start}[/] {_safe(sentence)}", highlight=False)
    if written:
        names = ", ".join(path.name for path in written[1:])
        console.print(f"report: {written[0]} (beside it {names})", highlight=False, markup=False, soft_wrap=True)


def check_line(check: CheckResult) -> str:
    """One check in one line of console markup."""
    colour = COLOURS[check.verdict]
    return f"[{colour}]{check.id}[/] {view.check_line(check)}: {_safe(check.reason)}"


def scores(record: Record, twin: Twin) -> Table:
    """The pre-scores as a table."""
    table = Table("dimension", "pre-score", "weight", "why")
    for row in view.rows(record, twin):
        table.add_row(row.dimension.title, row.points, f"{row.dimension.weight} %", _safe(row.why))
    return table


def _safe(text: str) -> str:
    return escape(one_line(text))
