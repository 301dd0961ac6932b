"""The example course's README, followed to the letter by a new operator: each of its commands is run, in its order.

GitHub's `gh` and its Git are stand-ins; the workflows are run by act with the real action, and the submission is
fetched over TLS from a real Git server, which takes github.com's place behind a proxy with its own authority.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.adapters.ed25519_signer import verify
from grader.domain.attempt import Phase
from grader.intake.course import PATH
from tests.fakes import git_https
from tests.fakes.github.classroom import HEADS, REPO, SUBMISSION, Classroom
from tests.fakes.github.runner import COURSE, ROOT, SECRET, Runner, comment
from tests.fakes.github.server import serving
from tests.fakes.github.world import World

pytestmark = [pytest.mark.docker, pytest.mark.slow]

ME, MENTOR = "learner", "mia"


@dataclass(frozen=True)
class Followed:
    """What the operator's shell left behind: the calls of `gh`, and the repositories on "GitHub"."""

    calls: list[dict[str, Any]]
    repositories: Path

    def called(self, *words: str) -> list[list[str]]:
        return [call["arguments"] for call in self.calls if call["arguments"][: len(words)] == list(words)]

    def show(self, repository: str, what: str) -> bytes:
        command = ["git", "--git-dir", str(self.repositories / f"{repository}.git"), *what.split()]
        return subprocess.run(command, capture_output=True, check=True).stdout


def blocks() -> str:
    """All shell blocks of the README, with the one value that is not ours to choose: whose course it is."""
    found = re.findall(r"^ *```sh\n(.*?)^ *```$", (COURSE / "README.md").read_text(), flags=re.M | re.S)
    script = "\n".join(found)
    assert script.count("COURSE=your-org/cohort-1\n") == 1
    return script.replace("COURSE=your-org/cohort-1\n", f"COURSE={REPO}\n")


def follow(folder: Path, accounts: dict[str, int]) -> Followed:
    """Run every command of the README in one shell, in a clone of the grader."""
    clone, tools, repositories = folder / "grader", folder / "bin", folder / "github"
    for place in (clone / ".venv/bin", tools, repositories):
        place.mkdir(parents=True)
    (clone / "examples").symlink_to(ROOT / "examples")
    (clone / ".venv/bin/grader").symlink_to(Path(sys.executable).parent / "grader")
    (tools / "gh").symlink_to(ROOT / "tests/fakes/gh")
    (folder / "gitconfig").write_text(
        f'[user]\n name = o\n email = o@example.org\n[url "{repositories}/"]\n insteadOf = https://github.com/\n'
    )
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GRADER_RUNTIME": os.environ.get("GRADER_RUNTIME", ""),
        "GH_LOG": str(folder / "gh.log"),
        "GH_ME": ME,
        "GH_ACCOUNTS": json.dumps(accounts),
        "GH_REPOSITORIES": str(repositories),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks()], cwd=clone, env=environment, capture_output=True, text=True,
        timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    calls = [json.loads(line) for line in (folder / "gh.log").read_text().splitlines()]
    return Followed(calls=calls, repositories=repositories)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[tuple[Classroom, Runner]]:
    with serving(World()) as server:
        server.tokens[SECRET] = server.tokens.pop("ghs_all")
        yield Classroom(server.world), Runner(server, tmp_path)
        assert server.contract.violations == []


def test_a_new_operator_gets_from_the_readme_to_a_credential(github: tuple[Classroom, Runner], tmp_path: Path) -> None:
    room, runner = github
    followed = follow(tmp_path, {login: user["id"] for login, user in room.world.users.items()})
    set_up(room, runner, followed)
    asked: list[str] = []
    served = git_https.serve(followed.repositories, asked, host="github.com")
    with served as (address, authority), git_https.proxied(address, "github.com") as proxy:
        runner.variables = {"https_proxy": proxy, "GIT_SSL_CAINFO": str(authority)}
        keys = next(call["stdin"] for call in followed.calls if call["arguments"][:2] == ["secret", "set"])
        said = [call[-1] for call in followed.called("pr", "comment")]
        assert said[0] == "/start"
        assert said[-1] == "/submit"
        for words in said:
            comment(room, runner, ME, words, keys)
            room.world.tick(minutes=3)
        ((workflow, body),) = room.world.repository(REPO).dispatched
        event = {"inputs": body["inputs"], "repository": room.world.repository_object(REPO)}
        runner.run("workflow_dispatch", event, workflow)
    assert any("git-upload-pack" in request for request in asked)
    assert room.attempt.phase is Phase.GRADED, room.shown
    assert len(room.world.bot_comments(REPO, 7)) == 1
    assert [check[:2] for check in room.checks] == [("completed", "neutral")]
    assert "| Hotfix correctness |" in room.shown
    unjudged = [name for name, points in dict(room.attempt.run.pre_scores).items() if points is None]  # type: ignore[union-attr]
    assert unjudged == []
    comment(room, runner, MENTOR, "/confirm\n/signoff", keys)
    assert room.attempt.phase is Phase.SIGNED_OFF, room.shown
    credential = room.world.repository(REPO).files.get(("main", f"credentials/{room.learner}-jt-incident-4.json"))
    assert room.attempt.result is not None
    assert (credential is not None) is room.attempt.result.event.passed
    assert credential is None or verify(credential).reason == ""


def set_up(room: Classroom, runner: Runner, followed: Followed) -> None:
    """Put what the operator pushed onto the fake GitHub, and check what only GitHub's own pages can show."""
    assert followed.called("repo", "create")[0][2:4] == [REPO, "--private"]
    assert followed.called("api", "-X", "PUT")[0][3] == f"repos/{REPO}/collaborators/{MENTOR}"
    (opened,) = followed.called("pr", "create")
    assert "--draft" in opened
    for workflow in ("commands", "grade", "sweep"):
        text = followed.show(REPO, f"show main:.github/workflows/{workflow}.yml").decode()
        used = set(re.findall(r"uses: (\S+/grader@\S+)", text))
        assert used == {"grader-org/grader@0123456789abcdef0123456789abcdef01234567"}
    course = followed.show(REPO, f"show main:{PATH}")
    assert f"id = {room.world.users[MENTOR]['id']}\n" in course.decode()
    room.world.put_file(REPO, PATH, course)
    manifest = followed.show(REPO, f"show try:{SUBMISSION}")
    assert f'repo_url = "https://github.com/{ME}/airline-refund"\n' in manifest.decode()
    room.world.put_file(REPO, SUBMISSION, manifest, HEADS[0])
    commit = followed.show(f"{ME}/airline-refund", "rev-parse main").decode().strip()
    room.world.revisions[(f"{ME}/airline-refund", "HEAD")] = commit
    runner.checkout = runner.folder / "cohort"
    subprocess.run(["git", "-C", str(runner.checkout), "switch", "-q", "main"], check=True)
    runner.uses = "grader-org/grader@0123456789abcdef0123456789abcdef01234567"
