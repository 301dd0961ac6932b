"""Fetch commits into a bare repository of our own and read their trees by `ls-tree` and `cat-file`.

Two repositories are kept, both thrown away at the end. `graph` holds the history's commits without their files and
only serves to resolve names such as `HEAD~1`; it is fetched when a name asks for it. `store` holds the wanted commits
alone, each fetched at depth 1, so that a long history costs nothing. A server that cannot do either sends everything.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.adapters.git_repos.process import FetchLimits, Finished, GitProcess, Running
from grader.adapters.git_repos.source import Source, SourceKind, classify
from grader.domain.tree import File, Tree
from grader.errors import CodeHostUnavailable, InputInvalid, SubmissionRejected
from grader.intake.admission import Admission, AdmissionLimits, Entry, EntryKind, shown
from grader.ports import CommitId

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REVISION = re.compile(r"[A-Za-z0-9_.][\w./@+#=-]*(?:[~^][0-9]*|\^\{(?:commit)?\})*", re.ASCII)
"""Names, object ids, and steps up the history; no `:path`, no reflog, no search by message."""
_STEP = re.compile(r"[~^]")
_KINDS = {b"100644": EntryKind.FILE, b"100755": EntryKind.EXECUTABLE, b"120000": EntryKind.SYMLINK}
_KINDS |= {b"160000": EntryKind.SUBMODULE}
_SIZES = {b"-": 0, b"BAD": None}
"""What `ls-tree -l` says for a submodule, and for a file that was too large to be sent."""
_UPLOAD_PACK = (
    "--upload-pack=git -c safe.directory=* -c uploadpack.allowFilter=true -c uploadpack.allowAnySHA1InWant=true "
    "-c core.hooksPath=/dev/null -c core.fsmonitor=false upload-pack"
)
"""Git holds `upload-pack` safe in a folder of somebody else's making (git(1), SECURITY); these options make sure."""
_REMOTE = "source"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc", "--no-write-fetch-head")
_OLD_FAULTS = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate")
_FSCK = (
    "-c",
    "fetch.fsckObjects=true",
    *(part for name in _OLD_FAULTS for part in ("-c", f"fetch.fsck.{name}=ignore")),
)
"""Checks on what is fetched, less three that old honest histories fail."""
_UNREACHABLE = re.compile(
    r"could not resolve host|couldn't connect|failed to connect|timed out|connection (?:refused|reset)|early eof"
    r"|returned error: (?:5\d\d|429)|certificate|ssl|unexpected disconnect|rpc failed",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(
    r"out of memory|file too large|file size limit|malloc|mmap failed|\Afatal: fetch-pack: invalid index-pack output",
    re.IGNORECASE,
)
"""The last: index-pack ended without a word of its own before, so the kernel's limit on a file's size killed it."""


class GitRepos:
    """The `Repos` port."""

    def __init__(self, limits: AdmissionLimits | None = None, fetch: FetchLimits | None = None) -> None:
        """`limits` caps a tree, `fetch` caps each Git process."""
        self._limits = limits or AdmissionLimits()
        self._fetch = fetch or FetchLimits()

    @contextmanager
    def open(self, source: str) -> Iterator["GitRepository"]:
        """The repository at an https address, in a folder (bare or not) or in a bundle; see the port for errors."""
        found = classify(source)
        with tempfile.TemporaryDirectory(prefix="grader-git-") as folder:
            git = GitProcess(Path(folder), self._fetch, found.protocols)
            yield GitRepository(git, found, self._limits, Path(folder) / "store.git" / "config")


class GitRepository:
    """The `Repository` port over one source."""

    def __init__(self, git: GitProcess, source: Source, limits: AdmissionLimits, config: Path) -> None:
        """Ask the source for its names; raises InputInvalid when it is no repository. `config` is the store's."""
        self._git = git
        self._source = source
        self._limits = limits
        self._refs = self._list_refs()
        self._has_graph = False
        self._has_everything = False
        self._stored: set[str] = set()
        self._make("store")
        self._config, self._plain = config, config.read_bytes()

    def commit(self, revision: str) -> CommitId:
        """Resolve a revision and fetch its commit."""
        wanted = self._resolve(revision)
        if wanted not in self._stored and not self._has_everything and not self._fetch_one(wanted):
            self._fetch_all()
        self._stored.add(wanted)
        found = self._git.run("--git-dir=store.git", "rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}")
        if found.status != 0:
            raise self._unknown(revision)
        return CommitId(found.stdout.decode().strip())

    def tree(self, commit: CommitId) -> Tree:
        """The admitted tree of a commit that `commit` returned."""
        listing = self._list_tree(commit)
        wanted = b"".join(object_id + b"\n" for _, _, object_id in listing)
        with self._git.stream("--git-dir=store.git", "cat-file", "--batch", standard_input=wanted) as running:
            contents = tuple(_read_object(running, entry.size) for entry, _, _ in listing)
        return Tree.of(
            File(path=path, content=content, executable=entry.kind is EntryKind.EXECUTABLE)
            for (entry, path, _), content in zip(listing, contents, strict=True)
        )

    def _list_refs(self) -> Mapping[str, str]:
        done = self._git.run("ls-remote", "--quiet", *self._upload_pack(), "--", self._source.address)
        if done.status != 0:
            raise self._failed(done)
        lines = (line.partition("\t") for line in done.stdout.decode("utf-8", "surrogateescape").splitlines())
        return {name: object_id for object_id, _, name in lines if _FULL_ID.fullmatch(object_id)}

    def _make(self, name: str) -> None:
        long = any(len(object_id) == 64 for object_id in self._refs.values())
        self._succeed("init", "--quiet", "--bare", f"--object-format={'sha256' if long else 'sha1'}", f"{name}.git")

    def _resolve(self, revision: str) -> str:
        if _FULL_ID.fullmatch(revision):
            return revision
        if not _REVISION.fullmatch(revision) or ".." in revision:
            raise InputInvalid(
                f"{shown(revision)} is not a revision; expected a branch, a tag or a commit id, with ~ or ^ after it"
            )
        if not _STEP.search(revision) and (named := self._named(revision)):
            return named
        self._fetch_graph()
        found = self._git.run(
            "--git-dir=graph.git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if found.status != 0:
            raise self._unknown(revision)
        return found.stdout.decode().strip()

    def _named(self, name: str) -> str | None:
        """As gitrevisions(7) orders them; a tag's own commit before the tag."""
        for pattern in ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD"):
            full = pattern.format(name)
            if full in self._refs:
                return self._refs.get(f"{full}^{{}}", self._refs[full])
        return None

    def _fetch_graph(self) -> None:
        if self._has_graph:
            return
        self._make("graph")
        filters = () if self._source.kind is SourceKind.BUNDLE else ("--filter=tree:0", "--update-shallow")
        self._succeed(
            "--git-dir=graph.git", *self._remote(), *_FETCH, *self._upload_pack(), *filters, *self._everything()
        )
        if head := self._refs.get("HEAD"):
            self._git.run("--git-dir=graph.git", "update-ref", "--no-deref", "HEAD", head)
        self._has_graph = True

    def _fetch_one(self, wanted: str) -> bool:
        if self._source.kind is SourceKind.BUNDLE:
            return False
        lean = ("--depth=1", f"--filter=blob:limit={self._limits.file + 1}")  # what is larger is not even sent
        options = (*_FSCK, *self._remote(), *_FETCH, *self._upload_pack(), *lean)
        done = self._git.run("--git-dir=store.git", *options, _REMOTE, f"{wanted}:refs/grader/{wanted}")
        self._config.write_bytes(self._plain)  # nobody may be asked for what was left out
        if done.status != 0 and _TOO_MUCH.search(done.stderr):
            raise self._failed(done)
        return done.status == 0

    def _fetch_all(self) -> None:
        shallow = () if self._source.kind is SourceKind.BUNDLE else ("--update-shallow",)
        options = (*_FSCK, *self._remote(), *_FETCH, *self._upload_pack(), *shallow)
        self._succeed("--git-dir=store.git", *options, *self._everything())
        self._has_everything = True

    def _everything(self) -> tuple[str, ...]:
        kinds = ["heads", "tags"] if self._source.kind is SourceKind.REMOTE else ["heads", "tags", "remotes"]
        specs = [f"+refs/{kind}/*:refs/{kind}/*" for kind in kinds]
        if "HEAD" in self._refs:
            specs.append("+HEAD:refs/grader/head")
        return (_REMOTE, *specs)

    def _remote(self) -> tuple[str, ...]:
        """A name for the source: a partial clone notes where it came from, and does not take a path for a name."""
        return ("-c", f"remote.{_REMOTE}.url={self._source.address}")

    def _upload_pack(self) -> tuple[str, ...]:
        return (_UPLOAD_PACK,) if self._source.kind is SourceKind.FOLDER else ()

    def _list_tree(self, commit: CommitId) -> list[tuple[Entry, str, bytes]]:
        admission = Admission(self._limits)
        listing = []
        arguments = ("--git-dir=store.git", "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        with self._git.stream(*arguments) as running:
            for entry, object_id in _entries(running):
                listing.append((entry, admission.admit(entry), object_id))
        if running.status != 0:
            raise InputInvalid(f"commit {commit} of {self._source.shown} cannot be read: {_first_line(running.stderr)}")
        return listing

    def _succeed(self, *arguments: str) -> None:
        done = self._git.run(*arguments)
        if done.status != 0:
            raise self._failed(done)

    def _unknown(self, revision: str) -> InputInvalid:
        return InputInvalid(
            f"unknown revision {shown(revision)} in {self._source.shown}; if the clone is shallow, "
            "run `git fetch --unshallow` in it"
        )

    def _failed(self, done: Finished) -> Exception:
        where, line = self._source.shown, _first_line(done.stderr)
        if _TOO_MUCH.search(done.stderr):
            return SubmissionRejected(
                f"{where} holds objects that are too large to fetch; remove them from its history"
            )
        if self._source.kind is SourceKind.REMOTE:
            if _UNREACHABLE.search(done.stderr):
                return CodeHostUnavailable(f"{where} does not answer: {line}; try again later")
            return InputInvalid(
                f"{where} cannot be read without a password (no such repository, private, or moved): {line}; "
                "for a private one, clone it and pass the folder"
            )
        return InputInvalid(f"{where} is not a repository that Git can read: {line}")


def _entries(running: Running) -> Iterator[tuple[Entry, bytes]]:
    """The records of `ls-tree -z -l`: mode, type, object, size, tab, path, NUL."""
    rest = b""
    for chunk in running.chunks():
        *records, rest = (rest + chunk).split(b"\0")
        for record in records:
            meta, _, path = record.partition(b"\t")
            mode, _, object_id, size = meta.split()
            kind = _KINDS.get(mode, EntryKind.SPECIAL)
            yield Entry(path=path, kind=kind, size=_SIZES.get(size) if size in _SIZES else int(size)), object_id


def _read_object(running: Running, size: int | None) -> bytes:
    """One answer of `cat-file --batch`: a header line, the content, a newline."""
    header = running.stdout.readline(200).split()
    if len(header) != 3 or int(header[2]) != size:
        raise InputInvalid("the repository lacks a file's content; if the clone is partial, run `git fetch --refetch`")
    content = running.stdout.read(int(header[2]))
    running.stdout.read(1)
    return content


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("hint:", "warning:"))]
    return shown(lines[0])[1:-1] if lines else "Git gave no reason"
