"""`grader updates`: read the status updates of a timeline file and show what each tick found."""

import click
from rich.console import Console
from rich.markup import escape

from grader.cli.output import json_option, write_json
from grader.cli.prose import print_end, print_ticks, read_bytes, updates_document
from grader.domain.prose import UpdatesReading
from grader.domain.score import as_decimal
from grader.intake.timeline import read_timeline
from grader.writing import updates as rules


@click.command()
@click.argument("file", metavar="FILE")
@json_option
def updates(file: str, json_file: str | None) -> None:
    """Read the status updates of a timeline file (grader/timeline/1) by the server's clock."""
    reading = rules.read(read_timeline(read_bytes(file), where=file))
    if json_file is not None:
        write_json(updates_document(reading), json_file)
    if json_file != "-":
        _print(reading)


def _print(reading: UpdatesReading) -> None:
    console = Console()
    console.print(f"[bold]communication {as_decimal(reading.points):.2f}[/] ({len(reading.updates)} updates)")
    for number, update in enumerate(reading.updates, start=1):
        said = [
            name
            for name, there in (
                ("impact", update.has_impact),
                ("action", update.has_action),
                ("state", update.has_state),
                ("next update", update.has_next_update),
                ("[bold]guess[/]", update.speculative),
                ("[bold]internals[/]", update.internal_jargon),
            )
            if there
        ]
        outside = "" if update.in_window else " [bold]outside the window[/]"
        counts = "" if update.is_status_update else " [bold]does not count[/]"
        console.print(
            f"  {number}. {update.at:%H:%M}{outside}{counts} {escape(update.text[:80])} → "
            f"{', '.join(said) or 'nothing'}"
        )
    print_ticks(console, reading.ticks)
    print_end(console, reading)
