"""For case authors: a new case as a copy of another one, and the package that learners receive."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader.adapters.case_files.folder import Folder
from grader.adapters.case_files.schema import NAME, CaseFile
from grader.domain.tree import File, Tree
from grader.errors import CaseBroken, InputInvalid

KIT = {"serve.py": "scripted_model.py"} | {
    name: name
    for name in ("model_server.py", "openai_wire.py", "model_reply.py", "reply_shapes.py", "topic_answers.py")
}
"""The programs of the scripted model, by their names in the learner's `kit/`."""
EMAIL = "engineering@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a new case still has of the one it was copied from."""

    company: str
    files: int
    """How many files name the company."""


def new(source: Folder, target: Path, title: str) -> Copied:
    """Copy a case under the name of `target`; raises InputInvalid when something stands there or it is no name."""
    if target.exists():
        raise InputInvalid(f"{target}: already exists; choose another name or remove it")
    if not re.fullmatch(NAME, target.name):
        raise InputInvalid(f"{target.name}: a case is named by small letters, digits, - and _")
    company = source.yaml("case.yaml", CaseFile).company
    files = source.tree(".").files
    for file in files:
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_named(file.content, target.name, title) if file.path == "case.yaml" else file.content)
    return Copied(company=company, files=sum(company.encode() in file.content for file in files))


def _named(about: bytes, name: str, title: str) -> bytes:
    """A `case.yaml` with another id and title; a JSON text is one in YAML too."""
    values = {"id": name, "title": json.dumps(title, ensure_ascii=False)}
    lines = about.decode().splitlines(keepends=True)
    keys = [line.partition(":")[0] for line in lines]
    return "".join(
        f"{key}: {values[key]}\n" if key in values else line for key, line in zip(keys, lines, strict=True)
    ).encode()


def packed(folder: Folder, script: Mapping[str, Any]) -> Tree:
    """What a learner's repository holds: starter, kit, incident and public prompts; nothing of `grader/`."""
    kit = [File(path=f"kit/{name}", content=_program(program)) for name, program in KIT.items()]
    kit.append(File(path="kit/__init__.py", content=b""))
    kit.append(File(path="kit/model.json", content=json.dumps(script, ensure_ascii=False, indent=1).encode()))
    incident = [File(path=f"incident/{f.path}", content=f.content) for f in folder.tree("incident").files]
    prompts = [File(path=f"incident/{f.path}", content=f.content) for f in folder.tree("cases").files]
    return folder.tree("starter").with_files([*kit, *incident, *prompts])


def pack(folder: Folder, script: Mapping[str, Any], bundle: Path) -> None:
    """Write a Git bundle with the case's history; equal cases give repositories with equal commits."""
    if bundle.exists():
        raise InputInvalid(f"{bundle}: already exists; choose another name or remove it")
    wanted = packed(folder, script)
    kit = [file for file in wanted.files if file.path.startswith("kit/")]
    about = folder.yaml("case.yaml", CaseFile)
    with TemporaryDirectory() as place:
        repository = _Repository(path=Path(place), author=f"{about.company} Engineering", day=about.today)
        repository.git("init", "--quiet", "--initial-branch=main")
        for number, patch in enumerate(sorted(folder.tree("history").files, key=lambda file: file.path)):
            repository.git("am", "--quiet", "--committer-date-is-author-date", content=patch.content)
            if number == 0:  # early, so that every later commit can be run, and the history bisected
                repository.commit(kit, "Serve the scripted model for local runs")
        _must_be(folder, repository.tree().without(file.path for file in kit))
        repository.commit(wanted.files, "Open the incident")
        repository.git("bundle", "create", "--quiet", str(bundle.absolute()), "HEAD", "main")


def _must_be(folder: Folder, built: Tree) -> None:
    if built.files and built.digest != folder.tree("starter").digest:
        raise CaseBroken(f"{folder.where('history')}: its patches do not end in starter/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repository:
    """A repository that is made in a temporary folder, by nobody in particular, on the day of the incident."""

    path: Path
    author: str
    day: str

    def tree(self) -> Tree:
        """The work tree."""
        paths = [p for p in self.path.rglob("*") if p.is_file() and ".git" not in p.relative_to(self.path).parts]
        return Tree.of(File(path=p.relative_to(self.path).as_posix(), content=p.read_bytes()) for p in paths)

    def commit(self, wanted: Iterable[File], message: str) -> None:
        """Lay files over the work tree and commit them."""
        for file in wanted:
            path = self.path / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def git(self, *arguments: str, content: bytes = b"") -> None:
        """Run git without anybody's configuration; CaseBroken with its last line when it fails."""
        date = f"{self.day}T09:00:00+00:00"
        environment = {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": self.author,
            "GIT_AUTHOR_EMAIL": EMAIL,
            "GIT_COMMITTER_NAME": self.author,
            "GIT_COMMITTER_EMAIL": EMAIL,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.path),
        }
        command = [shutil.which("git") or "git", "-C", str(self.path), *arguments]
        done = subprocess.run(  # noqa: S603 - no shell
            command, input=content, capture_output=True, env=environment, timeout=120, check=False
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise CaseBroken(f"git {arguments[0]}: {said[-1] if said else 'failed'}")


def _program(name: str) -> bytes:
    installed: Traversable = files("grader") / "_sandboxes"
    folder = installed if installed.is_dir() else Path(__file__).parents[3] / "sandboxes"
    return (folder / name).read_bytes()
