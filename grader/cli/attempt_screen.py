"""Attempts on the terminal: one attempt, a list, the mentors' queue."""

from collections.abc import Iterable
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from grader.domain.instant import span

_WORDS = {
    "live": "live window open",
    "postmortem": "live window over, post-mortem due",
    "expired": "over, nothing was handed in",
    "submitted": "submitted, not graded yet",
    "grading": "being graded",
    "grade_error": "the grader failed; this costs the learner nothing",
    "graded": "waiting for a mentor",
    "claimed": "claimed by a mentor",
    "in_review": "in review",
    "signed_off": "signed off",
}
_NEXT = {
    "live": "attempt update {} TEXT",
    "postmortem": "attempt submit {} --manifest FILE",
    "submitted": "attempt settle",
    "grade_error": "review regrade {}",
    "graded": "review claim {}",
    "claimed": "review confirm {}",
    "in_review": "review sign-off {}",
}


def show(document: dict[str, Any]) -> None:
    """One attempt."""
    console = Console()
    learner = document["learner"] or "(hidden until sign-off)"
    which = f"{document['number']} of {document['attempts_allowed']} by {learner}, case {document['case']}"
    console.print(Text.assemble((f"Attempt {document['id']}", "bold"), f": {which}"), soft_wrap=True)
    console.print(Text(_WORDS[document["phase"]]), soft_wrap=True)
    for line in (*_clock(document), *_submission(document), *_review(document)):
        console.print(Text(line), soft_wrap=True)
    if document["run"] and document["run"]["state"] == "recorded":
        console.print(_scores(document))
    if advice := _NEXT.get(document["phase"]):
        console.print(Text(f"next: grader {advice.format(document['id'])}", style="dim"), soft_wrap=True)


def show_list(documents: Iterable[dict[str, Any]]) -> None:
    """A table of attempts."""
    table = Table(Column("attempt", no_wrap=True), "learner", "no.", "case", "phase", "time left", "mentor", box=SIMPLE)
    for each in documents:
        table.add_row(
            *(
                Text(str(cell))
                for cell in (
                    each["id"],
                    each["learner"] or "(hidden)",
                    each["number"],
                    each["case"],
                    each["phase"],
                    _left(each),
                    each["claim"]["mentor"] if each["claim"] else "",
                )
            )
        )
    Console().print(table)


def _left(document: dict[str, Any]) -> str:
    if document["claim"]:
        return _until(document["claim"]["left_ms"])
    return span(document["left_ms"]) if document["phase"] in ("live", "postmortem") else ""


def _until(left: int) -> str:
    return f"{span(left)} to sign-off" if left >= 0 else f"sign-off {span(left)} overdue"


def _clock(document: dict[str, Any]) -> list[str]:
    match document["phase"]:
        case "live":
            return [
                f"live until {document['live_until']}, {span(document['live_left_ms'])} left",
                f"submit before {document['deadline']}, {span(document['left_ms'])} left",
            ]
        case "postmortem":
            return [f"submit before {document['deadline']}, {span(document['left_ms'])} left"]
        case _:
            return []


def _submission(document: dict[str, Any]) -> list[str]:
    found = document["submission"]
    if not found:
        return []
    lines = [f"submitted {found['received_at']} as {found['mode']} {found['commit'] or ''}".rstrip()]
    match found["forced"]:
        case "learner":
            lines.append(f"FORCED by the learner: {', '.join(found['failing_critical'])} is not met")
        case "deadline":
            failing = ", ".join(found["failing_critical"]) or "none"
            lines.append(f"FORCED by the deadline: the last save stands in; critical checks not met: {failing}")
    return lines


def _review(document: dict[str, Any]) -> list[str]:
    lines = []
    if document["run"] and document["run"]["state"] == "failed":
        lines.append(f"run {document['run']['number']} failed: {document['run']['error']}")
    if claim := document["claim"]:
        lines.append(f"held by {claim['mentor']}, {_until(claim['left_ms'])} (due {claim['due']})")
    for sign_off in document["sign_offs"]:
        passed = "passed" if sign_off["passed"] else "not passed"
        late = ", after the time to sign-off" if sign_off["sla_breached"] else ""
        lines.append(f"signed off {sign_off['at']} by {sign_off['mentor']}: {sign_off['overall']:.2%}, {passed}{late}")
    if document["disputed"]:
        lines.append("the learner disputes the sign-off; another mentor decides")
    return lines


def _scores(document: dict[str, Any]) -> Table:
    table = Table(Column("dimension", no_wrap=True), "weight", "pre-score", "decision", "reason", box=SIMPLE)
    for each in document["dimensions"]:
        decision = each["decision"]
        table.add_row(
            Text(each["id"]),
            f"{each['weight']:.0%}",
            "none" if each["pre_score"] is None else f"{each['pre_score']:.2f}",
            f"{decision['points']:.2f}" if decision else "",
            Text((decision["reason"] or "confirmed") if decision else ""),
        )
    for skill, weight in document["skills"].items():
        table.add_row(Text(f"skill {skill}"), "", "", f"{weight:.2f}", f"up to {document['skill_ceilings'][skill]:.2f}")
    return table
