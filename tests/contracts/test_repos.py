"""What every `Repos` promises: the fake, and Git over a folder, a bundle and https."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.adapters.git_repos import GitRepos
from grader.domain.tree import File, Tree
from grader.errors import CodeHostUnavailable, GraderError, InputInvalid
from grader.ports import Repos
from tests.fakes.git_history import GitHistory
from tests.fakes.git_https import proxied, serve
from tests.fakes.repos import FakeRepos

OLD = Tree.of([File(path="a.py", content=b"1")])
NEW = Tree.of([File(path="a.py", content=b"2"), File(path="bin/b", content=b"\0", executable=True)])


@dataclass
class World:
    """A port, and a source of which `HEAD` is NEW, and `old` and `HEAD~1` are OLD."""

    repos: Repos
    source: str


@pytest.fixture
def history(tmp_path: Path) -> GitHistory:
    made = GitHistory(tmp_path / "root" / "r.git")
    old = made.commit({"a.py": "1"})
    made.git("update-ref", "refs/heads/old", old)
    made.commit({"a.py": "2", "100755:bin/b": b"\0"})
    return made


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def server(history: GitHistory, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serve(history.folder.parent, asked) as (address, authority):
        monkeypatch.setenv("GIT_SSL_CAINFO", str(authority))
        yield address


@pytest.fixture(params=["fake", "folder", "bundle", "https"])
def world(request: pytest.FixtureRequest, history: GitHistory, tmp_path: Path) -> World:
    match request.param:
        case "fake":
            return World(FakeRepos({"r": {"HEAD": NEW, "old": OLD, "HEAD~1": OLD}}), "r")
        case "folder":
            return World(GitRepos(), str(history.folder))
        case "bundle":
            history.git("bundle", "create", "-q", str(tmp_path / "r.bundle"), "--all", "HEAD")
            return World(GitRepos(), str(tmp_path / "r.bundle"))
        case _:
            return World(GitRepos(), f"{request.getfixturevalue('server')}/r.git")


def test_revisions_resolve_and_trees_are_whole(world: World) -> None:
    with world.repos.open(world.source) as repository:
        head = repository.commit("HEAD")
        assert repository.commit(head) == head
        assert repository.tree(head) == NEW
        assert repository.tree(repository.commit("HEAD~1")) == OLD
        assert repository.commit("old") == repository.commit("HEAD~1")


def test_unknown_things_are_the_callers_fault(world: World) -> None:
    with pytest.raises(InputInvalid, match="unknown revision"), world.repos.open(world.source) as repository:
        repository.commit("nope")
    with pytest.raises(InputInvalid, match="no such folder"), world.repos.open("/nonexistent/r.git"):
        pass


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("private", InputInvalid, "without a password .*clone it and pass the folder"),
        ("nothing", InputInvalid, "no such repository, private, or moved"),
        ("moved", InputInvalid, "moved"),
        ("broken", CodeHostUnavailable, "does not answer.*503"),
    ],
)
def test_a_server_that_refuses(server: str, path: str, error: type[GraderError], message: str) -> None:
    with pytest.raises(error, match=message), GitRepos().open(f"{server}/{path}"):
        pass


def test_a_commit_named_in_full_costs_one_listing_and_one_fetch(
    server: str, history: GitHistory, asked: list[str]
) -> None:
    head = history.tip("main")
    assert head is not None
    with GitRepos().open(f"{server}/r.git") as repository:
        repository.tree(repository.commit(head))
    assert len([line for line in asked if line.startswith("POST")]) <= 3


def test_a_server_whose_authority_is_unknown_is_not_trusted(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_SSL_CAINFO")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(CodeHostUnavailable, match="certificate"), GitRepos().open(f"{server}/r.git"):
        pass


def test_the_operator_s_proxy_and_authority_are_used(
    history: GitHistory, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(history.folder.parent, asked, host="github.com")
    with served as (address, authority), proxied(address, "github.com") as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        monkeypatch.setenv("GIT_SSL_CAINFO", str(authority))
        with GitRepos().open("https://github.com/r") as repository:
            commit = repository.commit("HEAD")
            assert commit is not None
            assert repository.tree(commit) == NEW
        with pytest.raises(GraderError), GitRepos().open("https://gitlab.com/r"):
            pass
    assert any("git-upload-pack" in request for request in asked)
