"""Receive: a manifest -> an admitted tree pinned to one commit, its documents, and what a mentor should know of it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from grader.domain.case import Case
from grader.domain.timeline import TimelineKind
from grader.domain.tree import Tree
from grader.domain.twin import SubmissionMode
from grader.domain.verdict import Flag
from grader.errors import InputInvalid, SubmissionRejected
from grader.execution import examine
from grader.grade.order import GradeOrder
from grader.intake.archive import read_archive
from grader.intake.documents import Document, Documents, documents
from grader.intake.manifest import Manifest
from grader.ports import Repos, Repository

MOST_PINNED = 3
"""Commits that are looked at besides the one handed in: each costs a fetch of its tree and two conversations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A submission after intake. `tree` is its code; `commit` and `base` are object names, or digests of trees."""

    tree: Tree
    commit: str
    base: str
    documents: Documents
    flags: tuple[Flag, ...] = ()
    pinned: tuple[tuple[str, Document], ...] = ()
    """Earlier commits that the attempt's events pin, each with the repro that stands in it."""


def receive(order: GradeOrder, case: Case, repos: Repos) -> Handed:
    """Fetch or unpack, admit, find the documents; whatever belongs to the case is put back as it was."""
    manifest = order.manifest
    if manifest.case != order.case:
        raise InputInvalid(f"the manifest is for case {manifest.case!r}; call again with --case {manifest.case}")
    if order.archive or manifest.mode is SubmissionMode.FILE_UPLOAD:
        tree = read_archive(order.archive)
        handed = _handed(tree, order.commit or tree.digest, manifest)
    else:
        handed = _from_repository(order, case, repos)
    code, restored = examine.protect(case, handed.tree)
    if code == case.starter and not handed.documents.paths:
        raise SubmissionRejected("nothing differs from the starter; hand in the commit with your hotfix and its test")
    return Handed(
        tree=code,
        commit=handed.commit,
        base=handed.base or case.starter.digest,
        documents=handed.documents,
        flags=(*handed.flags, *restored),
        pinned=handed.pinned,
    )


def _from_repository(order: GradeOrder, case: Case, repos: Repos) -> Handed:
    manifest = order.manifest
    with repos.open(manifest.source) as repository:
        commit = repository.commit(manifest.fix or "HEAD")
        handed = _handed(repository.tree(commit), commit, manifest)
        handed = replace(handed, pinned=tuple(_pinned(repository, order, commit)))
        if not manifest.base:
            return handed
        base = repository.commit(manifest.base)
        flags = _other_base(case, repository.tree(base), manifest.base)
    return replace(handed, base=base, flags=flags)


def _pinned(repository: Repository, order: GradeOrder, handed: str) -> Iterator[tuple[str, Document]]:
    """The repros of the first few commits that root-cause events pin; a commit that is gone or refused pins nothing."""
    events = order.timeline.events if order.timeline is not None else ()
    named = (event.commit for event in events if event.kind is TimelineKind.ROOT_CAUSE and event.commit)
    for revision in tuple(dict.fromkeys(named))[:MOST_PINNED]:
        with suppress(InputInvalid, SubmissionRejected):
            commit = repository.commit(revision)
            if commit == handed:
                continue
            found = documents(repository.tree(commit), order.manifest).diagnosis
            if found is not None:
                yield commit, found


def _handed(tree: Tree, commit: str, manifest: Manifest) -> Handed:
    found = documents(tree, manifest)
    return Handed(tree=tree.without(found.paths), commit=commit, base="", documents=found)


def _other_base(case: Case, tree: Tree, revision: str) -> tuple[Flag, ...]:
    """The case pins the base: a learner could plant the bug in a base of their own."""
    if tree.with_files(case.starter.files) == tree:
        return ()
    return (Flag(id="other_base", detail=f"{revision} is not the case's starter; the starter was taken as the base"),)
