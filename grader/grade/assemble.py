"""Assemble: everything that was seen and read -> one record. Pure but for the time it is given."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grader import __version__
from grader.checks import self_checks
from grader.domain import diagnosis
from grader.domain.case import Case
from grader.domain.formula import REGRESSION, hotfix_correctness, regression_safety
from grader.domain.record import Details, Provenance, Record
from grader.domain.score import PreScore
from grader.domain.submission import Submission
from grader.domain.twin import Observable, Twin
from grader.domain.verdict import Flag, Mutant, MutantStatus
from grader.execution.examine import Submitted
from grader.grade import results
from grader.grade.observe import Seen
from grader.grade.order import GradeOrder
from grader.grade.read import COMMUNICATION, POSTMORTEM, Read, communication, postmortem_quality, tick_lines
from grader.grade.receive import Handed
from grader.report.advice import advice
from grader.scoring import in_order, overall

NO_REPRO = "Hand in a repro.json: the turns that make the assistant invent something, its class, file and symbol."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a record is made of."""

    order: GradeOrder
    twin: Twin
    case: Case
    handed: Handed
    submitted: Submitted
    seen: Seen
    read: Read


def assemble(parts: Parts, *, now: datetime) -> Record:
    """The record; `now` stands in for the time of receipt where the order names none."""
    seen, twin = parts.seen, parts.twin
    scores = in_order(twin, _pre_scores(parts))
    submission = _submission(parts, now)
    total = overall(twin, scores)
    return Record(
        run_id=_run_id(parts),
        twin=twin.id,
        case=parts.case.id,
        submission=submission,
        checks=(
            results.integrity(seen.trust),
            results.before_after(seen.finding),
            results.regression_strength(seen.regression),
            results.hidden_cases(seen.hotfix),
            *((results.diagnosis(seen.repro),) if parts.order.timeline is not None else ()),
        ),
        pre_scores=scores,
        overall=total.share,
        overall_reason=total.reason,
        would_pass=total.would_pass,
        flags=_flags(parts, submission),
        details=_details(parts, scores),
        provenance=_provenance(parts),
    )


def _pre_scores(parts: Parts) -> tuple[PreScore, ...]:
    return (
        _diagnosis(parts),
        hotfix_correctness(parts.seen.hotfix, dict(parts.case.hints), parts.twin.hotfix_caps),
        regression_safety(parts.seen.regression, parts.twin.regression_caps),
        postmortem_quality(parts.read),
        communication(parts.read),
    )


def _diagnosis(parts: Parts) -> PreScore:
    """An event may pin a commit instead of naming the cause; the repro that stands in it was replayed."""
    facts, root = parts.seen.repro, parts.case.root_cause
    replayed = ((parts.handed.commit, facts), *parts.seen.pinned)
    confirmed = tuple(commit for commit, found in replayed if diagnosis.names_the_cause(found, root))
    return diagnosis.diagnosis_speed(facts, root, parts.order.timeline, parts.twin.speed_steps, confirmed)


def _submission(parts: Parts, now: datetime) -> Submission:
    order, read = parts.order, parts.read
    received, deadline = order.received_at or now, None
    if order.timeline is not None and order.received_at is not None:
        deadline = order.timeline.closes_at + timedelta(minutes=parts.twin.postmortem_minutes)
    observed = {
        Observable.REGRESSION_TEST: bool(parts.seen.finding.fail_to_pass),
        Observable.STATUS_UPDATE: read.updates.published if read.updates is not None else None,
        Observable.OWNED_FOLLOW_UP: read.postmortem.names_owners if read.postmortem is not None else False,
    }
    return Submission(
        mode=order.manifest.mode,
        commit=parts.handed.commit,
        base=parts.handed.base,
        received_at=received,
        late=deadline is not None and received > deadline,
        deadline=deadline,
        self_checks=self_checks.compare(parts.twin.self_checks, order.manifest.self_checks, observed),
    )


def _flags(parts: Parts, submission: Submission) -> tuple[Flag, ...]:
    seen, read = parts.seen, parts.read
    late = (Flag(id="late", detail="received after the deadline of the post-mortem"),) if submission.late else ()
    found = (
        *late,
        *self_checks.flags(parts.twin.self_checks, submission.self_checks),
        *parts.handed.flags,
        *parts.submitted.layout.flags,
        *seen.trust.rejections,
        *seen.trust.flags,
        *seen.finding.flags,
        *(read.postmortem.flags if read.postmortem is not None else ()),
        *(read.updates.flags if read.updates is not None else ()),
    )
    return tuple(dict.fromkeys(found))


def _details(parts: Parts, scores: tuple[PreScore, ...]) -> Details:
    read = parts.read
    tallies = results.tallies(parts.seen.hotfix)
    written = {
        diagnosis.DIAGNOSIS: (NO_REPRO,) if parts.seen.repro.repro is None else (),
        REGRESSION: tuple(_unnoticed(m) for m in parts.seen.mutants if m.status is MutantStatus.SURVIVED),
        POSTMORTEM: read.postmortem.advice if read.postmortem is not None else ("Hand in a post-mortem.",),
        COMMUNICATION: read.updates.advice if read.updates is not None else (),
    }
    return Details(
        tests=parts.seen.finding.tests,
        mutants=parts.seen.mutants,
        categories=tallies,
        ticks=tick_lines(read),
        timeline=parts.order.timeline,
        advice=advice(scores, tallies, written),
    )


def _unnoticed(mutant: Mutant) -> str:
    return f"Your tests do not notice a change in `{mutant.file}:{mutant.line}`: assert what that line is for."


def _provenance(parts: Parts) -> Provenance:
    layout, seen = parts.submitted.layout, parts.seen
    trees = {"original": layout.original, "before": layout.before, "after": layout.after}
    return Provenance(
        grader=__version__,
        image=seen.image,
        case_digest=parts.case.digest,
        twin_digest=parts.twin.digest,
        seed=parts.order.seed,
        runtime=seen.runtime,
        trees=tuple((name, tree.digest) for name, tree in trees.items()),
        runs=seen.made,
        seconds=round(seen.seconds, 1),
        language_model="; ".join(report.describe() for report in parts.read.reports) or None,
    )


def _models(parts: Parts) -> str | None:
    """The language models that judged; what they cost is no input."""
    return "; ".join(sorted({report.model for report in parts.read.reports})) or None


def _run_id(parts: Parts) -> str:
    """The same inputs give the same id: what was handed in, and everything it was judged with."""
    provenance = replace(_provenance(parts), runs=0, seconds=0.0, language_model=_models(parts))
    documents = [d.text for d in (parts.handed.documents.postmortem, parts.handed.documents.diagnosis) if d is not None]
    inputs = [parts.handed.commit, parts.handed.base, repr(provenance), repr(parts.order.timeline), documents]
    answers = [repr(answer) for answer in parts.order.manifest.self_checks]
    return hashlib.sha256(json.dumps([*inputs, answers]).encode()).hexdigest()[:16]
