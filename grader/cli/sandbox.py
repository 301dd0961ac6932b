"""`grader sandbox`: is the container engine fit to grade, make its images, remove what was left behind."""

from typing import Any, TextIO

import click
from rich.console import Console
from rich.markup import escape

from grader import wiring
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.sandbox import EnvironmentRecipe, Finding


@click.group()
def sandbox() -> None:
    """The container engine that runs submissions: look at it, make its images, clean up."""


@sandbox.command()
@json_option
@click.pass_obj
def doctor(settings: Settings, json_file: str | None) -> int:
    """Look at the engine, the runtime, the images and the limits; exit 3 when something must be mended."""
    findings = wiring.sandboxes(settings).doctor()
    if json_file is not None:
        write_json(_to_document(findings), json_file)
    if json_file != "-":
        _print(findings)
    return 0 if all(finding.well for finding in findings) else 3


@sandbox.command()
@click.option("--requirements", type=click.File(encoding="utf-8"), help="A pip requirements file to install.")
@click.option("--install", multiple=True, metavar="SPEC", help="A package to install; repeatable.")
@click.option("--install-no-deps", multiple=True, metavar="SPEC", help="The same without what it depends on.")
@json_option
@click.pass_obj
def build(
    settings: Settings,
    requirements: TextIO | None,
    install: tuple[str, ...],
    install_no_deps: tuple[str, ...],
    json_file: str | None,
) -> None:
    """Make the image that `grader check` and `grader grade` run in, unless it is there already."""
    text = requirements.read() if requirements else None
    recipe = EnvironmentRecipe(requirements=text, installs=install, installs_no_deps=install_no_deps)
    image = wiring.sandboxes(settings).environment(recipe)
    if json_file is not None:
        write_json({"schema": "grader/sandbox-image/1", "image": image}, json_file)
    if json_file != "-":
        click.echo(image)


@sandbox.command()
@click.pass_obj
def reap(settings: Settings) -> None:
    """Remove the containers that killed graders of this installation left behind."""
    count = wiring.sandboxes(settings).reap()
    click.echo(f"removed {count} abandoned container{'' if count == 1 else 's'}")


def _to_document(findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "schema": "grader/doctor/1",
        "well": all(finding.well for finding in findings),
        "findings": [{"id": f.id, "well": f.well, "detail": f.detail, "mend": f.mend} for f in findings],
    }


def _print(findings: tuple[Finding, ...]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        mark = "[green]well[/]" if finding.well else "[red]ill[/] "
        console.print(f"{mark} {finding.id}: {escape(finding.detail)}")
        if finding.mend:
            console.print(f"      mend it with: {escape(finding.mend)}")
