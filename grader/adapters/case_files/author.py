"""For case authors: a new case as a copy of another one, and the package that learners receive."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grader.adapters.case_files.folder import Folder
from grader.domain.tree import File, Tree
from grader.errors import CaseBroken, InputInvalid

KIT = {"serve.py": "scripted_model.py"} | {
    name: name for name in ("openai_wire.py", "model_reply.py", "reply_shapes.py", "topic_answers.py")
}
"""The programs of the scripted model, by their names in the learner's `kit/`."""
AUTHOR = {"name": "Meridian Engineering", "email": "engineering@example.com"}
OPENED = "2026-03-09T09:00:00+00:00"


def new(source: Folder, target: Path) -> None:
    """Copy a case under the name of `target`; raises InputInvalid when something stands there."""
    if target.exists():
        raise InputInvalid(f"{target}: already exists; choose another name or remove it")
    for file in source.tree(".").files:
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        content = file.content
        if file.path == "case.yaml":
            content = content.replace(f"id: {source.name}\n".encode(), f"id: {target.name}\n".encode(), 1)
        path.write_bytes(content)


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
    with TemporaryDirectory() as place:
        repository = Path(place)
        _git(repository, "init", "--quiet", "--initial-branch=main")
        for number, patch in enumerate(sorted(folder.tree("history").files, key=lambda file: file.path)):
            _git(repository, "am", "--quiet", "--committer-date-is-author-date", content=patch.content)
            if number == 0:  # early, so that every later commit can be run, and the history bisected
                _commit(repository, kit, "Serve the scripted model for local runs")
        _must_be(folder, _built(repository).without(file.path for file in kit))
        _commit(repository, wanted.files, "Open the incident")
        _git(repository, "bundle", "create", "--quiet", str(bundle.absolute()), "HEAD", "main")


def _built(repository: Path) -> Tree:
    paths = [p for p in repository.rglob("*") if p.is_file() and ".git" not in p.relative_to(repository).parts]
    return Tree.of(File(path=p.relative_to(repository).as_posix(), content=p.read_bytes()) for p in paths)


def _must_be(folder: Folder, built: Tree) -> None:
    if built.files and built.digest != folder.tree("starter").digest:
        raise CaseBroken(f"{folder.where('history')}: its patches do not end in starter/")


def _commit(repository: Path, wanted: Iterable[File], message: str) -> None:
    _write(repository, wanted)
    _git(repository, "add", "--all")
    _git(repository, "commit", "--quiet", "--message", message)


def _write(repository: Path, wanted: Iterable[File]) -> None:
    for file in wanted:
        path = repository / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)


def _git(repository: Path, *arguments: str, content: bytes = b"") -> None:
    environment = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": AUTHOR["name"],
        "GIT_AUTHOR_EMAIL": AUTHOR["email"],
        "GIT_COMMITTER_NAME": AUTHOR["name"],
        "GIT_COMMITTER_EMAIL": AUTHOR["email"],
        "GIT_AUTHOR_DATE": OPENED,
        "GIT_COMMITTER_DATE": OPENED,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(repository),
    }
    command = [shutil.which("git") or "git", "-C", str(repository), *arguments]
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
