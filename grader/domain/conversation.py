"""What the code host tells us about a pull request and its conversation, and what we show there; values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account by its numeric id, which survives renaming; `login` is for showing only."""

    id: int
    login: str
    is_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment; times are the server's. `edited` means that its text was changed after `created_at`.

    `node` is the id under which the host's other interface knows it, `reactions` are those that anybody gave it.
    """

    id: int
    node: str
    author: Account
    body: str
    created_at: datetime
    url: str
    edited: bool = False
    reactions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request now. `head` is the full commit name; `head_repository` is None when the fork was deleted."""

    number: int
    author: Account
    head: str
    head_ref: str
    head_repository: str | None
    draft: bool
    open: bool
    created_at: datetime
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What a revision was at one moment; `pushed_at` is None when the host does not tell when it came."""

    commit: str
    pushed_at: datetime | None


class Reaction(StrEnum):
    """How a comment with commands is acknowledged."""

    DONE = "+1"
    REFUSED = "-1"
    MALFORMED = "confused"


class Conclusion(StrEnum):
    """What a completed check run says."""

    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"
    SUCCESS = "success"
    FAILURE = "failure"


class Level(StrEnum):
    """How much a remark matters."""

    NOTICE = "notice"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark on lines of a file in the pull request's head; lines count from 1."""

    path: str
    first_line: int
    last_line: int
    title: str
    message: str
    level: Level = Level.NOTICE


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """The check run of one attempt. It is found again by `external_id`; without a conclusion it is in progress."""

    external_id: str
    head: str
    title: str
    summary: str
    text: str = ""
    conclusion: Conclusion | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StickyComment:
    """The one comment that we keep up to date; `seq` is the ledger's length that it shows, so older never wins."""

    seq: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A small set of files that is replaced as a whole or not at all, as read at one `version` (empty: none yet).

    `contents` maps paths to content ids; what a file holds is read only when it is asked for.
    """

    name: str
    version: str
    contents: Mapping[str, str]
