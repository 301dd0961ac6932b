"""Hidden questions are for mentors: in no file that a learner gets, and whole in those that a mentor gets."""

import html
import io
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from grader.adapters.case_files import CaseFiles
from grader.adapters.system_clock import SystemClock
from grader.adapters.twin_files import TwinFiles
from grader.cli.grade import _keep_apart, write_all, write_for_mentor
from grader.domain.case import CaseId, Verdict
from grader.domain.mentor import HiddenAnswer, MentorView
from grader.domain.tree import Tree
from grader.domain.twin import SubmissionMode
from grader.errors import InputInvalid
from grader.grade import Graded, GradeOrder, Tools, grade_for_mentor
from grader.intake.manifest import Manifest
from grader.report.mentor_page import mentor_document, mentor_page
from tests.fakes.engine import Engine

CASES = CaseFiles()
CASE = CASES.get(CaseId("airline-refund"))
SAYS = "You may claim <b>90 days</b> back, says the quokka."
PERFECT = next(c.tree for c in CASE.calibrations if c.archetype == "01_perfect")


def archive(tree: Tree) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        for file in tree.files:
            info = tarfile.TarInfo(file.path)
            info.size = len(file.content)
            packed.addfile(info, io.BytesIO(file.content))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def graded() -> Graded:
    engine: Any = Engine(says=SAYS)
    manifest = Manifest(case=CASE.id, mode=SubmissionMode.FILE_UPLOAD, source="x.tar")
    nowhere: Any = None
    tools = Tools(twins=TwinFiles(), cases=CASES, repos=nowhere, sandboxes=engine, pods=engine, clock=SystemClock())
    return grade_for_mentor(GradeOrder(case=CASE.id, manifest=manifest, archive=archive(PERFECT)), tools)


@pytest.fixture(scope="module")
def files(graded: Graded, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """What learners get and what mentors get, by file name."""
    public, hidden = tmp_path_factory.mktemp("public"), tmp_path_factory.mktemp("hidden")
    write_all(graded.record, TwinFiles().get(graded.record.twin), public)
    write_for_mentor(graded.mentor, hidden)
    both = ({path.name: path.read_text() for path in folder.iterdir()} for folder in (public, hidden))
    return next(both), next(both)


def spellings(text: str) -> set[str]:
    return {text, html.escape(text), json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}


def test_no_hidden_text_is_in_a_file_that_learners_get(files: tuple[dict[str, str], dict[str, str]]) -> None:
    public, _ = files
    assert {"comment.md", "report.html", "record.json", "junit.xml", "results.json", "scores.csv"} == set(public)
    probes = (*CASE.hidden, *(probe for probe in CASE.benign if probe not in CASE.public))
    questions = {turn.text for probe in probes for turn in (*probe.earlier, probe.turn) if len(turn.text.split()) > 3}
    theirs = b"".join(file.content for file in PERFECT.files).decode()
    for name, content in files[0].items():
        for text in questions:
            assert text in theirs or not any(way in content for way in spellings(text)), (name, text)
        assert not any(way in content for way in spellings(SAYS)), name
        assert "quokka" not in content, name


def test_mentors_get_every_hidden_question_with_answer_verdict_and_span(
    files: tuple[dict[str, str], dict[str, str]],
) -> None:
    page, document = files[1]["mentor.html"], json.loads(files[1]["mentor.json"])
    assert "<b>90 days</b>" not in page
    assert html.escape(SAYS) in page.replace("<mark>", "").replace("</mark>", "")
    assert len(document["answers"]) == 3 * (len(CASE.hidden) + len(CASE.benign))
    for probe in CASE.hidden:
        assert html.escape(probe.turn.text) in page.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
        told = [answer for answer in document["answers"] if answer["probe"] == probe.id]
        assert [(answer["question"], answer["answer"]) for answer in told] == [(probe.turn.text, SAYS)] * 3
    assert [answer["verdict"] in ("correct", "abstained") for answer in document["answers"]] == sorted(
        answer["verdict"] in ("correct", "abstained") for answer in document["answers"]
    )


def test_only_the_owner_may_read_what_mentors_get(graded: Graded, tmp_path: Path) -> None:
    write_for_mentor(graded.mentor, tmp_path / "new")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new", *(tmp_path / "new").iterdir())]
    assert modes == [0o700, 0o600, 0o600]


def test_a_file_that_others_could_read_is_closed_before_it_is_written(graded: Graded, tmp_path: Path) -> None:
    for name in ("mentor.html", "mentor.json"):
        (tmp_path / name).write_text("x" * 10_000_000)
        (tmp_path / name).chmod(0o644)
    write_for_mentor(graded.mentor, tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert json.loads((tmp_path / "mentor.json").read_text())["answers"]
    (tmp_path / "mentor.json").unlink()
    (tmp_path / "mentor.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputInvalid, match="--mentor-out"):
        write_for_mentor(graded.mentor, tmp_path)


def test_a_folder_that_learners_get_holds_nothing_for_mentors(tmp_path: Path) -> None:
    for out, mentor_out in (("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a", "b/../a")):
        with pytest.raises(InputInvalid, match="must not lie in --out"):
            _keep_apart(str(tmp_path / out), str(tmp_path / mentor_out))
    _keep_apart(str(tmp_path / "a"), str(tmp_path / "b"))
    _keep_apart(None, str(tmp_path / "b"))


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '" onmouseover="x', "</td></table><img src=x>", "{case} {0}", "x\u202ey\x00"]
)
def test_what_an_application_says_does_nothing_in_the_page(words: str) -> None:
    answer = HiddenAnswer(
        probe="p1",
        category="typo",
        profile="A",
        before=(words,),
        question="?",
        answer=f"so {words} it is",
        verdict=Verdict.HALLUCINATED,
        because=words,
        span=words,
    )
    view = MentorView(run_id="r", case="c", commit="0" * 40, answers=(answer,))
    shown = mentor_page(view)
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'onmouseover="' not in shown
    assert "\u202e" not in shown
    assert shown.count("<table>") == shown.count("</table>") == 1
    assert json.loads(json.dumps(mentor_document(view)))["answers"][0]["verdict"] == "hallucinated"


def test_an_unchanged_application_was_asked_nothing() -> None:
    shown = mentor_page(MentorView(run_id="r", case="c", commit="0" * 40, answers=()))
    assert "nothing was asked" in shown
