"""`grader twin`: look at an exercise type."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table

from grader import wiring
from grader.cli.output import json_option, write_json
from grader.domain.score import as_decimal
from grader.domain.twin import Twin, TwinId


@click.group()
def twin() -> None:
    """Exercise types: rubric, time-box, self-checks, skills."""


@twin.command("list")
def list_twins() -> None:
    """List the ids of all exercise types."""
    for twin_id in wiring.twins().ids():
        click.echo(twin_id)


@twin.command()
@click.argument("twin_id", metavar="ID")
@json_option
def show(twin_id: str, json_file: str | None) -> None:
    """Show one exercise type."""
    found = wiring.twins().get(TwinId(twin_id))
    if json_file is not None:
        write_json(to_document(found), json_file)
    if json_file != "-":
        _print(found)


def to_document(found: Twin) -> dict[str, Any]:
    """The twin as a `grader/twin/1` JSON object; weights and scores as decimals."""
    return {
        "schema": "grader/twin/1",
        "id": found.id,
        "title": found.title,
        "live_minutes": found.live_minutes,
        "postmortem_minutes": found.postmortem_minutes,
        "attempts": found.attempts,
        "pass_at": found.pass_percent / 100,
        "modes": list(found.modes),
        "dimensions": [
            {"id": d.id, "title": d.title, "weight": d.weight / 100, "tests": d.tests} for d in found.dimensions
        ],
        "self_checks": [{"id": s.id, "question": s.question, "kind": s.kind} for s in found.self_checks],
        "skills": [{"id": s.id, "ceiling": as_decimal(s.ceiling)} for s in found.skills],
        "sla_hours": found.review.sla_hours,
        "digest": found.digest,
    }


def _print(found: Twin) -> None:
    console = Console()
    console.print(
        f"[bold]{found.title}[/] ({found.id}): {found.live_minutes} min live, post-mortem within "
        f"{found.postmortem_minutes} min more, pass at {found.pass_percent} %, {found.attempts} attempts"
    )
    table = Table("dimension", "weight", "tests")
    for dimension in found.dimensions:
        table.add_row(dimension.id, f"{dimension.weight} %", dimension.tests)
    console.print(table)
    for check in found.self_checks:
        console.print(f"{check.id} ({check.kind}): {check.question}")
    for skill in found.skills:
        console.print(f"skill {skill.id}, up to {as_decimal(skill.ceiling):.2f}")
