"""Receive: a manifest -> an admitted tree pinned to one commit, its documents, and what a mentor should know of it."""

from dataclasses import dataclass

from grader.domain.case import Case
from grader.domain.tree import Tree
from grader.domain.twin import SubmissionMode
from grader.domain.verdict import Flag
from grader.errors import InputInvalid, SubmissionRejected
from grader.execution import examine
from grader.grade.order import GradeOrder
from grader.intake.archive import read_archive
from grader.intake.documents import Documents, documents
from grader.intake.manifest import Manifest
from grader.ports import Repos


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A submission after intake. `tree` is its code; `commit` and `base` are object names, or digests of trees."""

    tree: Tree
    commit: str
    base: str
    documents: Documents
    flags: tuple[Flag, ...] = ()


def receive(order: GradeOrder, case: Case, repos: Repos) -> Handed:
    """Fetch or unpack, admit, find the documents; whatever belongs to the case is put back as it was."""
    manifest = order.manifest
    if manifest.case != order.case:
        raise InputInvalid(f"the manifest is for case {manifest.case!r}; call again with --case {manifest.case}")
    if order.archive or manifest.mode is SubmissionMode.FILE_UPLOAD:
        tree = read_archive(order.archive)
        handed = _handed(tree, order.commit or tree.digest, manifest)
    else:
        handed = _from_repository(manifest, case, repos)
    code, restored = examine.protect(case, handed.tree)
    if code == case.starter and not handed.documents.paths:
        raise SubmissionRejected("nothing differs from the starter; hand in the commit with your hotfix and its test")
    return Handed(
        tree=code,
        commit=handed.commit,
        base=handed.base or case.starter.digest,
        documents=handed.documents,
        flags=(*handed.flags, *restored),
    )


def _from_repository(manifest: Manifest, case: Case, repos: Repos) -> Handed:
    with repos.open(manifest.source) as repository:
        commit = repository.commit(manifest.fix or "HEAD")
        handed = _handed(repository.tree(commit), commit, manifest)
        if not manifest.base:
            return handed
        base = repository.commit(manifest.base)
        flags = _other_base(case, repository.tree(base), manifest.base)
    return Handed(tree=handed.tree, commit=commit, base=base, documents=handed.documents, flags=flags)


def _handed(tree: Tree, commit: str, manifest: Manifest) -> Handed:
    found = documents(tree, manifest)
    return Handed(tree=tree.without(found.paths), commit=commit, base="", documents=found)


def _other_base(case: Case, tree: Tree, revision: str) -> tuple[Flag, ...]:
    """The case pins the base: a learner could plant the bug in a base of their own."""
    if tree.with_files(case.starter.files) == tree:
        return ()
    return (Flag(id="other_base", detail=f"{revision} is not the case's starter; the starter was taken as the base"),)
