"""`grader demo`: grade the shipped sample submissions end to end, and say where the reports are."""

from functools import partial
from pathlib import Path
from time import perf_counter

import click
from rich.console import Console
from rich.status import Status
from rich.table import Table

from grader import wiring
from grader.cli.grade import manifest_from, timeline_from, tools, write_all
from grader.cli.grade_screen import check_line
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.record import Record
from grader.grade import GradeOrder, Tools, grade
from grader.report import view
from grader.report.record_file import encode

DEFAULT_OUT = "report/demo"


@click.command("demo")
@click.option("--sample", "chosen", multiple=True, metavar="NAME", help="Only this sample; default: all of them.")
@click.option("--fresh", is_flag=True, help="Remember nothing of earlier, equal runs.")
@click.option("--out", default=DEFAULT_OUT, show_default=True, metavar="DIR", help="Where repositories and reports go.")
@json_option
@click.pass_obj
def demo_command(settings: Settings, /, chosen: tuple[str, ...], fresh: bool, out: str, json_file: str | None) -> int:
    """Grade the shipped sample submissions to the airline case, each from its own small Git history."""
    started, folder = perf_counter(), Path(out)
    names = chosen or wiring.samples().names()
    console = Console(stderr=True)
    graded: dict[str, Record] = {}
    with console.status("starting") as status:
        for name in names:
            ports = tools(settings, fresh=fresh, tell=partial(_tell, status, name))
            graded[name] = _grade(name, folder, ports)
    if json_file is not None:
        write_json({"schema": "grader/demo/1", "records": {n: encode(r) for n, r in graded.items()}}, json_file)
    if json_file != "-":
        _show(graded, folder, perf_counter() - started)
    return 0


def _tell(status: Status, name: str, doing: str) -> None:
    status.update(f"{name}: {doing} …")


def _grade(name: str, folder: Path, ports: Tools) -> Record:
    samples = wiring.samples()
    sample = samples.build(name, ports.cases.get(samples.case_of(name)).starter, folder)
    order = GradeOrder(
        case=sample.case,
        manifest=manifest_from(sample.manifest),
        timeline=timeline_from(sample.timeline),
        received_at=sample.received_at,
    )
    record = grade(order, ports)
    write_all(record, ports.twins.get(record.twin), folder / name)
    return record


def _show(graded: dict[str, Record], folder: Path, seconds: float) -> None:
    console = Console()
    for name, record in graded.items():
        _show_verdicts(console, name, record)
    console.print(_scores(graded))
    for name in graded:
        console.print(f"report: {folder / name / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{len(graded)} submissions graded in {seconds:.1f} s. Beside each page: comment.md as pull requests show it, "
        "record.json and the exports. Grade your own with `grader grade --help`.",
        highlight=False,
    )


def _show_verdicts(console: Console, name: str, record: Record) -> None:
    strong, rest = view.headline(record, wiring.twins().get(record.twin))
    colour = {True: "green", False: "red", None: "yellow"}[record.would_pass]
    console.print(f"[bold]{name}[/]  [bold {colour}]{strong}[/] {rest}", highlight=False)
    for check in record.checks:
        console.print(f"  {check_line(check)}", highlight=False)
    console.print()


def _scores(graded: dict[str, Record]) -> Table:
    """Dimensions down, samples across."""
    records = list(graded.values())
    twin = wiring.twins().get(records[0].twin)
    table = Table("pre-scores", "weight", *graded)
    for number, dimension in enumerate(twin.dimensions):
        points = (view.rows(record, twin)[number].points for record in records)
        table.add_row(dimension.title, f"{dimension.weight} %", *points)
    table.add_section()
    overall = ("–" if record.overall is None else view.percent(record.overall) for record in records)
    table.add_row("overall", f"pass {twin.pass_percent} %", *overall)
    return table
