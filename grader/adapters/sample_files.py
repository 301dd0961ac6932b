"""The shipped sample submissions: plain files, made into small bare Git repositories on top of a case's starter."""

import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from grader.domain.case import CaseId
from grader.domain.tree import File, Tree
from grader.errors import InputInvalid

STARTER_AT = datetime(2026, 3, 8, 12, tzinfo=UTC)
AUTHOR = "Sample Learner <learner@example.org>"
REPOSITORY = "repository.git"
"""What the manifests of the samples call the repository beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample as a learner would have handed it in; `received_at` is what a server would have noted."""

    name: str
    title: str
    case: CaseId
    received_at: datetime
    manifest: Path
    timeline: Path


class SampleFiles:
    """The folder of samples; each holds sample.toml, submission.toml, timeline.json and one folder for each commit."""

    def __init__(self, root: Path | None = None) -> None:
        """Read from `root`; by default from the samples shipped with the package."""
        installed = Path(str(files("grader"))) / "_samples"
        checkout = Path(__file__).parents[2] / "fixtures" / "samples"
        self._root = root or (installed if installed.is_dir() else checkout)

    def names(self) -> tuple[str, ...]:
        """All samples, sorted."""
        return tuple(sorted(entry.parent.name for entry in self._root.glob("*/sample.toml")))

    def case_of(self, name: str) -> CaseId:
        """The case that a sample answers; raises InputInvalid when there is no such sample."""
        manifest = self._folder(name) / "submission.toml"
        return CaseId(tomllib.loads(manifest.read_text(encoding="utf-8"))["case"])

    def build(self, name: str, starter: Tree, into: Path) -> Sample:
        """Write the repository, the manifest and the timeline below `into/name`; what is there is replaced."""
        source, target = self._folder(name), into / name
        about = tomllib.loads((source / "sample.toml").read_text(encoding="utf-8"))
        target.mkdir(parents=True, exist_ok=True)
        _write_repository(target / REPOSITORY, _history(source, about, starter))
        for file in ("submission.toml", "timeline.json"):
            (target / file).write_bytes((source / file).read_bytes())
        return Sample(
            name=name,
            title=about["title"],
            case=self.case_of(name),
            received_at=about["received_at"],
            manifest=target / "submission.toml",
            timeline=target / "timeline.json",
        )

    def _folder(self, name: str) -> Path:
        if name not in self.names():
            raise InputInvalid(f"unknown sample {name!r}; known are {', '.join(self.names())}")
        return self._root / name


def _history(source: Path, about: dict[str, Any], starter: Tree) -> Iterator[bytes]:
    """A fast-import stream: the starter, then each commit of the sample over it."""
    yield _commit("Start from the assistant as it was handed out", STARTER_AT, starter.files)
    for commit in about["commits"]:
        folder = source / commit["folder"]
        found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
        added = [File(path=path.relative_to(folder).as_posix(), content=path.read_bytes()) for path in found]
        yield _commit(commit["message"], commit["at"], added)
    yield b"done\n"


def _commit(message: str, at: datetime, changed: tuple[File, ...] | list[File]) -> bytes:
    when = f"{int(at.timestamp())} +0000"
    head = f"commit refs/heads/main\ncommitter {AUTHOR} {when}\n".encode() + _data(message.encode())
    modes = {True: "100755", False: "100644"}
    return head + b"".join(
        f"M {modes[file.executable]} inline {file.path}\n".encode() + _data(file.content) for file in changed
    )


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"


def _write_repository(path: Path, stream: Iterator[bytes]) -> None:
    _git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path))
    imported = ("fast-import", "--quiet", "--force", "--done", "--date-format=raw")
    _git("-C", str(path), *imported, stdin=b"".join(stream))


def _git(*arguments: str, stdin: bytes = b"") -> None:
    done = subprocess.run(("git", *arguments), input=stdin, capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode != 0:
        raise InputInvalid(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
