"""`grader github` as the workflows call it, in this process, over HTTP, every request checked against GitHub's own."""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from grader import cli, wiring
from grader.adapters.ed25519_signer import KeyFiles, verify
from grader.adapters.github_host.api import Patience
from grader.domain.ledger import verify as verify_ledger
from grader.intake.order import read_order
from grader.reconcile import reconcile
from tests.fakes.github.classroom import REPO, Classroom
from tests.fakes.github.server import Fault, GitHubServer, serving
from tests.fakes.github.world import World

FAST = Patience(timeout=5, tries=4, backoff=0.01, between_writes=0, secondary_limit=0.05, longest_wait=2)


class Site:
    """A classroom behind HTTP, and the command line in a workflow's environment."""

    def __init__(self, server: GitHubServer, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.server = server
        self.room = Classroom(server.world)
        self.folder = folder
        self._capsys = capsys

    def event(self, document: object) -> None:
        (self.folder / "event.json").write_text(json.dumps(document))

    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "outputs").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit status and stderr."""
        sys.argv = ["grader", "github", *arguments]
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, self._capsys.readouterr().err

    def done(self, *arguments: str) -> str:
        status, told = self.run(*arguments)
        assert status == 0, told
        return told


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Site]:
    monkeypatch.setattr(wiring, "github", partial(wiring.github, patience=FAST))
    monkeypatch.setattr(sys, "argv", [])
    with serving(World()) as server:
        variables = {
            "GITHUB_API_URL": server.url,
            "GITHUB_TOKEN": "ghs_all",
            "GITHUB_REPOSITORY": REPO,
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        site = Site(server, capsys, tmp_path)
        site.event({"issue": {"number": 7}})
        yield site
        assert server.contract.violations == []


def test_from_start_to_sign_off(site: Site) -> None:
    room = site.room
    room.say("learner", "/start")
    assert "1 comments answered" in site.done("reconcile", "--dispatch")
    room.world.tick(minutes=30)
    room.world.ready(REPO, 7)
    site.event({"pull_request": {"number": 7}})
    order_file = site.folder / "order.json"
    site.done("reconcile", "--order", str(order_file))
    order = read_order(order_file.read_bytes(), where="order.json")
    assert site.outputs() == {"due": "true", "attempt": order.attempt, "run": "1"}
    result = site.folder / "result"
    result.mkdir()
    (result / "record.json").write_bytes(room.grade(order).record)
    site.done("reconcile", "--result", str(result), "--attempt", order.attempt, "--run", "1")
    assert room.checks[0][:2] == ("completed", "neutral")
    room.say("mia", "/confirm\n/signoff")
    told = site.done("reconcile", "--json", str(site.folder / "done.json"))
    assert "requests to GitHub" in told
    assert json.loads((site.folder / "done.json").read_bytes())["answered"] == 1
    assert room.checks[0][:2] == ("completed", "success")
    assert len(room.world.bot_comments(REPO, 7)) == 1


@pytest.fixture
def keys(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course's keys, where a run looks for them."""
    state = site.folder / "state"
    monkeypatch.setenv("GRADER_STATE", str(state))
    KeyFiles(state / "keys").make()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("delivery", ["commit", "artifact"])
def test_a_passing_sign_off_earns_a_credential_once(site: Site, delivery: str) -> None:
    room, folder = site.room, site.folder
    mentors = [room.world.users["mia"]["id"]]
    room.course(mentors=mentors, more=f'credentials = "{delivery}"\n')
    room.graded()
    room.say("mia", "/confirm\n/signoff")
    told = site.done("reconcile", "--credentials", str(folder / "out"))
    assert "issued urn:" in told
    assert "issued" not in site.done("reconcile", "--credentials", str(folder / "out"))
    name = f"{room.learner}-jt-incident-4.json"
    if delivery == "commit":
        content = room.world.repository(REPO).files[("main", f"credentials/{name}")]
        assert f"credentials/{name}" in room.shown
    else:
        content = (folder / "out" / name).read_bytes()
    found = verify(content)
    assert (found.reason, found.form) == ("", "embedded proof")
    assert "**Credential:**" in room.shown
    assert [e.kind for e in room.notebook.entries("enrollment/")].count("CredentialIssued") == 1


@pytest.mark.usefixtures("keys")
def test_a_run_that_died_after_issuing_delivers_the_same_credential(site: Site) -> None:
    room = site.room
    room.graded()
    room.say("mia", "/confirm\n/signoff")
    site.server.faults = [Fault(match="PUT .*contents/credentials", status=500, times=99)]
    assert site.run("reconcile", "--credentials", "x")[0] == 3
    site.server.faults = []
    site.done("reconcile", "--credentials", "x")
    assert [e.kind for e in room.notebook.entries("enrollment/")].count("CredentialIssued") == 1
    assert ("main", f"credentials/{room.learner}-jt-incident-4.jwt") in room.world.repository(REPO).files


@pytest.mark.parametrize("status", [404, 500])
def test_when_the_permission_cannot_be_asked_the_answer_is_no(site: Site, status: int) -> None:
    site.room.graded()
    comment = site.room.say("mia", "/confirm")
    site.server.faults = [Fault(match="GET .*/permission", status=status, times=99)]
    site.done("reconcile")
    assert site.room.answers(comment)[0].startswith("no GitHub did not say")
    site.server.faults = []
    assert site.room.tell("mia", "/confirm") == "ok accepted"


def test_grading_refuses_to_run_beside_a_token(site: Site) -> None:
    status, told = site.run("grade", "--order", "order.json", "--result", "result")
    assert (status, "take it out" in told) == (2, True)


def test_a_command_that_needs_grading_wakes_it_once(site: Site) -> None:
    site.room.say("learner", "/start\n/submit")
    for _ in range(3):
        site.done("reconcile", "--dispatch")
    dispatched = site.room.world.repository(REPO).dispatched
    assert dispatched == [("grade.yml", {"ref": "main", "inputs": {"pr": "7"}})]


def test_what_a_comment_asked_while_the_result_came_is_woken_by_the_report(site: Site) -> None:
    room = site.room
    room.say("learner", "/start\n/submit")
    site.done("reconcile")
    outputs = site.outputs()
    result = site.folder / "result"
    result.mkdir()
    (result / "failure.txt").write_text("no container engine answers")
    site.done("reconcile", "--dispatch", "--result", str(result), "--attempt", outputs["attempt"], "--run", "1")
    assert room.world.repository(REPO).dispatched == []
    room.say("mia", "/regrade")
    site.done("reconcile", "--dispatch", "--result", str(result), "--attempt", outputs["attempt"], "--run", "1")
    assert len(room.world.repository(REPO).dispatched) == 1


@pytest.mark.usefixtures("keys")
def test_a_better_second_attempt_supersedes_the_credential_of_the_first(site: Site) -> None:
    room = site.room
    room.graded()
    room.say("mia", "/confirm\n/signoff")
    site.done("reconcile", "--credentials", "x")
    name = ("main", f"credentials/{room.learner}-jt-incident-4.json")
    first = room.world.repository(REPO).files[name]
    room.tell("learner", "/reattempt\n/submit")
    order = room.run().order
    assert order is not None
    room.run(room.grade(order))
    room.say("mia", "/score diagnosis_speed 1.0 named at once\n/confirm\n/signoff")
    assert "issued" in site.done("reconcile", "--credentials", "x")
    second = room.world.repository(REPO).files[name]
    assert json.loads(first)["id"] != json.loads(second)["id"]
    kinds = [e.kind for e in room.notebook.entries("enrollment/")]
    assert (kinds.count("CredentialIssued"), kinds.count("CredentialSuperseded")) == (2, 1)
    assert json.loads(second)["id"] in room.shown


def test_four_runs_at_once_over_http_end_as_one_would(site: Site) -> None:
    room = site.room
    room.say("learner", "/start")
    room.say("learner", "/status one")
    room.say("learner", "/submit")

    def run() -> int:
        return reconcile(wiring.github(os.environ).desk, 7).answered

    for _ in range(2):
        with ThreadPoolExecutor(4) as pool:
            answered = [each.result() for each in [pool.submit(run) for _ in range(4)]]
    assert sum(answered) == 0
    assert verify_ledger(room.notebook.entries()) is None
    assert room.kinds() == ["Started", "UpdatePosted", "Submitted", "GradeRequested"]
    assert [e.kind for e in room.notebook.entries("conversation/")].count("CommentAnswered") == 3
    assert len(room.world.bot_comments(REPO, 7)) == 1
    assert len(room.checks) == 1
    assert [content for _, content, _ in room.world.repository(REPO).reactions] == ["+1"] * 3


def test_a_grading_that_was_lost_is_woken_by_the_sweep(site: Site) -> None:
    site.room.say("learner", "/start\n/submit")
    site.done("reconcile")
    site.done("sweep")
    assert site.room.world.repository(REPO).dispatched == []
    site.room.world.tick(minutes=61)
    site.done("sweep")
    assert len(site.room.world.repository(REPO).dispatched) == 1


def test_the_sweep_reminds_once_however_often_it_runs(site: Site) -> None:
    site.room.graded()
    site.room.world.tick(hours=25)
    for _ in range(3):
        site.done("sweep")
    assert [e.kind for e in site.room.notebook.entries("conversation/")].count("Reminded") == 1


def test_one_bad_pull_request_does_not_stop_the_sweep(site: Site) -> None:
    site.room.graded()
    site.room.open(8)
    site.room.world.repository(REPO).labels[8] = {"grader:live"}
    site.server.faults = [Fault(match="GET .*/pulls/7$", status=500, times=99)]
    status, told = site.run("sweep")
    assert status == 3
    assert "pull request 8: 0 comments" in told
    assert "1 of 2 pull requests failed" in told


def test_a_large_cohort_is_swept_in_parts_and_nobody_is_left_out(site: Site) -> None:
    numbers = set(range(8, 13))
    for number in numbers:
        site.room.open(number, author=f"learner-{number}")
        site.room.say(f"learner-{number}", "/start", number)
        site.room.run(number=number)
    seen: set[int] = set()
    for _ in range(10):
        site.room.world.tick(minutes=7)
        site.server.remaining = 100
        told = site.done("sweep", "--json", str(site.folder / "sweep.json"))
        swept = json.loads((site.folder / "sweep.json").read_bytes())["pulls"]
        assert 2 <= len(swept) <= 3
        assert f"{len(numbers) - len(swept)} pull requests are left to the next sweeps" in told
        seen.update(swept)
        if seen == numbers:
            return
    pytest.fail(f"only {sorted(seen)} were swept")


def test_a_sweep_leaves_what_the_hour_still_allows_to_the_learners(site: Site) -> None:
    site.room.graded()
    site.server.remaining = 50
    assert "1 pull requests are left" in site.done("sweep")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(match="POST .*comments$", after_commit=True),
        Fault(match="PATCH .*comments", status=403, body={"message": "You have exceeded a secondary rate limit"}),
        Fault(match="POST .*check-runs", after_commit=True),
        Fault(match="POST .*git/refs", after_commit=True),
        Fault(match="PATCH .*git/refs", after_commit=True),
        Fault(match="PATCH .*git/refs", status=0, after_commit=True),
        Fault(match="POST .*git/trees", status=502),
        Fault(match="GET .*", status=429, times=3),
    ],
    ids=lambda fault: f"{fault.match}-{fault.status}",
)
def test_faults_on_the_way_end_in_the_same_state(site: Site, fault: Fault) -> None:
    room = site.room
    room.say("learner", "/start")
    site.server.faults = [fault]
    site.done("reconcile")
    room.say("learner", "/status one\n/submit")
    fault.times = 1
    site.done("reconcile")
    assert room.kinds() == ["Started", "Saved", "UpdatePosted", "Submitted", "GradeRequested"]
    assert len(room.world.bot_comments(REPO, 7)) == 1
    assert len(room.checks) == 1


@pytest.mark.parametrize(
    ("event", "arguments", "status", "told"),
    [
        ({"issue": {"number": 99}}, (), 2, "no pull request 99"),
        ({"schedule": "x"}, (), 2, "give --pr N"),
        ({"inputs": {"pr": "7; rm -rf /"}}, (), 2, "give --pr N"),
        ({}, ("--pr", "0"), 2, "--pr"),
        ({"issue": {"number": 7}}, ("--result", "x"), 2, "--attempt and --run"),
    ],
)
def test_bad_calls_are_one_line(
    site: Site, event: dict[str, object], arguments: tuple[str, ...], status: int, told: str
) -> None:
    site.event(event)
    ended, words = site.run("reconcile", *arguments)
    assert (ended, words.count("\n")) == (status, 1)
    assert told in words


def test_without_a_token_or_with_a_wrong_one_it_says_what_to_do(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret_wrong")
    status, told = site.run("reconcile")
    assert status == 2
    assert "ghs_secret_wrong" not in told
    monkeypatch.delenv("GITHUB_TOKEN")
    assert site.run("reconcile") == (
        2,
        "grader: GITHUB_TOKEN and GITHUB_REPOSITORY (owner/name) are needed; the Action sets both\n",
    )


@pytest.mark.parametrize(("name", "limit"), [("record.json", "MAX_RECORD"), ("failure.txt", "MAX_FAILURE")])
def test_a_result_that_is_too_large_is_a_failure_of_ours_and_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, limit: str
) -> None:
    monkeypatch.setattr(f"grader.cli.github.{limit}", 100)
    site.room.say("learner", "/start\n/submit")
    site.done("reconcile")
    outputs = site.outputs()
    (site.folder / name).write_bytes(b" " * 101)
    site.done("reconcile", "--result", str(site.folder), "--attempt", outputs["attempt"], "--run", "1")
    assert "grading failed on our side" in site.room.shown
    assert "is larger than 100 bytes" in site.room.shown


def test_a_grading_job_that_died_is_a_failure_of_ours(site: Site) -> None:
    site.room.say("learner", "/start\n/submit")
    site.done("reconcile")
    outputs = site.outputs()
    site.done("reconcile", "--result", str(site.folder / "none"), "--attempt", outputs["attempt"], "--run", "1")
    assert "grading failed on our side" in site.room.shown
