"""The check run of an attempt: its conclusion, one line, and the seal of the ledger."""

from dataclasses import dataclass
from fractions import Fraction

from grader.domain.attempt import Attempt, Phase
from grader.domain.conversation import Annotation, CheckRun, Conclusion
from grader.domain.record import Record
from grader.domain.twin import Twin
from grader.report import view
from grader.report.inert import clean

MOST_TEXT = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Where the ledger stood: its version on the code host, its length, and the hash of the attempt's last entry."""

    version: str
    length: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which attempt of which pull request, at which of its heads; `blocked` says why it could not be handed in."""

    pull: int
    number: int
    head: str
    seal: Seal
    blocked: str = ""
    annotations: tuple[Annotation, ...] = ()


def check_run(subject: Subject, attempt: Attempt, record: Record | None, twin: Twin) -> CheckRun:
    """What to show beside the commit that was handed in."""
    conclusion, title, summary = _says(subject, attempt, record, twin)
    seal = subject.seal
    return CheckRun(
        external_id=f"pr-{subject.pull}:attempt-{subject.number}:{subject.head[:12]}",
        head=subject.head,
        title=title[:200],
        summary=summary,
        text=f"Ledger version `{seal.version}`, {seal.length} entries, attempt hash `{seal.hash}`."[:MOST_TEXT],
        conclusion=conclusion,
        annotations=subject.annotations,
    )


def _says(subject: Subject, attempt: Attempt, record: Record | None, twin: Twin) -> tuple[Conclusion | None, str, str]:
    if subject.blocked:
        summary = "Nothing was handed in yet. Mend it, or force the self-check with a reason that the mentor will see."
        return Conclusion.ACTION_REQUIRED, f"Blocked: {subject.blocked}", summary
    result = attempt.result
    if attempt.phase is Phase.SIGNED_OFF and result:
        percent = view.percent(Fraction(result.event.total, 2000))
        title = f"Signed off: {'passed' if result.event.passed else 'not passed'} with {percent}"
        conclusion = Conclusion.SUCCESS if result.event.passed else Conclusion.FAILURE
        return (
            conclusion,
            title,
            f"A mentor decided on all {len(twin.dimensions)} dimensions. The pull request tells how.",
        )
    if attempt.phase is Phase.GRADE_ERROR:
        return None, "Grading failed on our side", "This costs no attempt. It is tried again."
    if record is None or attempt.run is None:
        return None, "Grading", "The submission is graded in sandboxes."
    strong, _ = view.headline(record, twin)
    return (
        Conclusion.NEUTRAL,
        f"Pre-scores: {clean(strong)}",
        "A mentor confirms or changes every number; nothing is final.",
    )
