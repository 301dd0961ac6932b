"""`grader github`: the Action's entry points. Everything about the event is read from GITHUB_EVENT_PATH as data."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from grader import wiring
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.ledger import digest
from grader.errors import GraderError, InputInvalid, ServiceUnavailable, SettingsInvalid, SubmissionRejected
from grader.intake.order import MAX_BYTES, read_order, write_order
from grader.reconcile import Delivered, Reconciled, reconcile
from grader.reconcile.show import WATCHED
from grader.report.record_file import MAX_BYTES as MAX_RECORD
from grader.report.record_file import encode

ONE_PULL = 60
"""Requests to GitHub that are kept for a pull request; fewer left, and the sweep ends."""
MAX_FAILURE = 2_000
LARGEST_EVENT = 32 * 1024 * 1024


@click.group("github")
def github() -> None:
    """Grade submission pull requests: what the workflows of a submissions repository call."""


@github.command("reconcile")
@click.option("--pr", "number", type=click.IntRange(1), help="The pull request; default: the one of the event.")
@click.option("--order", "order_file", metavar="FILE", help="Write what is to be graded here, if anything is.")
@click.option("--result", "result_dir", metavar="DIR", help="Take in what the grading job left in this folder.")
@click.option("--attempt", metavar="ID", help="With --result: the attempt that it is for.")
@click.option("--run", type=click.IntRange(1), help="With --result: the run that it is for.")
@click.option("--credentials", metavar="DIR", help="Issue what a passing sign-off earns; needs the issuer's keys.")
@click.option("--dispatch", is_flag=True, help="Wake the grading workflow when something is to be graded.")
@json_option
@click.pass_obj
def reconcile_command(settings: Settings, /, number: int | None, json_file: str | None, **given: Any) -> int:  # noqa: ANN401 - one for each option
    """Bring one pull request up to date with its conversation. Safe to run at any time, twice, or in parallel."""
    number = number or _number_of_event()
    site = wiring.github(os.environ)
    done = reconcile(site.desk, number, _delivered(given["result_dir"], given["attempt"], given["run"]))
    if given["order_file"] and done.order:
        Path(given["order_file"]).write_bytes(write_order(done.order))
    if given["dispatch"] and done.wake:
        site.desk.host.start_grading(number)
    if given["credentials"]:
        done = _credential(site, number, settings, Path(given["credentials"])) or done
    _outputs(done)
    click.echo(f"pull request {number}: {_told(done)}; {site.used()}", err=True)
    if json_file is not None:
        write_json({"schema": "grader/github-reconcile/1", "pull": number, **_document(done)}, json_file)
    return 0


@github.command("sweep")
@json_option
def sweep(json_file: str | None) -> int:
    """Reconcile every pull request that time alone can change: deadlines, reminders, gradings that were lost."""
    site = wiring.github(os.environ)
    waiting = {number for label in WATCHED for number in site.desk.host.waiting(label)}
    numbers, failed = _in_turn(waiting, site.desk.host.now()), {}
    for place, number in enumerate(numbers):
        if site.api.left < ONE_PULL:
            click.echo(f"{len(numbers) - place} pull requests are left to the next sweeps", err=True)
            numbers = numbers[:place]
            break
        try:
            done = reconcile(site.desk, number)
            if done.wake:
                site.desk.host.start_grading(number)
            click.echo(f"pull request {number}: {_told(done)}", err=True)
        except GraderError as error:
            failed[number] = str(error)
            click.echo(f"pull request {number}: {error}", err=True)
    click.echo(f"{len(numbers)} pull requests, {len(failed)} failed; {site.used()}", err=True)
    if json_file is not None:
        write_json({"schema": "grader/github-sweep/1", "pulls": sorted(numbers), "failed": failed}, json_file)
    if failed:
        raise ServiceUnavailable(f"{len(failed)} of {len(numbers)} pull requests failed; the next sweep tries again")
    return 0


def _in_turn(numbers: set[int], now: datetime) -> list[int]:
    """Another order in each sweep: where one cannot go through all, it is not always the same ones that wait."""
    return sorted(numbers, key=lambda number: digest(f"{now.isoformat()}/{number}".encode()))


@github.command("grade")
@click.option("--order", "order_file", required=True, metavar="FILE", help="What to grade.")
@click.option("--result", "result_dir", required=True, metavar="DIR", help="Where the record goes.")
@click.pass_obj
def grade(settings: Settings, /, order_file: str, result_dir: str) -> int:
    """Grade one order in sandboxes. Needs no token, and refuses to run beside one."""
    if os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN"):
        raise SettingsInvalid("a token is in the environment of the step that runs learner code; take it out")
    from grader.cli.github_grade import grade_order, refused

    order = read_order(_read(Path(order_file), MAX_BYTES), where=order_file)
    folder = Path(result_dir)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        record = grade_order(order, settings)
    except SubmissionRejected as error:
        record = refused(order, str(error))
    except ServiceUnavailable as error:
        (folder / "failure.txt").write_text(str(error), encoding="utf-8")
        raise
    write_json(encode(record), str(folder / "record.json"))
    return 0


def _delivered(folder: str | None, attempt: str | None, run: int | None) -> Delivered | None:
    """The record, or why there is none: a job that died leaves neither, another perhaps more than can be read."""
    if folder is None:
        return None
    if not attempt or not run:
        raise InputInvalid("--result goes with --attempt and --run")
    record, failure = Path(folder) / "record.json", Path(folder) / "failure.txt"
    try:
        if record.is_file():
            return Delivered(attempt=attempt, run=run, record=_read(record, MAX_RECORD))
        if failure.is_file():
            words = _read(failure, MAX_FAILURE).decode(errors="replace")
            return Delivered(attempt=attempt, run=run, failure=words or "unknown")
    except InputInvalid as error:
        return Delivered(attempt=attempt, run=run, failure=str(error))
    return Delivered(attempt=attempt, run=run, failure="the grading job ended without a result")


def _credential(site: wiring.GitHubSite, number: int, settings: Settings, folder: Path) -> Reconciled | None:
    """Hand over what is due, and show it; None when nothing was."""
    from grader.cli.github_credential import hand_over

    issued = hand_over(site.desk, number, settings, folder)
    if issued is None:
        return None
    click.echo(f"pull request {number}: issued {issued}", err=True)
    return reconcile(site.desk, number)


def _number_of_event() -> int:
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        raise InputInvalid("which pull request? give --pr N (outside of a workflow there is no event)")
    try:
        event = json.loads(_read(Path(path), LARGEST_EVENT))
    except ValueError:
        raise InputInvalid(f"{path} is not JSON") from None
    inputs = event.get("inputs") or {}
    found = (event.get("pull_request") or event.get("issue") or {}).get("number") or inputs.get("pr")
    if not str(found or "").isdigit():
        raise InputInvalid("this event is about no pull request; give --pr N")
    return int(str(found))


def _outputs(done: Reconciled) -> None:
    """What later jobs of the workflow need; all of it is ours, none of it a learner's text."""
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return
    order = done.order
    lines = [f"due={'true' if order else 'false'}"]
    if order:
        lines += [f"attempt={order.attempt}", f"run={order.run}"]
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _told(done: Reconciled) -> str:
    due = f"run {done.order.run} is to be graded" if done.order else "nothing to grade"
    return f"{done.answered} comments answered, {done.length} ledger entries, {due}"


def _document(done: Reconciled) -> dict[str, Any]:
    return {
        "answered": done.answered,
        "ledger_entries": done.length,
        "due": done.order is not None,
        "run": done.order.run if done.order else None,
    }


def _read(path: Path, most: int) -> bytes:
    """At most `most` bytes; raises InputInvalid."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputInvalid(f"cannot read {path}: {error.strerror}") from None
    if len(content) > most:
        raise InputInvalid(f"{path} is larger than {most} bytes")
    return content
