"""`grader grade` and `grader demo` as installed: the shipped samples on a real engine, and every exit code."""

import html
import io
import json
import os
import re
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from grader.adapters.case_files import CaseFiles
from grader.adapters.sample_files import SampleFiles
from grader.domain.case import CaseId
from grader.report.record_file import decode

GRADER = str(Path(sys.executable).with_name("grader"))
CASE = ("--case", "airline-refund")
FILES = {"record.json", "comment.md", "report.html", "results.json", "junit.xml", "scores.csv"}


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [GRADER, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, env={**os.environ, **environment})
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Nothing is remembered from before this module."""
    return str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, state: str) -> tuple[Path, dict[str, Any]]:
    """All samples graded once: the folder, and the records by name."""
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--out", folder, "--json", "-", GRADER_STATE=state)
    assert (done.returncode, done.stderr) == (0, "")
    return folder, json.loads(done.stdout)["records"]


def points(record: dict[str, Any]) -> dict[str, float | None]:
    return {score["dimension"]: score["points"] for score in record["pre_scores"]}


@pytest.mark.docker
@pytest.mark.slow
def test_the_good_sample_earns_nearly_everything(demo: Any) -> None:
    record = demo[1]["good"]
    found = points(record)
    assert record["schema"] == "grader/record/1"
    assert {check["id"]: check["verdict"] for check in record["checks"]}["before_after"] == "passed"
    assert (found["hotfix_correctness"] or 0) >= 0.95
    assert (found["regression_safety"] or 0) >= 0.9
    assert (found["postmortem_quality"] or 0) >= 0.9
    assert (found["communication"] or 0) >= 0.8
    assert (found["diagnosis_speed"] or 0) >= 0.8
    assert record["overall"] >= 0.9
    assert record["would_pass"] is True
    assert [(a["answer"], a["observed"]) for a in record["submission"]["self_checks"]] == [(True, True)] * 3
    assert record["flags"] == []


@pytest.mark.docker
@pytest.mark.slow
def test_a_test_that_does_not_fail_before_guards_nothing(demo: Any) -> None:
    record = demo[1]["green-before"]
    found = points(record)
    assert found["regression_safety"] == 0
    assert 0.3 <= (found["hotfix_correctness"] or 0) <= 0.8
    assert [flag["id"] for flag in record["flags"]] == ["self_check_mismatch"]
    advised = {item["dimension"] for item in record["details"]["advice"]}
    assert advised >= {"diagnosis_speed", "hotfix_correctness", "regression_safety"}
    assert record["would_pass"] is False
    assert {test["before"] for test in record["details"]["tests"]} == {"passed"}


@pytest.mark.docker
@pytest.mark.slow
def test_no_test_and_no_owners_are_named(demo: Any) -> None:
    record = demo[1]["no-test"]
    found = points(record)
    assert found["regression_safety"] == 0
    assert (found["hotfix_correctness"] or 0) <= 0.15
    assert (found["postmortem_quality"] or 0) <= 0.4
    assert found["diagnosis_speed"] == 0
    observed = {a["id"]: a["observed"] for a in record["submission"]["self_checks"]}
    assert observed == {"F1": False, "F2": False, "F3": False}
    assert {"forced_self_check", "self_check_mismatch"} == {flag["id"] for flag in record["flags"]}


@pytest.mark.docker
@pytest.mark.slow
def test_every_format_says_the_same_and_hides_the_hidden_questions(demo: Any) -> None:
    case = CaseFiles().get(CaseId("airline-refund"))
    for name, record in demo[1].items():
        folder = demo[0] / name
        assert {path.name for path in folder.iterdir()} >= FILES
        assert json.loads((folder / "record.json").read_text()) == record
        assert decode((folder / "record.json").read_bytes(), where=name).run_id == record["run_id"]
        assert ElementTree.fromstring((folder / "junit.xml").read_text()).tag == "testsuite"
        handed_in = (SampleFiles()._root / name).rglob("*.py")
        theirs = " ".join(path.read_text() for path in handed_in)
        said = " ".join((folder / file).read_text() for file in FILES)
        assert [p.id for p in case.hidden if p.turn.text in said and p.turn.text not in theirs] == []
        assert not any(variant.id in said for variant in case.variants)


@pytest.mark.docker
@pytest.mark.slow
def test_equal_runs_are_remembered_and_give_the_same_record(demo: Any, state: str, tmp_path: Path) -> None:
    manifest, timeline = (demo[0] / "good" / name for name in ("submission.toml", "timeline.json"))
    call = ("grade", *CASE, "--manifest", manifest, "--timeline", timeline, "--received-at", "2026-03-09T11:25:00Z")
    out, hidden, record_file = tmp_path / "out", tmp_path / "hidden", tmp_path / "record.json"
    done = run(*call, "--out", out, "--mentor-out", hidden, "--json", record_file, GRADER_STATE=state)
    assert done.returncode == 0, done.stderr
    _only_mentors_see_the_hidden_questions(hidden, [done.stdout, done.stderr, record_file.read_text()], out)
    record, first = json.loads(record_file.read_text()), demo[1]["good"]
    for document in (record, first):
        document["provenance"].update(runs=0, seconds=0)
    assert record == first


def _only_mentors_see_the_hidden_questions(hidden: Path, said: list[str], out: Path) -> None:
    case = CaseFiles().get(CaseId("airline-refund"))
    assert {path.name for path in hidden.iterdir()} == {"mentor.html", "mentor.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in hidden.iterdir()} == {0o600}
    told = json.loads((hidden / "mentor.json").read_text())["answers"]
    answers = {answer["answer"] for answer in told}
    assert {probe.turn.text for probe in case.hidden} <= {answer["question"] for answer in told}
    assert {path.name for path in out.iterdir()} == FILES
    public = "\n".join([*said, *(path.read_text() for path in out.iterdir())])
    theirs = " ".join(path.read_text() for path in (SampleFiles()._root / "good").rglob("*.py"))
    plain = html.unescape(json_unescaped(public))
    assert [p.id for p in case.hidden if p.turn.text not in theirs and p.turn.text in plain] == []
    assert [a for a in answers if len(a) > 40 and a not in theirs and a in plain] == []
    page = html.unescape((hidden / "mentor.html").read_text())
    assert [p.id for p in case.hidden if p.turn.text not in page] == []


def json_unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text).replace('\\"', '"')


@pytest.mark.docker
@pytest.mark.slow
def test_an_upload_without_a_timeline_leaves_what_needs_one_unknown(demo: Any, state: str, tmp_path: Path) -> None:
    repository = demo[0] / "good" / "repository.git"
    archive = tmp_path / "hand-in.tar.gz"
    subprocess.run(("git", "-C", repository, "archive", "-o", archive, "main"), check=True)
    done = run("grade", *CASE, "--upload", archive, "--json", "-", GRADER_STATE=state)
    record = json.loads(done.stdout)
    found = points(record)
    assert done.returncode == 0
    assert record["submission"]["mode"] == "file_upload"
    assert found["regression_safety"] == points(demo[1]["good"])["regression_safety"]
    assert {score["reason"] for score in record["pre_scores"] if score["points"] is None} == {"no timeline"}
    assert (record["overall"], record["would_pass"]) == (None, None)


def one_line(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert [word for word in words if word not in done.stderr] == []


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    """The good sample, built but not graded."""
    case = CaseFiles().get(CaseId("airline-refund"))
    return SampleFiles().build("good", case.starter, tmp_path).manifest


def test_a_call_that_is_wrong_is_one_line_and_exit_2(handed: Path, tmp_path: Path) -> None:
    repository = handed.parent / "repository.git"
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"schema": "grader/timeline/1", "opened_at": "2026-03-01T12:00:00"}')
    one_line(run("grade", *CASE), 2, "exactly one of --repo, --upload and --manifest")
    one_line(run("grade", *CASE, "--repo", repository, "--upload", "x.zip"), 2, "exactly one of")
    one_line(run("grade", *CASE, "--upload", "x.zip", "--fix", "main"), 2, "--base and --fix go with --repo")
    one_line(run("grade", *CASE, "--upload", tmp_path / "gone.zip"), 2, "gone.zip")
    one_line(run("grade", *CASE, "--repo", repository, "--timeline", wrong), 2, "wrong.json", "opened_at", "time zone")
    one_line(run("grade", *CASE, "--repo", repository, "--received-at", "noon"), 2, "--received-at noon")
    one_line(run("grade", "--case", "no-such", "--repo", repository), 2, "unknown case", "airline-refund")
    one_line(run("grade", *CASE, "--repo", repository, "--fix", "no-such"), 2, "no-such")
    one_line(run("grade", *CASE, "--repo", tmp_path), 2, str(tmp_path))
    one_line(run("grade", *CASE, "--manifest", wrong), 2, "wrong.json")
    handed.write_text(handed.read_text().replace("airline-refund", "other-case"))
    one_line(run("grade", *CASE, "--manifest", handed), 2, "other-case")
    one_line(run("demo", "--sample", "no-such"), 2, "known are good")


def test_a_submission_that_is_refused_is_one_line_and_exit_1(handed: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.tar"
    with tarfile.open(link, "w") as archive:
        member = tarfile.TarInfo("app/x.py")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    one_line(run("grade", *CASE, "--upload", link), 1, "app/x.py", "symbolic link")
    repository = handed.parent / "repository.git"
    one_line(run("grade", *CASE, "--repo", repository, "--fix", "main~3"), 1, "nothing differs from the starter")
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as packed:
        packed.writestr("app/assistant.py", "handle = None\n")
    upload = tmp_path / "submission.zip"
    upload.write_bytes(text.getvalue())
    manifest = tmp_path / "submission.toml"
    manifest.write_text(
        'schema = "grader/submission/1"\ncase = "airline-refund"\nmode = "file_upload"\n'
        'archive = "submission.zip"\npostmortem = "report.md"\n'
    )
    one_line(run("grade", *CASE, "--manifest", manifest), 1, "postmortem", "report.md")


def test_without_an_engine_there_is_exit_3_and_no_record(handed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call = ("grade", *CASE, "--repo", handed.parent / "repository.git", "--out", out, "--json", tmp_path / "r.json")
    done = run(*call, DOCKER_HOST=f"unix://{tmp_path}/no.sock", GRADER_STATE=str(tmp_path / "state"))
    one_line(done, 3)
    assert not out.exists()
    assert not (tmp_path / "r.json").exists()
