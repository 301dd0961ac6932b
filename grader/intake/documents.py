"""The documents in what was handed in: post-mortem and repro, where the manifest says or under their usual names."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.domain.tree import File, Tree
from grader.errors import SubmissionRejected
from grader.intake.manifest import Manifest

POSTMORTEM_NAMES = frozenset({"postmortem.md", "post-mortem.md", "post_mortem.md", "postmortem.markdown"})
DIAGNOSIS_NAMES = frozenset({"repro.json"})
MAX_DOCUMENT = 256 * 1024
"""Bytes; a post-mortem of 40,000 words. What is longer is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document's path in the tree and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What was found; None where there is nothing."""

    postmortem: Document | None
    diagnosis: Document | None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the documents are, which is not code."""
        return tuple(found.path for found in (self.postmortem, self.diagnosis) if found is not None)


def documents(tree: Tree, manifest: Manifest) -> Documents:
    """Find the documents; raises SubmissionRejected when the manifest names a file that is not there, or too long."""
    return Documents(
        postmortem=_find(tree, manifest.postmortem, POSTMORTEM_NAMES, field="postmortem"),
        diagnosis=_find(tree, manifest.diagnosis, DIAGNOSIS_NAMES, field="diagnosis"),
    )


def _find(tree: Tree, named: str, usual: frozenset[str], *, field: str) -> Document | None:
    if named:
        file = tree.by_path.get(named)
        if file is None:
            raise SubmissionRejected(f"submission.toml: {field}: there is no {named!r} in what was handed in")
        return _read(file)
    found = [file for file in tree.files if PurePosixPath(file.path).name.lower() in usual]
    return _read(min(found, key=lambda file: (file.path.count("/"), file.path))) if found else None


def _read(file: File) -> Document:
    if len(file.content) > MAX_DOCUMENT:
        raise SubmissionRejected(f"{file.path}: larger than {MAX_DOCUMENT // 1024} KiB; shorten it to what people read")
    return Document(path=file.path, text=file.content.decode("utf-8-sig", errors="replace"))
