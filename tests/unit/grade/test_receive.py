"""What was handed in: pinned, admitted, with the case's own files put back and a foreign base named."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from grader.adapters.case_files import CaseFiles
from grader.domain.case import CaseId
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.tree import File, Tree
from grader.domain.twin import SubmissionMode
from grader.errors import InputInvalid, SubmissionRejected
from grader.grade.order import GradeOrder
from grader.grade.receive import Handed, receive
from grader.intake.manifest import Manifest
from tests.fakes.repos import FakeRepos, commit_id

CASE = CaseFiles().get(CaseId("airline-refund"))
FIX = File(path="app/guard.py", content=b"x = 1\n")
POSTMORTEM = File(path="postmortem.md", content=b"# Post-mortem\n")
FIXED = CASE.starter.with_files([FIX, POSTMORTEM])


def received(tree: Tree, base: str = "", **revisions: Tree) -> Handed:
    repos = FakeRepos({"repo": {"HEAD": tree, **revisions}})
    manifest = Manifest(case=CASE.id, mode=SubmissionMode.REPO_URL, source="repo", base=base)
    return receive(GradeOrder(case=CASE.id, manifest=manifest), CASE, repos)


def test_documents_are_set_apart_from_code() -> None:
    handed = received(FIXED)
    assert handed.documents.postmortem is not None
    assert handed.tree == CASE.starter.with_files([FIX])
    assert handed.commit == commit_id(FIXED)
    assert handed.base == CASE.starter.digest
    assert handed.flags == ()


def test_the_case_s_data_is_put_back_and_said_so() -> None:
    changed = File(path="data/kb.json", content=b"[]")
    handed = received(FIXED.with_files([changed]))
    assert handed.tree == CASE.starter.with_files([FIX])
    assert [flag.id for flag in handed.flags] == ["data_restored"]


def test_a_base_of_the_learner_s_own_is_flagged_and_not_taken() -> None:
    planted = CASE.starter.with_files([File(path="app/prompt.py", content=b"bug = 1\n")])
    assert received(FIXED, "mine", mine=CASE.starter).flags == ()
    handed = received(FIXED, "mine", mine=planted)
    assert [flag.id for flag in handed.flags] == ["other_base"]
    assert handed.base == commit_id(planted)


def test_nothing_done_is_refused_but_a_post_mortem_alone_is_graded() -> None:
    with pytest.raises(SubmissionRejected, match="nothing differs from the starter"):
        received(CASE.starter)
    assert received(CASE.starter.with_files([POSTMORTEM])).tree == CASE.starter


def test_a_manifest_for_another_case_names_the_call_that_is_right() -> None:
    manifest = Manifest(case="other", mode=SubmissionMode.REPO_URL, source="repo")
    with pytest.raises(InputInvalid, match="call again with --case other"):
        receive(GradeOrder(case=CASE.id, manifest=manifest), CASE, FakeRepos({}))


def test_what_was_kept_of_a_repository_is_not_fetched_again() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in FIXED.files:
            archive.writestr(file.path, file.content)
    manifest = Manifest(case=CASE.id, mode=SubmissionMode.REPO_URL, source="gone")
    order = GradeOrder(case=CASE.id, manifest=manifest, archive=packed.getvalue(), commit="c0ffee")
    handed = receive(order, CASE, FakeRepos({}))
    assert (handed.commit, handed.tree) == ("c0ffee", CASE.starter.with_files([FIX]))


def test_commits_that_root_cause_events_pin_are_read_for_their_repro() -> None:
    early, late = (File(path="repro.json", content=b'{"n": %d}' % n) for n in (1, 2))
    first, final = CASE.starter.with_files([early]), FIXED.with_files([late])
    opened = datetime(2026, 3, 9, 12, tzinfo=UTC)
    kinds = (TimelineKind.ROOT_CAUSE, TimelineKind.ROOT_CAUSE, TimelineKind.ROOT_CAUSE, TimelineKind.STATUS_UPDATE)
    pins = (commit_id(first), "0" * 40, commit_id(final), commit_id(CASE.starter))
    events = tuple(
        TimelineEvent(kind=kind, at=opened + timedelta(minutes=n), author="ada", text="found", commit=pin)
        for n, (kind, pin) in enumerate(zip(kinds, pins, strict=True))
    )
    repos = FakeRepos({"repo": {"HEAD": final, "early": first, "base": CASE.starter}})
    manifest = Manifest(case=CASE.id, mode=SubmissionMode.REPO_URL, source="repo")
    timeline = Timeline(opened_at=opened, window=timedelta(minutes=90), events=events)
    handed = receive(GradeOrder(case=CASE.id, manifest=manifest, timeline=timeline), CASE, repos)
    assert [(commit, document.text) for commit, document in handed.pinned] == [(commit_id(first), '{"n": 1}')]
    assert received(final).pinned == ()
