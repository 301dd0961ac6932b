"""`grader postmortem`: read a post-mortem and show what each tick found."""

import click
from rich.console import Console
from rich.markup import escape

from grader.cli.output import json_option, write_json
from grader.cli.prose import decode, postmortem_document, print_end, print_ticks, read_bytes
from grader.domain.prose import PostmortemReading, ProseFacts
from grader.domain.score import as_decimal
from grader.intake.timeline import read_timeline
from grader.writing import postmortem as rules


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--timeline", "timeline_file", metavar="FILE", help="Compare with the server-timed events in FILE.")
@json_option
def postmortem(file: str, timeline_file: str | None, json_file: str | None) -> None:
    """Read a post-mortem: sections, timeline, follow-ups with owners, blame, and the score it would get."""
    text = decode(read_bytes(file))
    log = read_timeline(read_bytes(timeline_file), where=timeline_file) if timeline_file else None
    reading = rules.read(text, ProseFacts(timeline=log))
    if json_file is not None:
        write_json(postmortem_document(reading), json_file)
    if json_file != "-":
        _print(reading)


def _print(reading: PostmortemReading) -> None:
    console = Console()
    present = ", ".join(
        f"{section.replace('_', ' ')} {'yes' if there else '[bold]no[/]'}" for section, there in reading.sections
    )
    console.print(f"[bold]post-mortem quality {as_decimal(reading.points):.2f}[/] ({present})")
    for item in reading.follow_ups:
        owners = ", ".join(item.owners) or "no owner"
        console.print(
            escape(f"  line {item.line}: {item.text[:90]} [{owners}; {item.due or item.ticket or 'no date'}]")
        )
    for hit in reading.blame:
        console.print(escape(f"  line {hit.line} may blame a person: “{hit.quote}”"))
    print_ticks(console, reading.ticks)
    print_end(console, reading)
