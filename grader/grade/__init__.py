"""The walk from a submission to pre-scores. Read this first.

receive   what was handed in -> an admitted tree, its documents, the commit; the case's own files put back
lay out   the tree beside the case's starter, which is the base (never the learner's parent commit); files classed
observe   tests before and after, hidden questions, the tests on the grader's own variants: in sandboxes, facts only
read      the post-mortem and the status updates, by rules
assemble  facts -> check results, pre-scores with evidence, flags: one Record, which the report only lays out

Raises SubmissionRejected (posted to the learner), InputInvalid (the caller) and ServiceUnavailable (ours: no record).
"""

from dataclasses import dataclass

from grader.domain.mentor import MentorView, hidden_answers
from grader.domain.record import Record
from grader.grade.assemble import Parts, assemble
from grader.grade.observe import lay_out, observe
from grader.grade.order import GradeOrder, Tools
from grader.grade.read import judged, read_prose
from grader.grade.receive import receive

__all__ = ["GradeOrder", "Graded", "Tools", "grade", "grade_for_mentor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The record of a run, which learners see, and the hidden side of it, which they never do."""

    record: Record
    mentor: MentorView


def grade(order: GradeOrder, tools: Tools) -> Record:
    """The record of one run."""
    return grade_for_mentor(order, tools).record


def grade_for_mentor(order: GradeOrder, tools: Tools) -> Graded:
    """The record of one run, and the hidden questions with what was answered to them."""
    twin, case = tools.twins.get(order.twin), tools.cases.get(order.case)
    tools.tell("reading what was handed in")
    handed = receive(order, case, tools.repos)
    submitted = lay_out(case, handed.tree)
    seen = observe(order, case, submitted, handed, tools)
    read = judged(read_prose(order, case, handed, seen.hotfix), tools)
    parts = Parts(order=order, twin=twin, case=case, handed=handed, submitted=submitted, seen=seen, read=read)
    record = assemble(parts, now=tools.clock.now())
    answers = hidden_answers(seen.hotfix)
    view = MentorView(run_id=record.run_id, case=case.id, commit=handed.commit, answers=answers)
    return Graded(record=record, mentor=view)
