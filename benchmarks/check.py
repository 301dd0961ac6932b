"""How long a verdict takes, as ratios to what one would do without the grader; all measured in one run on one machine.

    .venv/bin/python benchmarks/check.py [--rounds 10]

Compared, for a suite of 20 quick tests and for one of 5 seconds: pytest run twice by hand; one plain `docker run` that
does both; autograder-sandbox doing both (installed into a temporary folder for this run); the grader's before and
after in warm and in cold containers; the grader's whole verdict without mutants. Then 8 submissions, 2 at a time, where
`docker run` is also given a container for each side, as the grader's two sides have: what that alone costs.
Rounds are interleaved, so that the machine's load falls on all alike; the figures are medians.
"""

import argparse
import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader import wiring
from grader.adapters.docker_sandbox import DockerSandboxes
from grader.check import CheckOrder, Tools, check
from grader.config import read
from grader.domain.comparison import CheckVerdict
from grader.domain.observation import Outcome
from grader.domain.sandbox import EnvironmentRecipe, ImageId
from grader.domain.tree import File, Tree
from grader.execution.suite import Setting, SuiteRun, run_suite

SUBMISSIONS = 8
WORKERS = 2
PEER = "autograder-sandbox==6.0.0"
PEER_IMAGE = "grader-benchmark-peer"
APP = "def double(n):\n    return n {operator} 2\n"
TEST = "def test_{n}():\n    time.sleep({seconds})\n    assert double({n} + 3) == 2 * ({n} + 3)\n\n\n"
SUITES = {"20 quick tests": 0.0, "5-second suite": 0.25}
"""By name: seconds that each of 20 tests sleeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One change, as folders, as trees and as a repository."""

    folder: Path
    before: Tree
    after: Tree

    @property
    def repository(self) -> Path:
        return self.folder / "repository"


def make_subject(folder: Path, seconds: float) -> Subject:
    tests = "import time\n\nfrom app import double\n\n\n"
    tests += "".join(TEST.format(n=n, seconds=seconds) for n in range(20))
    test = File(path="tests/test_app.py", content=tests.encode())
    sides = {"before": "+", "after": "*"}
    trees = {}
    for side, operator in sides.items():
        app = File(path="app.py", content=APP.format(operator=operator).encode())
        trees[side] = Tree.of([app, test])
        _write(folder / side, trees[side])
    _commit(folder / "repository", trees["before"].without([test.path]), "base")
    _commit(folder / "repository", trees["after"], "fix")
    return Subject(folder=folder, before=trees["before"], after=trees["after"])


def _write(folder: Path, tree: Tree) -> None:
    for file in tree.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _commit(folder: Path, tree: Tree, name: str) -> None:
    _write(folder, tree)
    git = ["git", "-C", str(folder), "-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", name], ["tag", name]):
        subprocess.run([*git, *arguments], check=True)


class ByHand:
    """pytest in this environment, once a side; without this project's many plugins, which another would not have."""

    def __call__(self, subject: Subject) -> None:
        for side, wanted in (("before", 1), ("after", 0)):
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            done = subprocess.run(command, cwd=subject.folder / side, capture_output=True, env=_plain())
            assert done.returncode == wanted, done.stdout


class PlainDocker:
    """`docker run` with default settings and both folders mounted: one that does both sides, or one for each side."""

    def __init__(self, image: str, *, apart: bool = False) -> None:
        self.image = image
        self.scripts = [f"cd /s/{side}; python3 -m pytest -q; true" for side in ("before", "after")]
        if not apart:
            self.scripts = ["; ".join(self.scripts)]

    def __call__(self, subject: Subject) -> None:
        options = ["--rm", "-v", f"{subject.folder}:/s", "-e", "PYTHONDONTWRITEBYTECODE=1"]
        for script in self.scripts:
            command = ["docker", "run", *options, self.image, "sh", "-c", script]
            assert subprocess.run(command, capture_output=True).returncode == 0


class Peer:
    """autograder-sandbox, one sandbox that does both."""

    def __init__(self, image: str, folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), PEER]
        subprocess.run(command, check=True)
        sys.path.append(str(folder))
        self.module = importlib.import_module("autograder_sandbox")
        lines = [f"FROM {image}", "USER root", "RUN useradd autograder && mkdir -p /home/autograder/working_dir \\"]
        lines += ["  && chown -R autograder /home/autograder", "WORKDIR /home/autograder/working_dir", ""]
        build = ["docker", "build", "-q", "-t", PEER_IMAGE, "-"]
        environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
        subprocess.run(build, input="\n".join(lines).encode(), check=True, capture_output=True, env=environment)

    def __call__(self, subject: Subject) -> None:
        with self.module.AutograderSandbox(docker_image=PEER_IMAGE) as sandbox:
            sandbox.add_files(str(subject.folder / "before"), str(subject.folder / "after"))
            for side, wanted in (("before", 1), ("after", 0)):
                script = f"cd {side}; PYTHONDONTWRITEBYTECODE=1 python3 -m pytest -q -p no:cacheprovider"
                done = sandbox.run_command(["sh", "-c", script], timeout=60)
                assert done.return_code == wanted


class Ours:
    """The grader's before and after, each in a container of its own, at the same time."""

    def __init__(self, sandboxes: DockerSandboxes, image: ImageId) -> None:
        self.sandboxes = sandboxes
        self.setting = Setting(image=image)
        self.order = self.setting.order(SuiteRun(tree=Tree(()), modules=(), test_files=frozenset()))

    def warm(self, count: int = 2) -> None:
        """Start containers and give them the time to import pytest."""
        self.sandboxes.expect(self.order, count)
        time.sleep(2.0)

    def announce(self, submissions: int) -> None:
        """Let containers be started ahead for what is coming, as `grader check` does."""
        self.sandboxes.expect(self.order, 2 * submissions)

    def __call__(self, subject: Subject) -> None:
        with ThreadPoolExecutor(2) as pool:
            red, green = pool.map(self._run, (subject.before, subject.after))
        assert (red, green) == ({Outcome.FAILED}, {Outcome.PASSED})

    def _run(self, tree: Tree) -> set[Outcome]:
        tests = ("tests/test_app.py",)
        run = SuiteRun(tree=tree, modules=tests, test_files=frozenset(tests))
        return {test.outcome for test in run_suite(self.sandboxes, self.setting, run).tests}


class Verdict:
    """The whole of `grader check --no-mutants`, in this process."""

    def __init__(self, sandboxes: DockerSandboxes) -> None:
        self.tools = Tools(repos=wiring.repos(read({})), sandboxes=sandboxes)

    def __call__(self, subject: Subject) -> None:
        report = check(CheckOrder(repository=str(subject.repository), base="base", fix="fix", mutants=0), self.tools)
        assert report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER, report


def _plain() -> dict[str, str]:
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _timed(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def single(subject: Subject, ways: dict[str, Callable[[Subject], None]], ours: Ours, rounds: int) -> dict[str, float]:
    """Median seconds of each way, rounds interleaved."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            if "warm" in name:
                ours.warm()
            seen[name].append(_timed(lambda way=way: way(subject)))  # type: ignore[misc]
    return {name: statistics.median(times) for name, times in seen.items()}


def many(subject: Subject, ways: dict[str, Callable[[Subject], None]]) -> dict[str, float]:
    """Seconds for all submissions, two at a time."""

    def all_of_them(way: Callable[[Subject], None]) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(way, [subject] * SUBMISSIONS))

    return {name: _timed(lambda way=way: all_of_them(way)) for name, way in ways.items()}  # type: ignore[misc]


def show(console: Console, title: str, seconds: dict[str, float], reference: str) -> None:
    table = Table("way", "seconds", f"ratio to {reference}", title=title, title_justify="left")
    for name, value in seconds.items():
        table.add_row(name, f"{value:.2f}", f"{value / seconds[reference]:.2f}")
    console.print(table)


def held(console: Console, what: str, ratio: float, bound: float) -> bool:
    """Print whether a ratio keeps its bound."""
    well = ratio <= bound
    console.print(f"{'[green]holds[/]' if well else '[red]fails[/]'}  {what}: {ratio:.2f}, at most {bound}")
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    console, scratch = Console(width=100), Path(tempfile.mkdtemp(prefix="grader-benchmark-"))
    try:
        return 0 if all(_measure(console, scratch, rounds)) else 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _measure(console: Console, scratch: Path, rounds: int) -> list[bool]:
    sandboxes = wiring.sandboxes(read({key: value for key, value in os.environ.items() if key.startswith("GRADER_")}))
    image = sandboxes.environment(EnvironmentRecipe())
    ours, hand, plain = Ours(sandboxes, image), ByHand(), PlainDocker(image)
    peer, verdict = Peer(image, scratch / "peer"), Verdict(sandboxes)
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {rounds} rounds, medians")
    ways: dict[str, Callable[[Subject], None]] = {
        "pytest by hand, twice": hand,
        "grader, before + after, warm": ours,
        "grader, before + after, cold": ours,
        "grader, whole verdict, no mutants": verdict,
        "plain docker run, both": plain,
    }
    apart = PlainDocker(image, apart=True)
    results, crowds = {}, {}
    for name, seconds in SUITES.items():
        subject = make_subject(scratch / name.replace(" ", "-"), seconds)
        results[name] = single(subject, ways, ours, rounds)
        peers = single(subject, {"autograder-sandbox, both": peer}, ours, max(1, rounds // 5))
        show(console, name, results[name] | peers, "pytest by hand, twice")
        ours.announce(SUBMISSIONS)
        several: dict[str, Callable[[Subject], None]] = {
            "grader, before + after": ours,
            "plain docker run": plain,
            "plain, a container a side": apart,
            "autograder-sandbox": peer,
        }
        crowds[name] = many(subject, several)
        show(console, f"{SUBMISSIONS} submissions, {WORKERS} at a time, {name}", crowds[name], "plain docker run")
    one = results["20 quick tests"]
    by_hand = one["pytest by hand, twice"]
    holds = [
        held(console, "warm before + after / by hand", one["grader, before + after, warm"] / by_hand, 1.0),
        held(console, "whole verdict / by hand", one["grader, whole verdict, no mutants"] / by_hand, 3.0),
    ]
    for name, crowd in crowds.items():
        grader = crowd["grader, before + after"]
        holds.append(held(console, f"{name}, 8 at once / plain docker run", grader / crowd["plain docker run"], 0.8))
        holds.append(
            held(console, f"{name}, 8 at once / autograder-sandbox", grader / crowd["autograder-sandbox"], 0.2)
        )
    return holds


if __name__ == "__main__":
    sys.exit(main())
