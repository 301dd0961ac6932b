"""`grader calibrate`: how far pre-scores and mentors agree, per dimension and scorer."""

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.cli.output import json_option, write_json
from grader.cli.prose import read_bytes
from grader.domain.agreement import Agreement, agreements
from grader.errors import InputInvalid
from grader.intake.signed_records import read_pairs
from grader.report.calibration import numbers, to_document, to_html


@click.command()
@click.argument("records", metavar="RECORDS...", nargs=-1, required=True)
@click.option("--html", "html_file", metavar="FILE", help="Write a page with a plot of pre-score against mentor.")
@json_option
def calibrate(records: tuple[str, ...], html_file: str | None, json_file: str | None) -> None:
    """Compare pre-scores with what mentors signed: RECORDS are files or folders of signed-off results."""
    files = [file for name in records for file in _files(name)]
    found = agreements(pair for file in files for pair in read_pairs(read_bytes(file), where=file))
    if not found:
        raise InputInvalid(
            f"no signed-off result in {len(files)} file(s); `grader attempt show ID --json FILE` writes one"
        )
    if html_file is not None:
        _write(html_file, to_html(found))
    if json_file is not None:
        write_json(to_document(found), json_file)
    if json_file != "-":
        _print(found)


def _files(name: str) -> list[str]:
    path = Path(name)
    if not path.is_dir():
        return [name]
    inside = sorted(str(file) for file in path.rglob("*") if file.suffix in (".json", ".jsonl"))
    if not inside:
        raise InputInvalid(f"{name}: no .json file in this folder")
    return inside


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputInvalid(f"cannot write {file}: {error.strerror}") from None


def _print(found: tuple[Agreement, ...]) -> None:
    table = Table("dimension", "records", "mean error", "bias", "weighted kappa", "within 0.10", "what it says")
    for agreement in found:
        shown = numbers(agreement)
        kappa = "–" if shown.kappa is None else f"{shown.kappa:.2f}"
        cells = (str(shown.count), f"{shown.error:.3f}", f"{shown.bias:+.3f}", kappa, f"{shown.near:.0%}", shown.says)
        table.add_row(escape(shown.name), *cells)
    Console().print(table)
