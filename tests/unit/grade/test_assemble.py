"""What was seen becomes one record: unknown stays unknown, lateness is the server's, the id is that of the inputs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from grader.adapters.case_files import CaseFiles
from grader.adapters.twin_files import TwinFiles
from grader.checks.before_after import Finding
from grader.checks.integrity import Integrity
from grader.domain.case import CaseId, Judgement, Verdict
from grader.domain.case_facts import Answers, HotfixFacts, RegressionFacts, Repro, ReproFacts
from grader.domain.comparison import CheckVerdict
from grader.domain.sandbox import ImageId
from grader.domain.submission import SelfCheckAnswer
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.tree import File
from grader.domain.twin import SubmissionMode, TwinId
from grader.domain.verdict import Flag
from grader.grade.assemble import Parts, assemble
from grader.grade.observe import Seen, lay_out
from grader.grade.order import GradeOrder
from grader.grade.read import read_prose
from grader.grade.receive import Handed
from grader.intake.documents import Document, Documents
from grader.intake.manifest import Manifest

CASE = CaseFiles().get(CaseId("airline-refund"))
TWIN = TwinFiles().get(TwinId("jt-incident-4"))
T0 = datetime(2026, 3, 9, 9, tzinfo=UTC)
NOW = T0 + timedelta(days=1)
EVENT = TimelineEvent(kind=TimelineKind.HOTFIX, at=T0 + timedelta(minutes=40), author="ada", text="fixed")
TIMELINE = Timeline(opened_at=T0, window=timedelta(minutes=90), events=(EVENT,))
SEEN = Seen(
    finding=Finding(verdict=CheckVerdict.NO_TEST, reason="the change touches no test module"),
    trust=Integrity(rejections=(Flag(id="suspected_forgery", detail="a canary fell silent"),)),
    hotfix=HotfixFacts(product_changed=False, base=Answers()),
    regression=RegressionFacts(has_tests=False),
    mutants=(),
    repro=ReproFacts(repro=None),
    image=ImageId("sha256:0"),
    runtime="runc",
    made=3,
    seconds=1.5,
)


def parts(timeline: Timeline | None = TIMELINE, received_at: datetime | None = T0, text: str = "") -> Parts:
    answers = (SelfCheckAnswer(id="F1", answer=True, observed=None),)
    manifest = Manifest(case=CASE.id, mode=SubmissionMode.REPO_URL, source="r", self_checks=answers)
    tree = CASE.starter.with_files([File(path="app/new.py", content=b"x = 1\n")])
    documents = Documents(postmortem=Document(path="postmortem.md", text=text) if text else None, diagnosis=None)
    order = GradeOrder(case=CASE.id, manifest=manifest, timeline=timeline, received_at=received_at)
    handed = Handed(tree=tree, commit="c0ffee", base="ba5e", documents=documents)
    read = read_prose(order, CASE, handed, SEEN.hotfix)
    return Parts(order=order, twin=TWIN, case=CASE, handed=handed, submitted=lay_out(CASE, tree), seen=SEEN, read=read)


def test_without_a_timeline_what_needs_one_is_unknown_and_so_is_the_overall() -> None:
    record = assemble(parts(timeline=None), now=NOW)
    unknown = {score.dimension: score.reason for score in record.pre_scores if score.points is None}
    assert unknown == {"diagnosis_speed": "no timeline", "communication": "no timeline"}
    assert (record.overall, record.would_pass) == (None, None)
    assert [(a.id, a.observed) for a in record.submission.self_checks] == [("F1", False), ("F2", None), ("F3", False)]


def test_a_missing_post_mortem_is_a_missing_deliverable_not_unknown() -> None:
    record = assemble(parts(), now=NOW)
    assert {score.dimension: score.points for score in record.pre_scores}["postmortem_quality"] == 0
    assert record.overall is not None
    assert record.would_pass is False


def test_only_the_server_s_time_makes_a_submission_late() -> None:
    deadline = TIMELINE.closes_at + timedelta(minutes=TWIN.postmortem_minutes)
    on_time = assemble(parts(received_at=deadline), now=NOW).submission
    late = assemble(parts(received_at=deadline + timedelta(seconds=1)), now=NOW)
    unknown = assemble(parts(received_at=None), now=NOW).submission
    assert (on_time.late, on_time.deadline) == (False, deadline)
    assert late.submission.late
    assert "late" in [flag.id for flag in late.flags]
    assert (unknown.received_at, unknown.late, unknown.deadline) == (NOW, False, None)


def test_flags_of_every_stage_arrive() -> None:
    flags = [flag.id for flag in assemble(parts(), now=NOW).flags]
    assert flags[:2] == ["self_check_mismatch", "suspected_forgery"]


def test_the_same_inputs_have_the_same_id_whenever_and_however_long() -> None:
    first = parts()
    again = replace(first, seen=replace(SEEN, made=0, seconds=0.1))
    other = parts(text="# Post-mortem")
    assert assemble(first, now=NOW).run_id == assemble(again, now=T0).run_id
    assert assemble(first, now=NOW).run_id != assemble(other, now=NOW).run_id


def test_an_event_that_pins_an_earlier_commit_counts_from_then_if_the_repro_in_it_holds() -> None:
    unsafe, safe = (Judgement(verdict=v, because="x") for v in (Verdict.HALLUCINATED, Verdict.ABSTAINED))
    root = CASE.root_cause
    repro = Repro(turns=("?",), stream=False, failure_class=root.classes[0], file=root.files[0], symbol=root.symbols[0])
    holds = ReproFacts(repro=repro, on_base=(unsafe,) * 3, on_reference=(safe,) * 3)
    event = TimelineEvent(
        kind=TimelineKind.ROOT_CAUSE, at=T0 + timedelta(minutes=10), author="ada", text="see there", commit="ea51e5"
    )
    asked = parts(timeline=replace(TIMELINE, events=(event,)))

    def points(*pinned: tuple[str, ReproFacts]) -> object:
        seen = replace(SEEN, repro=holds, pinned=pinned)
        record = assemble(replace(asked, seen=seen), now=NOW)
        return {score.dimension: score.points for score in record.pre_scores}["diagnosis_speed"]

    assert points(("ea51e5" + "0" * 34, holds)) == 20
    assert points(("ea51e5" + "0" * 34, replace(holds, on_base=(safe,) * 3))) == 10
    assert points(("ea51e5" + "0" * 34, replace(holds, repro=replace(repro, file="app/other.py")))) == 10
    assert points() == 10
