"""An order -> a record: the grading walk in a job without secrets, and the record of a submission that is refused."""

from dataclasses import replace
from uuid import uuid4

import click

from grader import __version__, wiring
from grader.config import Settings
from grader.domain.case import CaseId
from grader.domain.order import Order
from grader.domain.record import Details, Provenance, Record
from grader.domain.score import Confidence, PreScore
from grader.domain.submission import Submission
from grader.domain.twin import TwinId
from grader.domain.verdict import Flag
from grader.grade import GradeOrder, grade
from grader.intake.manifest import Manifest, Trust, read_manifest


def grade_order(order: Order, settings: Settings) -> Record:
    """Grade; raises SubmissionRejected and ServiceUnavailable like the walk itself."""
    asked = GradeOrder(
        case=CaseId(order.case),
        manifest=_manifest(order),
        archive=order.archive,
        timeline=order.timeline,
        received_at=order.received_at,
        twin=TwinId(order.twin),
    )
    return grade(asked, wiring.walk_tools(settings, cache=wiring.case_cache(settings), tell=_say))


def _say(doing: str) -> None:
    """One line a stage: a job's log is read afterwards."""
    click.echo(f"grader: {doing}", err=True)


def refused(order: Order, message: str) -> Record:
    """No pre-score could be formed, for a reason that the learner and the mentor read; the mentor decides."""
    twin, manifest = wiring.twins().get(TwinId(order.twin)), _manifest(order)
    scores = tuple(
        PreScore(dimension=each.id, points=None, reason=f"refused: {message}", confidence=Confidence.LOW)
        for each in twin.dimensions
    )
    return Record(
        run_id=uuid4().hex[:16],
        twin=twin.id,
        case=order.case,
        submission=Submission(
            mode=manifest.mode,
            commit=order.commit,
            base="",
            received_at=order.received_at,
            deadline=order.deadline,
            self_checks=order.answers,
        ),
        checks=(),
        pre_scores=scores,
        overall=None,
        would_pass=None,
        overall_reason=f"the submission was refused: {message}",
        flags=(Flag(id="refused", detail=message),),
        details=Details(timeline=order.timeline),
        provenance=Provenance(grader=__version__, image="", case_digest="", twin_digest=twin.digest, seed=0),
    )


def _manifest(order: Order) -> Manifest:
    """The learner's, with the commit that was pinned when it was handed in."""
    manifest = read_manifest(order.manifest, where="submission.toml", trust=Trust.STRANGER)
    return replace(manifest, fix=order.commit or manifest.fix, self_checks=order.answers)
