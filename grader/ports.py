"""What the grader needs from the outside world; `adapters/` supplies each, `tests/fakes/` imitates each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NewType, Protocol

from grader.domain.attempt_events import PersonId
from grader.domain.case import Case, CaseId
from grader.domain.conversation import CheckRun, Comment, Pinned, PullRequest, Reaction, Shelf, StickyComment
from grader.domain.judgement import ModelAnswer, ModelQuestion
from grader.domain.ledger import Entry, StreamId
from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, Finding, ImageId, SandboxOrder, SandboxOutcome
from grader.domain.tree import Tree
from grader.domain.twin import Twin, TwinId

CommitId = NewType("CommitId", str)
"""A full hexadecimal Git object name."""


class Sandboxes(Protocol):
    """Disposable containers without network; each is used for one run and then gone, whatever happens."""

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        """The image for `recipe`, built once and cached by content.

        Raises InputInvalid when the recipe does not resolve, SandboxUnavailable when there is no engine.
        """
        ...

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """Run to the end or to a limit; raises SandboxUnavailable when the engine is at fault."""
        ...

    def expect(self, order: SandboxOrder, count: int) -> None:
        """Announce that `count` runs like `order` follow, whatever their payload: containers may be started ahead."""
        ...

    def doctor(self) -> tuple[Finding, ...]:
        """Look at the engine, the runtime, the image and the limits; never raises."""
        ...


class Dialogue(Protocol):
    """A program in a container that is spoken to line by line; lines end in a line feed, which is not passed on."""

    def ask(self, line: bytes, *, seconds: float) -> bytes | Ended:
        """Send one line and wait for one line.

        Returns how the program ended instead, once it has: by itself, silent for longer than `seconds`, or past a
        limit of its order. It is dead then, and every later question gets the same answer.
        """
        ...


class Pod(Protocol):
    """Containers that share one network namespace with nothing in it but loopback; a service owns it."""

    @property
    def service(self) -> Dialogue:
        """The control plane of the service: its own stdin and stdout, out of reach for what runs beside it."""
        ...

    def expect(self, orders: Iterable[SandboxOrder]) -> None:
        """Say which orders come next, whatever their payload: a container for each may be started ahead.

        It waits for its input without any of a learner's code in it, is used for one order, and then gone.
        """
        ...

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """As `Sandboxes.run`, beside the service; one after another, each in a fresh container."""
        ...

    def dialogue(self, order: SandboxOrder) -> AbstractContextManager[Dialogue]:
        """Start a program beside the service and speak with it; its payload is what it reads first."""
        ...


class Pods(Protocol):
    """Starts pods; each is gone when its block is left, whatever happens."""

    def pod(self, service: SandboxOrder) -> AbstractContextManager[Pod]:
        """Start the service; raises SandboxUnavailable when the engine is at fault."""
        ...


class Cache(Protocol):
    """Remembers results by a key that names everything they depend on; losing one costs time only."""

    def get(self, key: str) -> bytes | None:
        """What was put under a key; None when nothing was, or when it cannot be read."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Remember; a full disk is no error."""
        ...


class LanguageModel(Protocol):
    """Answers one question in a given shape; optional everywhere, and never trusted with a number."""

    def ask(self, question: ModelQuestion) -> ModelAnswer:
        """Ask within the time limit; raises LanguageModelUnavailable when it throttles, fails or takes too long."""
        ...


class Cases(Protocol):
    """Finds cases by id, filled in for this deployment."""

    def ids(self) -> tuple[CaseId, ...]:
        """All cases there are, sorted."""
        ...

    def get(self, case_id: CaseId) -> Case:
        """Raises InputInvalid when there is none, CaseBroken (file, line, field) when it is malformed."""
        ...


class Repository(Protocol):
    """A fetched repository, read by plumbing; its tree is never checked out."""

    def commit(self, revision: str) -> CommitId:
        """Resolve a revision; raises InputInvalid when it is unknown."""
        ...

    def tree(self, commit: CommitId) -> Tree:
        """The admitted tree of a commit; raises SubmissionRejected when it breaks an intake rule."""
        ...


class Repos(Protocol):
    """Fetches repositories by URL or path into the grader's own bare repository."""

    def open(self, source: str) -> AbstractContextManager[Repository]:
        """Fetch; raises InputInvalid (not a repository), SubmissionRejected (over a cap), ServiceUnavailable."""
        ...


class Twins(Protocol):
    """Finds exercise types by id."""

    def get(self, twin_id: TwinId) -> Twin:
        """Raises InputInvalid when there is none, SettingsInvalid when its file is malformed."""
        ...


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime:
        """The current time."""
        ...


class Records(Protocol):
    """The append-only ledger: streams of sealed entries. Nothing in it is ever changed or removed."""

    def stream(self, stream: StreamId) -> tuple[Entry, ...]:
        """All entries of a stream in their order; empty when there is none. Raises LedgerUnavailable."""
        ...

    def append(self, entries: Sequence[Entry]) -> None:
        """Append all of them, to one or more streams, or none; on return they survive a crash.

        Raises StreamMoved when somebody else appended first (an entry does not follow on the head of its stream),
        LedgerUnavailable when the store does not answer.
        """
        ...

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All entries of the streams whose name starts with `prefix`, stream by stream, each in its order."""
        ...


class Contents(Protocol):
    """What ledger entries name by digest: texts of learners, records of runs, signed files. Can be erased."""

    def keep(self, content: bytes) -> str:
        """Keep it and return its SHA-256; the same content twice is kept once."""
        ...

    def get(self, digest: str) -> bytes | None:
        """The content; None when it was never kept or has been erased."""
        ...

    def erase(self, digest: str) -> None:
        """Forget it; the ledger still verifies, because it holds the digest only."""
        ...


class People(Protocol):
    """Logins of people and their opaque ids; the only place where a person is named. Can be erased."""

    def id_of(self, login: str) -> PersonId:
        """The person's id, made on first use; the same login always has the same id until it is erased."""
        ...

    def login_of(self, person: PersonId) -> str | None:
        """The login; None when the person is unknown or was erased."""
        ...

    def erase(self, login: str) -> None:
        """Forget the person; their id stays in the ledger and means nobody any more."""


class Notebook(Records, Contents, Protocol):
    """A ledger with its contents as read at one moment; nothing is kept before `save`."""

    @property
    def length(self) -> int:
        """How many entries it holds, in all streams."""
        ...

    @property
    def head(self) -> str:
        """The version that was read or saved last; empty when there is none."""
        ...

    def lease(self, name: str, *, now: datetime, length: timedelta) -> bool:
        """Take a lease at once, unless somebody took it less than `length` ago; raises StreamMoved like `save`."""
        ...

    def save(self, message: str) -> None:
        """Keep everything that was appended, or nothing: raises StreamMoved when somebody else was first."""
        ...


class Notebooks(Protocol):
    """Finds notebooks by name."""

    def open(self, name: str) -> Notebook:
        """Raises LedgerBroken when it does not verify, CodeHostUnavailable."""
        ...


class Shelves(Protocol):
    """Small sets of files with compare-and-swap: where a door without a database keeps its ledger and evidence."""

    def load(self, name: str) -> Shelf:
        """The shelf as it is now; empty when nothing was ever put there. Raises CodeHostUnavailable."""
        ...

    def read(self, shelf: Shelf, path: str) -> bytes:
        """One file of a loaded shelf; raises KeyError when it holds none, CodeHostUnavailable."""
        ...

    def replace(self, shelf: Shelf, files: Mapping[str, bytes], message: str) -> Shelf:
        """Lay `files` over the loaded version; raises StreamMoved, changing nothing, when somebody else was first."""
        ...


class CodeHost(Protocol):
    """A pull request's conversation. Everything that writes can be done twice without showing twice.

    Every call raises CodeHostUnavailable when the host refuses or does not answer.
    """

    def now(self) -> datetime:
        """The host's own clock, to the second."""
        ...

    def pull(self, number: int) -> PullRequest:
        """One pull request; raises InputInvalid when there is none with that number."""
        ...

    def waiting(self, label: str) -> tuple[int, ...]:
        """Numbers of the open pull requests that carry a label."""
        ...

    def changed_files(self, number: int) -> tuple[str, ...]:
        """Paths that a pull request touches, in the host's order."""
        ...

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Other people's comments, oldest first; of an edit within the first second only `edited` knows."""
        ...

    def edited(self, comments: tuple[Comment, ...]) -> frozenset[int]:
        """Ids of those whose text was ever changed, whenever that was."""
        ...

    def pinned(self, repository: str, revision: str) -> Pinned | None:
        """The commit that a revision of a public repository (its address) is now; empty is its default branch.

        None when the repository is elsewhere, private, empty or has no such revision.
        """
        ...

    def role(self, login: str) -> str | None:
        """The account's role in this repository right now; None when the host does not say."""
        ...

    def file(self, path: str, revision: str) -> bytes | None:
        """A file of at most 20 MiB at a revision (empty: the default branch); None when there is none."""
        ...

    def pushed_at(self, pull: PullRequest) -> datetime:
        """When the host received the pull request's head; the time now when nothing tells."""
        ...

    def readied_at(self, pull: PullRequest) -> datetime:
        """When the pull request was last opened, reopened or marked as ready for review."""
        ...

    def react(self, comment: int, reaction: Reaction) -> None:
        """Acknowledge a comment; a comment that is gone is no error."""
        ...

    def show_comment(self, number: int, comment: StickyComment) -> None:
        """Make the one comment of ours say this, unless it shows a later state of the ledger already."""
        ...

    def update_check_run(self, check: CheckRun) -> bool:
        """Make the check run with that external id say this; False when there is none."""
        ...

    def make_check_run(self, check: CheckRun) -> None:
        """Make it. It cannot be deleted again, so the caller sees to it that nobody else makes it meanwhile."""
        ...

    def label(self, number: int, *, add: frozenset[str], remove: frozenset[str]) -> None:
        """Add and remove labels; a missing one is made."""
        ...

    def start_grading(self, number: int) -> None:
        """Wake the grading of a pull request."""
        ...

    def keep_file(self, path: str, content: bytes, message: str) -> None:
        """Commit a file to the default branch; nothing happens when it is there with that content."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A credential in both forms: JSON with an embedded proof, and a compact VC-JWT."""

    document: dict[str, Any]
    jwt: str


class Signer(Protocol):
    """Signs credentials with the installation's keys; a key never leaves it."""

    def sign(self, unsigned: Callable[[str], dict[str, Any]]) -> Signed:
        """Sign what `unsigned` makes for the issuer that it is given, a DID.

        Raises SettingsInvalid when there are no keys, or others than their owner can read them.
        """
        ...
