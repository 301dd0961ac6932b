"""Grade an attempt that was handed in through the ledger: exactly what was kept, at the ledger's times."""

from grader import wiring
from grader.config import Settings
from grader.domain.attempt_events import Forced
from grader.domain.case import CaseId
from grader.domain.instant import to_datetime
from grader.domain.record import Record
from grader.domain.submission import SelfCheckAnswer
from grader.errors import InputInvalid
from grader.grade import GradeOrder, grade
from grader.hand_in import GradingOrder
from grader.intake.manifest import Manifest
from grader.ports import Contents

FORCED = {
    Forced.LEARNER: "the learner went ahead",
    Forced.DEADLINE: "the deadline handed the last save in",
}


def grade_frozen(settings: Settings, asked: GradingOrder) -> Record:
    """The record of what was kept; nothing is fetched again."""
    order = frozen_order(asked, wiring.ledger(settings).contents)
    return grade(order, wiring.walk_tools(settings, cache=wiring.case_cache(settings)))


def frozen_order(asked: GradingOrder, contents: Contents) -> GradeOrder:
    """The order; raises InputInvalid when what was kept has been erased."""
    handed, submission = asked.handed, asked.submission
    archive = contents.get(handed.tar)
    if archive is None:
        raise InputInvalid(f"what was handed in ({handed.tar[:12]}) was erased; there is nothing left to grade")
    why = FORCED.get(submission.forced, "")
    forced = submission.failing_critical if why else ()
    answers = (
        SelfCheckAnswer(id=c, answer=answer, observed=None, forced=c in forced, reason=why if c in forced else "")
        for c, answer in sorted(submission.answers.items())
    )
    manifest = Manifest(
        case=handed.case,
        mode=handed.mode,
        source=handed.source,
        fix=handed.commit,
        base=handed.base,
        diagnosis=handed.diagnosis,
        postmortem=handed.postmortem,
        self_checks=tuple(answers),
    )
    return GradeOrder(
        case=CaseId(handed.case),
        manifest=manifest,
        archive=archive,
        commit=handed.commit,
        timeline=asked.timeline,
        received_at=to_datetime(submission.at),
        twin=asked.twin,
    )
