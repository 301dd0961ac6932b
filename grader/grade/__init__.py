"""The walk from a submission to pre-scores. Read this first.

receive   what was handed in -> an admitted tree, its documents, the commit; the case's own files put back
lay out   the tree beside the case's starter, which is the base (never the learner's parent commit); files classed
observe   tests before and after, hidden questions, the tests on the grader's own variants: in sandboxes, facts only
read      the post-mortem and the status updates, by rules
assemble  facts -> check results, pre-scores with evidence, flags: one Record, which the report only lays out

Raises SubmissionRejected (posted to the learner), InputInvalid (the caller) and ServiceUnavailable (ours: no record).
"""

from grader.domain.record import Record
from grader.grade.assemble import Parts, assemble
from grader.grade.observe import lay_out, observe
from grader.grade.order import GradeOrder, Tools
from grader.grade.read import judged, read_prose
from grader.grade.receive import receive

__all__ = ["GradeOrder", "Tools", "grade"]


def grade(order: GradeOrder, tools: Tools) -> Record:
    """The record of one run."""
    twin, case = tools.twins.get(order.twin), tools.cases.get(order.case)
    tools.tell("reading what was handed in")
    handed = receive(order, case, tools.repos)
    submitted = lay_out(case, handed.tree)
    seen = observe(order, case, submitted, handed.documents, tools)
    read = judged(read_prose(order, case, handed, seen.hotfix), tools)
    parts = Parts(order=order, twin=twin, case=case, handed=handed, submitted=submitted, seen=seen, read=read)
    return assemble(parts, now=tools.clock.now())
