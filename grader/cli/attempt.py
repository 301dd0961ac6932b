"""`grader attempt`: what a learner does, from the start of the clock to the submission."""

from pathlib import Path
from typing import Any

import click

from grader import attempts, wiring
from grader.cli import attempt_screen
from grader.cli.desk import Call, Desk, as_option, calling, once, opened
from grader.cli.grading import graded
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain import attempt_commands as do
from grader.domain.attempt import Phase
from grader.domain.attempt_commands import GRADER, Role
from grader.domain.attempt_terms import Terms
from grader.domain.case import CaseId
from grader.domain.submission import SelfCheckAnswer
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SubmissionMode, TwinId
from grader.errors import InputInvalid
from grader.hand_in import forces, freeze
from grader.intake.manifest import Manifest, Trust, read_manifest

MAX_ARCHIVE = 64 * 1024 * 1024

attempt_argument = click.argument("attempt", metavar="ATTEMPT")


def handing_in(command: Any) -> Any:  # noqa: ANN401 - click decorates what it gets
    """The options that name what is handed in, and answer the self-checks."""
    for option in (
        click.option("--force", multiple=True, metavar="ID=REASON", help="Go ahead though this critical check fails."),
        click.option("--answer", multiple=True, metavar="ID=yes|no", help="Answer a self-check."),
        click.option("--postmortem", default="", metavar="PATH", help="The post-mortem, inside what is handed in."),
        click.option("--diagnosis", default="", metavar="PATH", help="The repro, inside what is handed in."),
        click.option("--fix", default="", metavar="REV", help="The revision to grade; default: the newest."),
        click.option("--upload", metavar="FILE", help="An archive (zip, tar, tar.gz)."),
        click.option("--repo", metavar="URL", help="A repository: an https address, or a folder."),
        click.option("--manifest", metavar="FILE", help="A submission.toml that says all of this."),
    ):
        option(command)
    return command


@click.group()
def attempt() -> None:
    """Start the clock, post updates, save, submit."""


@attempt.command()
@click.option("--case", "case_id", required=True, metavar="CASE", help="The incident.")
@click.option("--twin", "twin_id", default="jt-incident-4", show_default=True, metavar="ID", help="The exercise type.")
@calling
def start(desk: Desk, call: Call, case_id: str, twin_id: str) -> None:
    """Start the next attempt: from now on the clock runs, and its deadlines never move."""
    terms = Terms.of(wiring.twins().get(TwinId(twin_id)))
    request = desk.request(Role.LEARNER, call)
    case = wiring.cases(desk.settings).get(CaseId(case_id))
    outcome = attempts.start(desk.ledger.records, request.actor.id, case.id, terms, request)
    desk.answer(desk.accepted(outcome), call, "started")


@attempt.command()
@attempt_argument
@click.argument("text", metavar="TEXT")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in TimelineKind]),
    default=TimelineKind.STATUS_UPDATE.value,
    show_default=True,
    help="What the update says.",
)
@click.option("--commit", default="", metavar="SHA", help="The commit that it is about.")
@calling
def update(desk: Desk, call: Call, attempt: str, text: str, kind: str, commit: str) -> None:
    """Post TEXT (`-` reads stdin) to the incident channel of ATTEMPT."""
    content = desk.ledger.contents.keep(once(text, "the update").encode())
    command = do.Update(update=TimelineKind(kind), text=content, commit=_commit(commit))
    desk.answer(desk.do(attempt, Role.LEARNER, command, call), call, "posted")


@attempt.command()
@attempt_argument
@handing_in
@calling
def save(desk: Desk, call: Call, attempt: str, **given: Any) -> None:  # noqa: ANN401 - the options above
    """Keep a draft of ATTEMPT; the last one is submitted at the deadline if nothing else is."""
    handed, _ = _hand_in(desk, attempt, given)
    desk.answer(desk.do(attempt, Role.LEARNER, do.Save(handed=handed), call), call, "saved")


@attempt.command()
@attempt_argument
@handing_in
@calling
def submit(desk: Desk, call: Call, attempt: str, **given: Any) -> int:  # noqa: ANN401 - the options above
    """Hand in ATTEMPT, once and for all, and have it graded.

    What counts is when this call arrived, however long fetching takes. Exit status: 0 submitted and graded, 1 a rule
    refuses it, 2 the call is wrong, 3 submitted, but the grader failed by its own fault (then `grader review regrade`).
    """
    handed, forced = _hand_in(desk, attempt, given)
    outcome = desk.do(attempt, Role.LEARNER, do.Submit(handed=handed, forces=forced), call)
    return graded(desk, outcome, call, "submitted")


@attempt.command()
@attempt_argument
@click.argument("reason", metavar="REASON")
@calling
def dispute(desk: Desk, call: Call, attempt: str, reason: str) -> None:
    """Ask for another mentor's eyes on the sign-off of ATTEMPT; once, within the days that the twin gives."""
    content = desk.ledger.contents.keep(once(reason, "the reason").encode())
    desk.answer(desk.do(attempt, Role.LEARNER, do.OpenDispute(reason=content), call), call, "disputed")


@attempt.command()
@attempt_argument
@as_option
@json_option
@click.pass_obj
def show(settings: Settings, attempt: str, login: str | None, json_file: str | None) -> None:
    """Show ATTEMPT as it stands now; looking changes nothing."""
    desk = opened(settings)
    named = login or settings.user
    document = desk.document(desk.attempt(attempt), desk.actor(Role.LEARNER, named) if named else None)
    if json_file is not None:
        write_json(document, json_file)
    if json_file != "-":
        attempt_screen.show(document)


@attempt.command("list")
@click.option("--learner", metavar="LOGIN", help="Only attempts of this learner.")
@click.option("--phase", type=click.Choice([p.value for p in Phase]), help="Only attempts that stand there.")
@json_option
@click.pass_obj
def list_attempts(settings: Settings, learner: str | None, phase: str | None, json_file: str | None) -> None:
    """List all attempts."""
    desk = opened(settings)
    found = [desk.document(each) for each in desk.attempts()]
    documents = [d for d in found if (not learner or d["learner"] == learner) and (not phase or d["phase"] == phase)]
    documents.sort(key=lambda document: str(document["opened_at"]))
    if json_file is not None:
        write_json({"schema": "grader/attempts/1", "attempts": documents}, json_file)
    if json_file == "-":
        return
    if documents:
        attempt_screen.show_list(documents)
    else:
        click.echo("no attempts; `grader attempt start --case CASE` begins one")


@attempt.command()
@click.pass_obj
def settle(settings: Settings) -> None:
    """Record the time-outs that are due in all attempts, and grade what a deadline submitted; safe to run twice."""
    desk = opened(settings)
    request = attempts.Request(actor=GRADER, received_at=desk.arrived)
    for each in list(desk.attempts()):
        outcome = attempts.perform(desk.ledger.records, each.id, do.Settle(), request)
        for entry in outcome.entries:
            click.echo(f"{each.id}: {entry.kind}")
        if outcome.attempt.phase is Phase.SUBMITTED:
            graded(desk, outcome, Call(login="grader", key="", seen=None, json_file=None), "settled")


def _hand_in(desk: Desk, attempt_id: str, given: dict[str, Any]) -> tuple[do.Handed, tuple[do.Force, ...]]:
    case = desk.attempt(attempt_id).started.case
    manifest, archive = _manifest(case, given)
    if manifest.case != case:
        raise InputInvalid(f"the manifest is for case {manifest.case}, the attempt for {case}")
    handed = freeze(manifest, archive, wiring.submission_repos(), desk.ledger.contents)
    return handed, forces(manifest, desk.ledger.contents)


def _manifest(case: str, given: dict[str, Any]) -> tuple[Manifest, bytes | None]:
    named = [option for option in ("manifest", "repo", "upload") if given[option]]
    if len(named) != 1:
        raise InputInvalid("say what is handed in with one of --manifest, --repo, --upload")
    if named == ["manifest"]:
        path = Path(given["manifest"])
        manifest = read_manifest(_read(path, 1024 * 1024), where=str(path), trust=Trust.OPERATOR)
        upload = manifest.mode is SubmissionMode.FILE_UPLOAD
        return manifest, _read(path.parent / manifest.source, MAX_ARCHIVE) if upload else None
    mode = SubmissionMode.REPO_URL if given["repo"] else SubmissionMode.FILE_UPLOAD
    manifest = Manifest(
        case=case,
        mode=mode,
        source=given["repo"] or Path(given["upload"]).name,
        fix=given["fix"],
        diagnosis=given["diagnosis"],
        postmortem=given["postmortem"],
        self_checks=_answers(given["answer"], given["force"]),
    )
    return manifest, _read(Path(given["upload"]), MAX_ARCHIVE) if given["upload"] else None


def _answers(answers: tuple[str, ...], forced: tuple[str, ...]) -> tuple[SelfCheckAnswer, ...]:
    words = {"yes": True, "no": False}
    said: dict[str, bool] = {}
    for text in answers:
        check, _, answer = text.partition("=")
        if answer not in words:
            raise InputInvalid(f"--answer {text}: expected ID=yes or ID=no")
        said[check] = words[answer]
    reasons = {check: reason for check, _, reason in (text.partition("=") for text in forced)}
    ids = [*said, *(check for check in reasons if check not in said)]
    return tuple(
        SelfCheckAnswer(
            id=check, answer=said.get(check), observed=None, forced=check in reasons, reason=reasons.get(check, "")
        )
        for check in ids
    )


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise InputInvalid(f"cannot read {path}: {error.strerror}") from None
    if len(content) > limit:
        raise InputInvalid(f"{path}: larger than {limit // 1024 // 1024} MiB")
    return content


def _commit(text: str) -> str:
    if text and not (7 <= len(text) <= 64 and all(c in "0123456789abcdef" for c in text)):
        raise InputInvalid(f"--commit {text!r}: expected the hexadecimal name of a commit")
    return text
