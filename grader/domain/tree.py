"""A tree of files as the grader holds it: bounded, canonical, in memory."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

FIXED_MTIME = 1_700_000_000
"""Every file in every delivered tar carries this time, so that trees cannot be told apart by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One regular file: POSIX path relative to the root, content, and whether it is executable."""

    path: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True)
class Tree:
    """Files sorted by path, each path once. Build one with `Tree.of`."""

    files: tuple[File, ...]

    @staticmethod
    def of(files: Iterable[File]) -> "Tree":
        """Sort by path; of two files at the same path the later one wins."""
        by_path = {file.path: file for file in files}
        return Tree(tuple(by_path[path] for path in sorted(by_path)))

    @cached_property
    def by_path(self) -> Mapping[str, File]:
        """The files, by path."""
        return {file.path: file for file in self.files}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that hold something, at whatever depth; the root is `.`."""
        return frozenset(str(parent) for file in self.files for parent in PurePosixPath(file.path).parents)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over paths, modes and contents; equal trees have equal digests."""
        sha = hashlib.sha256()
        for file in self.files:
            content = hashlib.sha256(file.content).hexdigest()
            sha.update(f"{file.path}\0{int(file.executable)}\0{content}\n".encode())
        return sha.hexdigest()

    def with_files(self, files: Iterable[File]) -> "Tree":
        """This tree with `files` laid over it."""
        return Tree.of((*self.files, *files))

    def without(self, paths: Iterable[str]) -> "Tree":
        """This tree less the files at `paths`."""
        gone = frozenset(paths)
        return Tree(tuple(file for file in self.files if file.path not in gone))

    def to_tar(self) -> bytes:
        """An uncompressed tar, the same bytes for equal trees: sorted, fixed owner, mode and time."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for file in self.files:
                info = tarfile.TarInfo(file.path)
                info.size = len(file.content)
                info.mtime = FIXED_MTIME
                info.mode = 0o755 if file.executable else 0o644
                archive.addfile(info, io.BytesIO(file.content))
        return buffer.getvalue()
