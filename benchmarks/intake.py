"""Intake against `git clone` and checkout: seconds and ratios for a long history, in one run on one machine.

Usage: python benchmarks/intake.py [COMMITS [FILES]]
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from grader.adapters.git_repos import GitRepos
from grader.intake.archive import read_archive

ROUNDS = 5


def main() -> None:
    given = [int(text) for text in sys.argv[1:]]
    commits, files = [*given, *(2_000, 300)[len(given) :]]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "r.git"
        history(source, commits, files)
        zipped = git(source, "archive", "--format=zip", "main")
        ways: dict[str, Callable[[], object]] = {
            "git clone + 2 checkouts": lambda: clone_and_check_out(source),
            "intake, full ids": lambda: intake(
                source, *(git(source, "rev-parse", name).decode().strip() for name in NAMES)
            ),
            "intake, main~1 and main": lambda: intake(source, *NAMES),
            "upload of a zip": lambda: read_archive(zipped),
        }
        seconds = {name: median(timed(way) for _ in range(ROUNDS)) for name, way in ways.items()}
    first = next(iter(seconds.values()))
    print(f"{commits} commits, {files} files, median of {ROUNDS}")
    for name, taken in seconds.items():
        print(f"{name:28} {taken:7.3f} s  {taken / first:5.2f} x")


NAMES = ("main~1", "main")


def timed(way: Callable[[], object]) -> float:
    started = perf_counter()
    way()
    return perf_counter() - started


def intake(source: Path, base: str, fix: str) -> None:
    with GitRepos().open(str(source)) as repository:
        for revision in (base, fix):
            repository.tree(repository.commit(revision))


def clone_and_check_out(source: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", "--no-local", str(source), folder], check=True, capture_output=True)
        for name in NAMES:
            subprocess.run(["git", "-C", folder, "checkout", "-q", f"origin/{name}"], check=True, capture_output=True)


def history(source: Path, commits: int, files: int) -> None:
    """A bare repository in which every commit changes one of `files` files of about 4 KB."""
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", str(source)], check=True)
    stream = []
    for number in range(commits):
        changed = range(files) if number == 0 else [number % files]
        stream.append(f"commit refs/heads/main\ncommitter A <a@b> {1_700_000_000 + number} +0000\ndata 1\nc\n")
        for at in changed:
            text = "".join(f"value_{at}_{line} = {number * line}\n" for line in range(200))
            stream.append(f"M 100644 inline pkg{at % 10}/m{at}.py\ndata {len(text)}\n{text}\n")
    git(source, "fast-import", "--quiet", stdin="".join(stream).encode())


def git(source: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], cwd=source, input=stdin, capture_output=True, check=True)
    return done.stdout


if __name__ == "__main__":
    main()
