"""`grader review`: what a mentor does with pre-scores."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from grader.cli import attempt_screen
from grader.cli.desk import Call, Desk, calling, opened
from grader.cli.frozen import grade_frozen
from grader.cli.grading import carry_out
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain import attempt_commands as do
from grader.domain.attempt import REVIEWABLE, Attempt, Phase
from grader.domain.attempt_commands import Role
from grader.domain.record import Record
from grader.domain.score import DimensionId, Points
from grader.domain.twin import SkillId
from grader.errors import InputInvalid
from grader.report.record_file import decode

attempt_argument = click.argument("attempt", metavar="ATTEMPT")
role_option = click.option(
    "--role",
    type=click.Choice([Role.MENTOR.value, Role.OPERATOR.value]),
    default=Role.MENTOR.value,
    show_default=True,
    help="In what capacity; an operator may release and reassign what a mentor holds.",
)
run_option = click.option("--run", type=int, metavar="N", help="Refuse if N is not the latest run any more.")


@click.group()
def review() -> None:
    """Confirm or change pre-scores, assert skills, sign off."""


@review.command()
@json_option
@click.pass_obj
def queue(settings: Settings, json_file: str | None) -> None:
    """Attempts that wait for a mentor or are with one, the most urgent first."""
    desk = opened(settings)
    waiting = sorted((a for a in desk.attempts() if a.phase in REVIEWABLE | {Phase.GRADE_ERROR}), key=_urgency)
    documents = [desk.document(attempt) for attempt in waiting]
    if json_file is not None:
        write_json({"schema": "grader/queue/1", "attempts": documents}, json_file)
    if json_file == "-":
        return
    if documents:
        attempt_screen.show_list(documents)
    else:
        click.echo("nothing waits for a mentor")


@review.command()
@attempt_argument
@calling
def claim(desk: Desk, call: Call, attempt: str) -> None:
    """Take ATTEMPT for review; sign-off is due after the twin's hours."""
    desk.answer(desk.do(attempt, Role.MENTOR, do.Claim(), call), call, "claimed")


@review.command()
@attempt_argument
@click.option("--dimension", "dimensions", multiple=True, metavar="ID", help="Only this one; default: all undecided.")
@run_option
@calling
def confirm(desk: Desk, call: Call, attempt: str, dimensions: tuple[str, ...], run: int | None) -> None:
    """Accept pre-scores of ATTEMPT as they are."""
    command = do.Confirm(dimensions=tuple(DimensionId(d) for d in dimensions), run=run)
    desk.answer(desk.do(attempt, Role.MENTOR, command, call), call, "confirmed")


@review.command()
@attempt_argument
@click.argument("dimension", metavar="DIMENSION")
@click.argument("score", metavar="SCORE")
@click.argument("reason", metavar="REASON", default="")
@run_option
@calling
def override(desk: Desk, call: Call, attempt: str, dimension: str, score: str, reason: str, run: int | None) -> None:
    """Decide DIMENSION of ATTEMPT with SCORE (0 to 1 in steps of 0.05) and a REASON."""
    command = do.Override(dimension=DimensionId(dimension), points=_points(score), reason=reason, run=run)
    desk.answer(desk.do(attempt, Role.MENTOR, command, call), call, "decided")


@review.command("assert")
@attempt_argument
@click.argument("skill", metavar="SKILL")
@click.argument("weight", metavar="WEIGHT")
@click.argument("reason", metavar="REASON", default="")
@calling
def assert_skill(desk: Desk, call: Call, attempt: str, skill: str, weight: str, reason: str) -> None:
    """Assert SKILL with WEIGHT (up to its ceiling, two decimals; 0 takes it back)."""
    command = do.AssertSkill(skill=SkillId(skill), weight=_hundredths(weight, "a weight"), reason=reason)
    desk.answer(desk.do(attempt, Role.MENTOR, command, call), call, "asserted")


@review.command("sign-off")
@attempt_argument
@run_option
@calling
def sign_off(desk: Desk, call: Call, attempt: str, run: int | None) -> None:
    """Put your name under the full set of decisions on ATTEMPT."""
    outcome = desk.do(attempt, Role.MENTOR, do.SignOff(run=run), call)
    desk.answer(outcome, call, _signed(outcome.attempt))


@review.command()
@attempt_argument
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the ledger.")
@role_option
@calling
def release(desk: Desk, call: Call, attempt: str, reason: str, role: str) -> None:
    """Give ATTEMPT back to the queue; decisions made under the claim no longer count."""
    desk.answer(desk.do(attempt, Role(role), do.Release(reason=reason), call), call, "released")


@review.command()
@attempt_argument
@click.argument("mentor", metavar="MENTOR")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the ledger.")
@role_option
@calling
def reassign(desk: Desk, call: Call, attempt: str, mentor: str, reason: str, role: str) -> None:
    """Give ATTEMPT to another MENTOR, whose time to sign-off starts now."""
    command = do.Reassign(mentor=desk.person(mentor), reason=reason)
    desk.answer(desk.do(attempt, Role(role), command, call), call, f"given to {mentor}")


@review.command()
@attempt_argument
@click.option("--reason", default="", metavar="TEXT", help="Why; needed when there are pre-scores already.")
@click.option("--record", "record_file", metavar="FILE", help="Take this record of `grader grade` instead of grading.")
@role_option
@calling
def regrade(desk: Desk, call: Call, attempt: str, reason: str, record_file: str | None, role: str) -> int:
    """Grade ATTEMPT anew; decisions on the run before no longer count, and a sign-off stands until the next one."""
    found = desk.attempt(attempt)
    record = _record(found, record_file) if record_file else None
    begun = desk.do(attempt, Role(role), do.RequestGrade(reason=reason), call).attempt
    return carry_out(desk, begun, call, lambda order: record or grade_frozen(desk.settings, order))


def _record(attempt: Attempt, file: str) -> Record:
    try:
        found = decode(Path(file).read_bytes(), where=file)
    except OSError as error:
        raise InputInvalid(f"cannot read {file}: {error.strerror}") from None
    expected = (attempt.terms.twin, attempt.started.case)
    if (found.twin, found.case) != expected:
        raise InputInvalid(f"{file} is of {found.twin}, {found.case}; the attempt is of {', '.join(expected)}")
    commit = attempt.submission.commit if attempt.submission else ""
    if commit and found.submission.commit != commit:
        raise InputInvalid(f"{file} is of commit {found.submission.commit}, the submission of {commit}")
    return found


def _urgency(attempt: Attempt) -> tuple[int, int]:
    """Claimed ones by their due time, then free ones by how long they have waited."""
    waiting = attempt.submission.at if attempt.submission else 0
    return (0, attempt.claim.due) if attempt.claim else (1, waiting)


def _signed(attempt: Attempt) -> str:
    signed = attempt.sign_offs[-1].event
    if not signed.final:
        return "signed; a second reader has to sign as well"
    result = f"signed off with {signed.total / 20:.2f} %"
    return f"{result}: passed; `grader credential issue {attempt.id}`" if signed.passed else f"{result}: not passed"


def _points(text: str) -> Points:
    """A score as points; raises InputInvalid when it is off the 0.05 grid."""
    hundredths = _hundredths(text, "a score")
    if hundredths % 5 or not 0 <= hundredths <= 100:
        raise InputInvalid(f"off_grid: {text} is not a multiple of 0.05 between 0 and 1")
    return Points(hundredths // 5)


def _hundredths(text: str, what: str) -> int:
    """Exact hundredths of a decimal number; no float is involved."""
    try:
        scaled = Decimal(text) * 100
        if scaled != scaled.to_integral_value() or abs(scaled) > 10_000:
            raise InvalidOperation
    except InvalidOperation:
        grid = "a multiple of 0.05 between 0 and 1" if what == "a score" else "0 to 1 with two decimals"
        raise InputInvalid(f"{what} is {grid}, not {text!r}") from None
    return int(scaled)
