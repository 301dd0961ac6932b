"""What `grader case verify` shows: how far it is on stderr; rules, calibrations and secrets on stdout."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table

from grader.adapters.case_files.author import Copied
from grader.domain.case import Band
from grader.domain.score import Points, as_decimal
from grader.verify import RULES, Progress, Rehearsal, Verification

Done = tuple[str | None, Verification]
"""A case that was verified, and the secret that its questions were filled in by; None is the deployment's own."""
SHOWN = 3
"""Parts that are named while they go on."""
LOG_WIDTH = 120
"""Characters of a line where nobody's terminal says how many: what the table of calibrations needs unbroken."""


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[Progress], None]]:
    """A line a case: what goes on, how many parts are done, how many runs were made."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[runs]} runs  {task.fields[doing]}"),
    )
    lines: dict[str, TaskID] = {}
    with Bars(*columns, console=Console(stderr=True)) as bars:

        def show(progress: Progress) -> None:
            line = lines.get(progress.case)
            if line is None or (bars.tasks[line].finished and progress.done == 0):
                line = lines[progress.case] = bars.add_task(progress.case, total=progress.parts, runs=0, doing="")
            named = ", ".join(progress.doing[:SHOWN])
            more = f" and {len(progress.doing) - SHOWN} more" if len(progress.doing) > SHOWN else ""
            bars.update(line, total=progress.parts, completed=progress.done, runs=progress.runs, doing=named + more)

        yield show


def show_verification(result: Verification, secret: str | None) -> None:
    """One case: its rules with the problems found, and the table of its calibrations."""
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, LOG_WIDTH)
    under = f" under secret {secret!r}" if secret is not None else ""
    console.print(
        f"[bold]{result.case.id}[/]{under}: {result.case.title} ({result.seconds:.0f} s, {result.runs} runs made)",
        highlight=False,
    )
    for rule in result.rules:
        mark = "[green]holds[/]" if rule.kept else "[red]broken[/]"
        console.print(f"  {rule.number} {mark}  {RULES[rule.number]} ({rule.seconds:.1f} s)", highlight=False)
        for problem in rule.problems[:20]:
            console.print(f"      {problem}", highlight=False, markup=False)
        if len(rule.problems) > 20:
            console.print(f"      and {len(rule.problems) - 20} more", highlight=False)
    if result.rehearsals:
        _show_rehearsals(console, result.rehearsals)


def _show_rehearsals(console: Console, rehearsals: tuple[Rehearsal, ...]) -> None:
    typed_again = ("calibration", "dimension", "caps")
    whole = [Column(name, overflow="fold") for name in typed_again]
    table = Table(*whole[:2], "score", "band", "", "seconds", whole[2])
    for rehearsal in rehearsals:
        for place, score in enumerate(rehearsal.scores):
            band = rehearsal.calibration.bands[place]
            table.add_row(
                rehearsal.calibration.archetype if place == 0 else "",
                score.dimension,
                _decimal(score.points),
                _ends(band),
                _mark(band, score.points),
                f"{rehearsal.seconds:.1f}" if place == 0 else "",
                ", ".join(cap.id for cap in score.caps),
            )
    console.print(table)


def _decimal(points: Points | None) -> str:
    return "null" if points is None else f"{as_decimal(points):.2f}"


def _ends(band: Band) -> str:
    return f"{_decimal(band.lowest)} to {_decimal(band.highest)}"


def _mark(band: Band, *points: Points | None) -> str:
    return "[green]in[/]" if all(map(band.holds, points)) else "[red]OUT[/]"


def document(done: list[Done]) -> dict[str, Any]:
    """The same as data."""
    return {
        "schema": "grader/verification/1",
        "kept": all(result.kept for _, result in done),
        "cases": [
            {
                "id": result.case.id,
                "secret_given": secret is not None,
                "kept": result.kept,
                "seconds": round(result.seconds, 1),
                "runs": result.runs,
                "rules": [
                    {"number": r.number, "rule": RULES[r.number], "kept": r.kept, "problems": list(r.problems)}
                    for r in result.rules
                ],
                "calibrations": [_rehearsal(r) for r in result.rehearsals],
            }
            for secret, result in done
        ],
    }


def _rehearsal(rehearsal: Rehearsal) -> dict[str, Any]:
    bands = {band.dimension: band for band in rehearsal.calibration.bands}
    return {
        "archetype": rehearsal.calibration.archetype,
        "seconds": round(rehearsal.seconds, 1),
        "in_band": not rehearsal.outside,
        "scores": [
            {
                "dimension": score.dimension,
                "points": None if score.points is None else as_decimal(score.points),
                "band": [as_decimal(bands[score.dimension].lowest), as_decimal(bands[score.dimension].highest)],
                "reason": score.reason,
                "caps": [cap.id for cap in score.caps],
            }
            for score in rehearsal.scores
        ],
    }


STEPS = (
    ("prove that the copy works here", "", "verify {name}"),
    ("say what the case is", "case.yaml", ""),
    ("write the application with its defect", "starter/, and empty what patches it", ""),
    ("script the model and ask", "model.yaml cases/ grader/*.yaml", "ask {name} starter"),
    ("mend it", "grader/reference.patch", "verify {name} --rule 1 --rule 2 --rule 3 --rule 6 --rule 8"),
    ("mend it wrongly", "grader/variants.yaml variants/", "verify {name} --rule 4 --rule 5"),
    ("hand it in well and badly", "grader/calibrations.yaml patches/ tests/", "verify {name} --rule 7"),
    ("tell the story", "incident/ history/ grader/truth.yaml", "pack {name} case.bundle"),
    ("prove it for other deployments too", "", "verify {name} --secret one --secret two"),
)
"""Of docs/write-a-case.md, by the same numbers: what is done, in which files, and the command that shows it."""


def show_next_steps(folder: Path, source: str, copied: Copied) -> None:
    """What to do with a new case, in order."""
    print(f"{folder}: a copy of {source} with an id and a title of its own. {copied.company!r} still stands in")
    print(f"{copied.files} of its files (grep -rl '{copied.company}' {folder}). Next, as in docs/write-a-case.md:\n")
    for number, (what, where, command) in enumerate(STEPS, start=1):
        print(f"  {number}. {what}" + (f": {where}" if where else ""))
        if command:
            print(f"       GRADER_CASES={folder.parent} grader case {command.format(name=folder.name)}")


def show_secrets(done: list[Done]) -> None:
    """Of cases that were verified under several secrets: the pre-scores of each calibration under each of them."""
    secrets = list(dict.fromkeys(secret for secret, _ in done))
    if len(secrets) < 2:
        return
    table = Table("case", "calibration", "dimension", *(repr(secret) for secret in secrets), "band", "")
    rows: dict[tuple[str, ...], list[tuple[Rehearsal, int]]] = {}
    for _, result in done:
        for rehearsal in result.rehearsals:
            for place, score in enumerate(rehearsal.scores):
                key: tuple[str, ...] = (result.case.id, rehearsal.calibration.archetype, score.dimension)
                rows.setdefault(key, []).append((rehearsal, place))
    for key, seen in rows.items():
        band = seen[0][0].calibration.bands[seen[0][1]]
        points = [rehearsal.scores[place].points for rehearsal, place in seen]
        table.add_row(*key, *map(_decimal, points), _ends(band), _mark(band, *points))
    Console().print(table)
