"""The workflows of the example course, run by act: real composite action, real sandbox, a real submission.

GitHub is the fake, over HTTP, checked on every exchange; the artifact service is a folder. Not modelled by act and
therefore not shown here: a job's own permissions, concurrency groups, and what a fork may do.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import wiring
from grader.adapters.ed25519_signer import KeyFiles, verify
from grader.config import Settings
from grader.domain.attempt import Phase
from tests.fakes.github import webhooks
from tests.fakes.github.classroom import HEADS, REPO, SUBMISSION, Classroom
from tests.fakes.github.server import GitHubServer, serving
from tests.fakes.github.world import World

pytestmark = [pytest.mark.docker, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "examples/submissions-repo"

SECRET = "a-token-of-the-job-that-nobody-may-see"
ACTION = "your-org/grader@0123456789abcdef0123456789abcdef01234567"
STANDS_IN = {
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": ROOT / "tests/e2e/actions/upload",
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": ROOT / "tests/e2e/actions/download",
}


class Runner:
    """Runs a workflow of the course for an event, as GitHub would."""

    def __init__(self, server: GitHubServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.checkout = folder / "cohort"
        shutil.copytree(COURSE, self.checkout)
        for command in (
            ("init", "-q", "-b", "main"),
            ("add", "-A"),
            ("-c", "user.name=o", "-c", "user.email=o@example.org", "commit", "-qm", "Course"),
            ("remote", "add", "origin", f"https://github.com/{REPO}.git"),
        ):
            subprocess.run(("git", *command), cwd=self.checkout, check=True)
        (folder / "artifacts").mkdir()
        self.action = folder / "action"
        for name in ("action.yml", "scripts", "requirements-run.lock", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            self.action.mkdir(exist_ok=True)
            copy(ROOT / name, self.action / name)

    def run(self, event: str, payload: dict[str, Any], workflow: str, *, keys: str = "") -> str:
        path = self.folder / "event.json"
        path.write_text(json.dumps(payload))
        places = {**STANDS_IN, ACTION: self.action}
        local = [part for uses, at in places.items() for part in ("--local-repository", f"{uses}={at}")]
        variables = {
            "GITHUB_API_URL": self.server.url,
            "ARTIFACTS": str(self.folder / "artifacts"),
            "ACTION_HOME": sys.prefix,  # what the action would install from the lock; the rest of it runs as it is
            "GRADER_RUNTIME": os.environ.get("GRADER_RUNTIME", ""),
        }
        given = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
        secrets = self.folder / "secrets"
        secrets.write_text(f"GITHUB_TOKEN={SECRET}\nGRADER_KEYS={json.dumps(keys)}\n")
        done = subprocess.run(
            [
                str(Path(sys.executable).parent / "act"), event, "-e", str(path), "-W", f".github/workflows/{workflow}",
                "-P", "ubuntu-24.04=-self-hosted", "--pull=false", "--secret-file", str(secrets), *given, *local,
            ],
            cwd=self.checkout, capture_output=True, text=True, timeout=900,
        )  # fmt: skip
        told = done.stdout + done.stderr
        assert done.returncode == 0, told[-6000:]
        return told


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Classroom, Runner, GitHubServer]]:
    with serving(World()) as server:
        room = Classroom(server.world)
        yield room, Runner(server, tmp_path), server
        assert server.contract.violations == []


class Watch:
    """Looks at every container of the engine while it runs: what it is given, and whether a token is among it."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            names = subprocess.run(["docker", "ps", "-q", "--no-trunc"], capture_output=True, text=True).stdout.split()
            for name in set(names) - set(self.seen):
                told = subprocess.run(["docker", "inspect", name], capture_output=True, text=True)
                if told.returncode == 0:
                    self.seen[name] = told.stdout


def hand_in(room: Classroom, folder: Path) -> None:
    """The shipped sample, as an archive beside its manifest."""
    case = wiring.cases(Settings()).get(wiring.samples().case_of("good"))
    sample = wiring.samples().build("good", case.starter, folder)
    archive = subprocess.run(
        ["git", "--git-dir", str(folder / "good" / "repository.git"), "archive", "--format=zip", "HEAD"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    manifest = sample.manifest.read_text().replace('"repo_url"', '"file_upload"')
    manifest = manifest.replace('repo_url = "repository.git"', 'archive = "work.zip"')
    room.world.put_file(REPO, SUBMISSION, manifest.encode(), HEADS[0])
    room.world.put_file(REPO, "submissions/learner/work.zip", archive, HEADS[0])


def talk(room: Classroom, folder: Path) -> None:
    """The sample's incident channel, posted as comments at the same distances from the start."""
    commands = {"status_update": "status", "root_cause": "root-cause", "hotfix": "hotfix", "resolved": "resolved"}
    timeline = json.loads((folder / "good" / "timeline.json").read_bytes())
    passed = 0.0
    for event in timeline["events"]:
        minutes = _minutes(event["at"]) - _minutes(timeline["opened_at"])
        room.world.tick(minutes=minutes - passed)
        passed = minutes
        room.say("learner", f"/{commands[event['kind']]} {event['text']}")


def _minutes(moment: str) -> float:
    hours, minutes, seconds = (float(part) for part in moment[11:19].split(":"))
    return hours * 60 + minutes + seconds / 60


def test_a_learner_hands_in_is_graded_and_a_mentor_signs_off(
    site: tuple[Classroom, Runner, GitHubServer], tmp_path: Path
) -> None:
    room, runner, server = site
    server.tokens[SECRET] = server.tokens.pop("ghs_all")
    hand_in(room, tmp_path / "sample")
    KeyFiles(tmp_path / "keys").make()
    keys = "".join((tmp_path / "keys" / name).read_text() for name in ("ed25519.pem", "p256.pem"))
    comment(room, runner, "learner", "/start", keys)
    assert room.attempt.phase is Phase.LIVE
    talk(room, tmp_path / "sample")
    with Watch() as watch:
        ready(room, runner)
    assert watch.seen
    assert not any(SECRET in told for told in watch.seen.values())
    unjudged = [dimension for dimension, points in pre_scores(room).items() if points is None]
    assert len(unjudged) < 5
    room.world.tick(hours=2)
    by_hand = "".join(f"/score {dimension} 0.80 read by hand\n" for dimension in unjudged)
    comment(room, runner, "mia", f"{by_hand}/confirm\n/assert llm.ops.incident-response 0.8\n/signoff", keys)
    (tmp_path / "comment.md").write_text(room.shown)
    assert room.attempt.phase is Phase.SIGNED_OFF, room.shown
    assert len(room.world.bot_comments(REPO, 7)) == 1
    assert [check[:2] for check in room.checks] == [("completed", "success")]
    credential = room.world.repository(REPO).files[("main", f"credentials/{room.learner}-jt-incident-4.json")]
    assert verify(credential).reason == ""


def comment(room: Classroom, runner: Runner, login: str, body: str, keys: str) -> None:
    """Somebody comments, and the workflow that this starts."""
    written = room.world.comment(REPO, 7, login, body)
    payload = webhooks.issue_comment(room.world, REPO, 7, written)
    assert webhooks.problems("issue-comment-created", payload) == []
    runner.run("issue_comment", payload, "commands.yml", keys=keys)


def ready(room: Classroom, runner: Runner) -> None:
    """The learner marks the pull request as ready for review, and the workflow that this starts."""
    room.world.ready(REPO, 7)
    payload = webhooks.pull_request(room.world, REPO, 7, "ready_for_review")
    assert webhooks.problems("pull-request-ready-for-review", payload) == []
    runner.run("pull_request_target", payload, "grade.yml")


def pre_scores(room: Classroom) -> dict[str, Any]:
    """What the grading job proposed."""
    run = room.attempt.run
    assert run is not None, room.shown
    return dict(run.pre_scores)


def test_the_sweep_runs_too(site: tuple[Classroom, Runner, GitHubServer]) -> None:
    room, runner, server = site
    server.tokens[SECRET] = server.tokens.pop("ghs_all")
    room.graded()
    room.world.tick(hours=25)
    runner.run("schedule", {"schedule": "17,47 * * * *", "repository": room.world.repository_object(REPO)}, "sweep.yml")
    assert "24 h have passed" in room.shown
