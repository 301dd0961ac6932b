"""Small Git histories for tests, written straight as objects, so that hostile trees can be made too."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

FILE, EXECUTABLE, SYMLINK, SUBMODULE = "100644", "100755", "120000", "160000"
_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class GitHistory:
    """A bare repository whose commits are built from plain mappings; nothing is ever checked out."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.git("init", "--quiet", "--bare", "--initial-branch=main", *options, ".")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=_ENV, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, bytes | str], *, branch: str = "main", parent: str | None = None) -> str:
        """A commit on `branch` whose tree is exactly `files`; a key `mode:path` gives the mode."""
        self.git("read-tree", "--empty")
        blobs: dict[bytes, str] = {}
        records = b""
        for key, content in files.items():
            mode, path = key.split(":", 1) if key[:6].isdigit() else (FILE, key)
            data = content.encode() if isinstance(content, str) else content
            if data not in blobs:
                blobs[data] = self.git("hash-object", "-w", "--stdin", stdin=data)
            records += f"{mode} {'1' * 40 if mode == SUBMODULE else blobs[data]}\t{path}\0".encode()
        self.git("-c", "core.protectNTFS=false", "update-index", "-z", "--index-info", stdin=records)
        return self.commit_tree(self.git("write-tree", "--missing-ok"), branch=branch, parent=parent)

    def commit_tree(self, tree: str, *, branch: str = "main", parent: str | None = None) -> str:
        """A commit of a tree object that already exists."""
        before = parent or self.tip(branch)
        parents = ["-p", before] if before else []
        made = self.git("commit-tree", tree, *parents, "-m", "c")
        self.git("update-ref", f"refs/heads/{branch}", made)
        return made

    def make_tree(self, *records: bytes) -> str:
        """A tree object from raw `mode name\\0id` records, unchecked."""
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=b"".join(records))

    def tip(self, branch: str) -> str | None:
        """The commit that a branch stands on."""
        found = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        return found or None
