"""Runs the workflows of the example course with act, against the fake GitHub over HTTP."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.fakes.github import webhooks
from tests.fakes.github.classroom import REPO, Classroom
from tests.fakes.github.server import GitHubServer

ROOT = Path(__file__).parents[3]
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
        self.checkout = folder / "course"
        self.uses = ACTION
        self.variables: dict[str, str] = {}
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
        places = {**STANDS_IN, self.uses: self.action}
        local = [part for uses, at in places.items() for part in ("--local-repository", f"{uses}={at}")]
        variables = {
            "GITHUB_API_URL": self.server.url,
            "ARTIFACTS": str(self.folder / "artifacts"),
            "ACTION_HOME": sys.prefix,  # what the action would install from the lock; the rest of it runs as it is
            "GRADER_RUNTIME": os.environ.get("GRADER_RUNTIME", ""),
            **self.variables,
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


class Watch:
    """Looks at every container of the engine while it runs: at all that it is given, and into what is mounted in it."""

    def __init__(self, secret: str = SECRET) -> None:
        self.seen: dict[str, str] = {}
        self.leaks: list[str] = []
        self._secret = secret
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
                    self._look_into(name, json.loads(told.stdout)[0])

    def _look_into(self, name: str, container: dict[str, Any]) -> None:
        """Environment, command, labels and the rest of what the engine knows; then each file that is mounted."""
        if self._secret in json.dumps(container):
            self.leaks.append(f"{name[:12]}: in its settings")
        for mount in container.get("Mounts", ()):
            found = subprocess.run(["grep", "-rlsF", self._secret, mount["Source"]], capture_output=True, text=True)
            self.leaks += [f"{name[:12]}: {file}" for file in found.stdout.splitlines()]


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
