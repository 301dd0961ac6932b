"""A repository is fetched and read without ever running or writing anything of it; each cap and refusal is one line."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.adapters.git_repos import FetchLimits, GitRepos
from grader.errors import CodeHostUnavailable, GraderError, InputInvalid, SubmissionRejected
from grader.intake.admission import AdmissionLimits
from tests.fakes.git_history import GitHistory


@pytest.fixture
def history(tmp_path: Path) -> GitHistory:
    return GitHistory(tmp_path / "r.git")


def paths(source: Path | str, revision: str = "HEAD", repos: GitRepos | None = None) -> list[str]:
    with (repos or GitRepos()).open(str(source)) as repository:
        return [file.path for file in repository.tree(repository.commit(revision)).files]


def test_names_contents_and_modes_come_through(history: GitHistory) -> None:
    history.commit({"b.py": b"\x00\xff\n", "100755:bin/run": "#!/bin/sh\n", "empty": b"", "ünï.md": "x"})
    with GitRepos().open(str(history.folder)) as repository:
        tree = repository.tree(repository.commit("HEAD"))
    assert [(f.path, f.content, f.executable) for f in tree.files] == [
        ("b.py", b"\x00\xff\n", False),
        ("bin/run", b"#!/bin/sh\n", True),
        ("empty", b"", False),
        ("ünï.md", b"x", False),
    ]


def test_every_usual_spelling_of_a_revision_resolves(history: GitHistory) -> None:
    first = history.commit({"a": "1"})
    second = history.commit({"a": "2"})
    history.git("-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "-m", "t", "v1", first)
    history.git("update-ref", "refs/pull/7/head", first)
    with GitRepos().open(str(history.folder)) as repository:
        for revision in (
            first,
            first[:9],
            "HEAD~1",
            "HEAD^",
            "main~",
            "v1",
            "v1^{}",
            "v1^{commit}",
            "refs/pull/7/head",
        ):
            assert repository.commit(revision) == first, revision
        for revision in (second, "HEAD", "main", "heads/main", "refs/heads/main"):
            assert repository.commit(revision) == second, revision


@pytest.mark.parametrize("revision", ["nope", "0" * 40, "deadbeef", "HEAD~9", "HEAD^2"])
def test_an_unknown_revision_is_named(history: GitHistory, revision: str) -> None:
    history.commit({"a": "1"})
    with pytest.raises(InputInvalid, match="unknown revision"):
        paths(history.folder, revision)


@pytest.mark.parametrize(
    "revision", ["", "-x", "--upload-pack=touch x", "a b", "HEAD:a", ":/x", "a..b", "@{1}", "a\nb"]
)
def test_what_is_no_revision_never_reaches_git(history: GitHistory, revision: str) -> None:
    history.commit({"a": "1"})
    with pytest.raises(InputInvalid, match="is not a revision"):
        paths(history.folder, revision)


def test_a_commit_that_no_branch_holds_is_found_by_its_full_id(history: GitHistory) -> None:
    lost = history.commit({"lost": "1"})
    history.git("update-ref", "refs/heads/main", history.commit_tree(history.make_tree(), branch="other"))
    assert paths(history.folder, lost) == ["lost"]


def test_a_bundle_a_worktree_and_a_shallow_clone_are_read(history: GitHistory, tmp_path: Path) -> None:
    first = history.commit({"a": "1"})
    history.commit({"a": "2", "b": ""})
    history.git("bundle", "create", "-q", str(tmp_path / "r.bundle"), "--all", "HEAD")
    history.git("clone", "-q", "--no-local", str(history.folder), str(tmp_path / "work"))
    history.git("clone", "-q", "--depth=1", f"file://{history.folder}", str(tmp_path / "shallow"))
    for source in ("r.bundle", "work"):
        assert paths(tmp_path / source, "HEAD") == ["a", "b"]
        assert paths(tmp_path / source, "HEAD~1") == ["a"]
    assert paths(tmp_path / "work", "origin/main~1") == ["a"]
    assert paths(tmp_path / "shallow", "HEAD") == ["a", "b"]
    with pytest.raises(InputInvalid, match="--unshallow"):
        paths(tmp_path / "shallow", first)


def test_sha256_repositories_are_read(tmp_path: Path) -> None:
    history = GitHistory(tmp_path / "r.git", "--object-format=sha256")
    made = history.commit({"a": "1"})
    assert len(made) == 64
    assert paths(history.folder, made[:12]) == ["a"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("ext::sh -c touch% pwned", "only https://"),
        ("file:///etc", "only https://"),
        ("http://example.org/x", "only https://"),
        ("ssh://git@example.org/x", "only https://"),
        ("git@example.org:x/y", "only https://"),
        ("https://user:secret@example.org/x", "carries credentials"),
        ("https://", "not an address"),
        ("https://[::1", "not an address"),
        ("https://example.org/a b", "not an address"),
        ("/nonexistent/repo", "no such folder"),
        ("-x", "no such folder"),
        ("\x00", "no such folder"),
        (".", "not a repository"),
        (__file__, "not a repository"),
    ],
)
def test_what_is_no_repository_is_refused(
    source: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputInvalid, match=message) as caught:
        paths(source)
    assert "secret" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_host_that_does_not_answer_is_nobodys_fault() -> None:
    with pytest.raises(CodeHostUnavailable, match="does not answer"):
        paths("https://127.0.0.1:9/owner/name")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"120000:app/answer.py": "/etc/hostname"}, "'app/answer.py' is a symbolic link"),
        ({"160000:lib": ""}, "'lib' is a submodule"),
        ({"big.bin": bytes(3 * 1024 * 1024)}, "'big.bin' has more than 2,097,152 bytes"),
        ({"a\nb.py": ""}, r"'a\\nb.py'.*line break"),
        ({"App/a.py": "1", "app/a.py": "2"}, "collides"),
    ],
)
def test_a_tree_that_breaks_a_rule_is_refused(history: GitHistory, files: dict[str, bytes], message: str) -> None:
    history.commit(files)
    with pytest.raises(SubmissionRejected, match=message):
        paths(history.folder)


def test_a_million_paths_from_twenty_objects_stop_at_the_cap(history: GitHistory) -> None:
    tree = history.git("hash-object", "-w", "--stdin", stdin=b"x")
    mode = b"100644"
    for _ in range(6):
        tree = history.make_tree(*(b"%s d%d\0%s" % (mode, n, bytes.fromhex(tree)) for n in range(10)))
        mode = b"40000"
    history.commit_tree(tree)
    with pytest.raises(SubmissionRejected, match="more than 2,000 files"):
        paths(history.folder)


def test_the_caps_of_a_tree_can_be_raised(history: GitHistory) -> None:
    history.commit({"big.bin": bytes(3 * 1024 * 1024)})
    limits = AdmissionLimits(file=4 * 1024 * 1024)
    assert paths(history.folder, repos=GitRepos(limits)) == ["big.bin"]


def test_a_fetch_past_its_caps_is_stopped(history: GitHistory) -> None:
    history.commit({"big.bin": os.urandom(1024 * 1024)})
    with pytest.raises(SubmissionRejected, match="too large"):
        paths(history.folder, repos=GitRepos(fetch=FetchLimits(disk=100_000)))
    with pytest.raises(SubmissionRejected, match="too large"):
        paths(history.folder, repos=GitRepos(fetch=FetchLimits(output=10)))
    with pytest.raises(CodeHostUnavailable, match="not done after"):
        paths(history.folder, repos=GitRepos(fetch=FetchLimits(seconds=0)))


def test_nothing_of_a_hostile_repository_runs_and_nothing_is_left(tmp_path: Path) -> None:
    history = GitHistory(tmp_path / "r.git")
    made = history.commit({".gitattributes": "* filter=evil diff=evil\n", "a": "1", ".lfsconfig": "[lfs]\n"})
    marker, script = tmp_path / "ran", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.alternateRefsCommand",
        "credential.helper", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "gpg.program",
        "uploadpack.packObjectsHook", "remote.origin.uploadpack", "core.gitProxy", "alias.upload-pack",
    ):  # fmt: skip
        history.git("config", key, f"!{script}" if key.startswith("alias") else str(script))
    history.git("config", "core.hooksPath", str(tmp_path))
    for hook in ("pre-auto-gc", "reference-transaction", "post-checkout", "update", "post-index-change"):
        shutil.copy(script, history.folder / "hooks" / hook)
        shutil.copy(script, tmp_path / hook)
    before = sorted(history.folder.rglob("*"))
    assert paths(history.folder, made) == [".gitattributes", ".lfsconfig", "a"]
    assert paths(history.folder, "HEAD~0") == [".gitattributes", ".lfsconfig", "a"]
    assert not marker.exists()
    assert sorted(history.folder.rglob("*")) == before


def test_a_missing_object_is_never_fetched_from_where_the_repository_says(tmp_path: Path) -> None:
    history = GitHistory(tmp_path / "r.git")
    made = history.commit({"a": "only here"})
    blob = history.git("rev-parse", f"{made}:a")
    (history.folder / "objects" / blob[:2] / blob[2:]).unlink()
    marker, script = tmp_path / "ran", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(tmp_path / "r.git"),
        "remote.origin.uploadpack": str(script),
        "remote.origin.partialCloneFilter": "blob:none",
    }.items():
        history.git("config", key, value)
    with pytest.raises(GraderError) as caught:
        paths(history.folder, made)
    assert caught.value.exit_code == 2
    assert not marker.exists()


def test_the_callers_git_variables_do_not_reach_git(history: GitHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    history.commit({"a": "1"})
    for name, value in {
        "GIT_DIR": "/nonexistent",
        "GIT_OBJECT_DIRECTORY": "/nonexistent",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "never",
        "GIT_EXEC_PATH": "/nonexistent",
    }.items():
        monkeypatch.setenv(name, value)
    assert paths(history.folder) == ["a"]


@pytest.mark.parametrize(
    "close", [lambda folder: shutil.rmtree(folder / "refs"), lambda folder: (folder / "HEAD").unlink()]
)
def test_a_damaged_repository_is_one_line(history: GitHistory, close: Callable[[Path], None]) -> None:
    history.commit({"a": "1"})
    close(history.folder)
    with pytest.raises(InputInvalid, match="not a repository that Git can read"):
        paths(history.folder)


def test_nothing_is_left_in_the_temporary_folder(
    history: GitHistory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit({"120000:a": "b"})
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    with pytest.raises(SubmissionRejected):
        paths(history.folder)
    assert not list((tmp_path / "t").iterdir())
    assert not subprocess.run(["pgrep", "-P", str(os.getpid()), "sh|git"], capture_output=True).stdout
