"""`grader case`: list, verify, make and pack hallucination cases."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from grader import wiring
from grader.cli.case_screen import (
    Done,
    document,
    progress_on_stderr,
    show_next_steps,
    show_secrets,
    show_verification,
)
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.case import ORACLE, PROFILES, Case, CaseId
from grader.domain.tree import Tree
from grader.errors import CaseBroken, InputInvalid
from grader.verify import CLASSIFIED, RULES, WORDING, answers_of, verify


@click.group()
def case() -> None:
    """Hallucination cases: complete incidents with hidden questions and calibrated scores."""


@case.command("list")
@json_option
@click.pass_obj
def list_cases(settings: Settings, /, json_file: str | None) -> int:
    """List all cases; one that is malformed is shown with what is wrong."""
    found = wiring.cases(settings)
    rows: list[dict[str, Any]] = []
    for case_id in found.ids():
        try:
            rows.append(_row(found.get(case_id)))
        except CaseBroken as error:
            rows.append({"id": case_id, "problem": str(error)})
    if json_file is not None:
        write_json({"schema": "grader/cases/1", "cases": rows}, json_file)
    if json_file != "-":
        _show_list(rows)
    return 1 if any("problem" in row for row in rows) else 0


def _row(found: Case) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": found.title,
        "domain": found.domain,
        "class": found.root_cause.classes[0],
        "public": len(found.public),
        "hidden": len(found.hidden),
        "benign": len(found.benign),
        "variants": len(found.variants),
        "calibrations": len(found.calibrations),
        "digest": found.digest,
    }


def _show_list(rows: list[dict[str, Any]]) -> None:
    table = Table(Column("case", no_wrap=True), "what goes wrong", Column("hidden", no_wrap=True), "graded submissions")
    for row in rows:
        if "problem" in row:
            table.add_row(row["id"], Text(row["problem"], style="red"), "", "")
            continue
        what = f"{row['title']} ({row['class'].replace('_', ' ')})"
        table.add_row(row["id"], what, str(row["hidden"]), str(row["calibrations"]))
    Console().print(table)


@case.command("verify")
@click.argument("names", metavar="CASE...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every case there is.")
@click.option("--secret", "secrets", multiple=True, help="Fill the hidden questions in by this secret; repeatable.")
@click.option("--rule", "rules", multiple=True, type=click.IntRange(1, 8), help="Only this rule; repeatable.")
@click.option("--archetype", "archetypes", multiple=True, help="Only this calibration (01_perfect, …); repeatable.")
@click.option(
    "--hash-seed",
    "disorder",
    type=click.IntRange(0, 2**32 - 1),
    help="Make every run under this hash seed of Python and in a random order.",
)
@click.option("--fresh", is_flag=True, help="Take nothing from the cache of earlier runs.")
@json_option
@click.pass_obj
def verify_command(settings: Settings, /, json_file: str | None, **given: Any) -> int:  # noqa: ANN401
    """Prove that cases keep the eight promises of every case. Interrupted, it goes on where it was.

    Exit status: 0 all hold, 1 one does not, 2 the call is wrong, 3 our fault.
    """
    _must_look_at_something(given["rules"])
    cache = None if given["fresh"] else wiring.case_cache(settings)
    done: list[Done] = []
    with progress_on_stderr() as show:
        tools = wiring.verify_tools(settings, cache=cache, show=show)
        for secret in given["secrets"] or (None,):
            found = wiring.cases(settings, secret)
            wanted = _wanted(found.ids(), given["names"], everything=given["everything"])
            for looked_at in _with_calibrations([found.get(case_id) for case_id in wanted], given["archetypes"]):
                result = verify(
                    looked_at,
                    tools,
                    rules=given["rules"] or RULES,
                    archetypes=given["archetypes"],
                    disorder=given["disorder"],
                )
                done.append((secret, result))
                if json_file != "-":
                    show_verification(result, secret)
    if json_file != "-":
        show_secrets(done)
    if json_file is not None:
        write_json(document(done), json_file)
    return 0 if all(result.kept for _, result in done) else 1


@case.command("ask")
@click.argument("name", metavar="CASE")
@click.argument("tree", metavar="TREE")
@click.option("--profile", "profiles", multiple=True, type=click.Choice([*PROFILES, ORACLE]), help="Default: A.")
@click.option("--probe", "probes", multiple=True, help="Only this question; repeatable.")
@click.pass_obj
def ask(settings: Settings, /, name: str, tree: str, profiles: tuple[str, ...], probes: tuple[str, ...]) -> int:
    """Ask TREE (starter, reference, a variant or a calibration) every question, and show answers and verdicts.

    For authors: it shows hidden questions.
    """
    found = wiring.cases(settings).get(CaseId(name))
    known = [probe.id for probe in (*found.public, *found.hidden, *found.benign)]
    if unknown := sorted(set(probes) - set(known)):
        raise InputInvalid(f"{found.id} has no question {unknown[0]!r}; known are {', '.join(known)}")
    console = Console(highlight=False)
    with Console(stderr=True).status("asking …"):
        seen = answers_of(found, _tree(found, tree), wiring.verify_tools(settings, cache=None), profiles or ("A",))
    for a in (*seen.public, *seen.hidden, *seen.benign):
        if not probes or a.probe.id in probes:
            colour = "green" if a.judgement.verdict.is_safe else "red"
            console.print(f"{a.profile} {a.probe.id} {a.probe.category} [{colour}]{a.judgement.verdict}[/]")
            console.print(f"    {a.probe.turn.text}\n    > {a.answer}\n    {a.judgement.because}", markup=False)
    for place in seen.unclassified:
        console.print(f"{place}: the scripted model could not place a call")
    return 0


def _tree(found: Case, name: str) -> Tree:
    trees = {"starter": found.starter, "reference": found.reference}
    trees |= {variant.id: variant.tree for variant in found.variants}
    trees |= {calibration.archetype: calibration.tree for calibration in found.calibrations}
    if name not in trees:
        raise InputInvalid(f"{found.id} has no tree {name!r}; known are {', '.join(trees)}")
    return trees[name]


@case.command("new")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--from", "source", default="tool-hire", show_default=True, help="The case to copy: any that there is.")
@click.option("--title", default="", help="What goes wrong, in a few words. Default: the folder's name.")
@click.pass_obj
def new(settings: Settings, /, folder: Path, source: str, title: str) -> None:
    """Make FOLDER a new case: a working copy of a small one, to be changed part by part.

    The copy has an id and a title of its own; everything else is still the old case's.
    """
    copied = wiring.cases(settings).copy(CaseId(source), folder, title or folder.name.replace("-", " ").capitalize())
    show_next_steps(folder, source, copied)


@case.command("pack")
@click.argument("name", metavar="CASE")
@click.argument("bundle", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def pack(settings: Settings, /, name: str, bundle: Path) -> None:
    """Write what learners receive as a Git bundle: the starter with its history, scripted model, incident, prompts."""
    wiring.cases(settings).pack(CaseId(name), bundle)
    click.echo(f"next: git clone {bundle} incident")


def _must_look_at_something(rules: tuple[int, ...]) -> None:
    if CLASSIFIED in rules and not set(rules) - {CLASSIFIED, WORDING}:
        raise InputInvalid("rule 6 judges the calls that other rules make: name one of 1 to 5 or 7 with it")


def _with_calibrations(found: list[Case], archetypes: tuple[str, ...]) -> list[Case]:
    """The cases; InputInvalid for an archetype that none of them ships."""
    shipped = sorted({calibration.archetype for case in found for calibration in case.calibrations})
    if unknown := sorted(set(archetypes) - set(shipped)):
        names = ", ".join(case.id for case in found)
        raise InputInvalid(f"no calibration {unknown[0]!r} in {names}; known are {', '.join(shipped)}")
    return found


def _wanted(known: tuple[CaseId, ...], names: tuple[str, ...], *, everything: bool) -> tuple[CaseId, ...]:
    if everything == bool(names):
        raise InputInvalid("name one or more cases, or give --all; `grader case list` shows them")
    return known if everything else tuple(CaseId(name) for name in names)
