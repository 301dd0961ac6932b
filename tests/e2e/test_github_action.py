"""The workflows of the example course, run by act: real composite action, real sandbox, a real submission.

GitHub is the fake, over HTTP, checked on every exchange; the artifact service is a folder. Not modelled by act and
therefore not shown here: a job's own permissions, concurrency groups, and what a fork may do.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import wiring
from grader.adapters.ed25519_signer import KeyFiles, verify
from grader.config import Settings
from grader.domain.attempt import Phase
from tests.fakes.github.classroom import HEADS, REPO, SUBMISSION, Classroom
from tests.fakes.github.runner import SECRET, Runner, Watch, comment, ready
from tests.fakes.github.server import GitHubServer, serving
from tests.fakes.github.world import World

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Classroom, Runner, GitHubServer]]:
    with serving(World()) as server:
        room = Classroom(server.world)
        yield room, Runner(server, tmp_path), server
        assert server.contract.violations == []


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
    assert watch.leaks == []
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


def test_the_watch_would_see_a_token_in_an_environment_and_in_a_mount(tmp_path: Path) -> None:
    """The test above can fail: the same look at two containers that are given a token."""
    images = subprocess.run(["docker", "images", "-q"], capture_output=True, text=True, check=True).stdout.split()
    (tmp_path / "token").write_text(SECRET)
    given = (("-e", f"TOKEN={SECRET}"), ("-v", f"{tmp_path}:/given:ro"))
    names: list[str] = []
    with Watch() as watch:
        for options in given:
            started = subprocess.run(
                ["docker", "run", "-d", "--network=none", *options, "--entrypoint", "sleep", images[0], "60"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            names.append(started.stdout.strip())
        until = time.monotonic() + 30
        while set(names) - set(watch.seen) and time.monotonic() < until:
            time.sleep(0.2)
    subprocess.run(["docker", "rm", "-f", *names], capture_output=True, check=True)
    assert {leak.partition(": ")[2] for leak in watch.leaks} == {"in its settings", str(tmp_path / "token")}
