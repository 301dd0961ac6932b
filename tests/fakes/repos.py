"""The `Repos` port in memory: sources, each with its commits by revision."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1

from grader.domain.tree import Tree
from grader.errors import InputInvalid
from grader.ports import CommitId


class FakeRepos:
    """Repositories as given: source to revision to tree. A commit's id is made from its tree."""

    def __init__(self, sources: Mapping[str, Mapping[str, Tree]]) -> None:
        self._sources = sources

    @contextmanager
    def open(self, source: str) -> Iterator["FakeRepository"]:
        if source not in self._sources:
            raise InputInvalid(f"{source!r}: no such folder or file")
        yield FakeRepository(self._sources[source])


class FakeRepository:
    """One of them."""

    def __init__(self, revisions: Mapping[str, Tree]) -> None:
        self._trees = {**revisions, **{commit_id(tree): tree for tree in revisions.values()}}

    def commit(self, revision: str) -> CommitId:
        if revision not in self._trees:
            raise InputInvalid(f"unknown revision {revision!r}")
        return CommitId(commit_id(self._trees[revision]))

    def tree(self, commit: CommitId) -> Tree:
        return self._trees[commit]


def commit_id(tree: Tree) -> str:
    """What stands for a commit of this tree."""
    return sha1(tree.digest.encode(), usedforsecurity=False).hexdigest()
