"""What a walk is asked for, and what it needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from grader.domain.case import CaseId
from grader.domain.timeline import Timeline
from grader.domain.twin import TwinId
from grader.intake.manifest import Manifest
from grader.ports import Cache, Cases, Clock, Pods, Repos, Sandboxes, Twins
from grader.writing.judge import Judge

DEFAULT_TWIN = TwinId("jt-incident-4")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What to grade; `received_at` is the server's time, where it is known.

    `archive` holds the bytes of an upload, or of what was kept of a repository, which then is not fetched again;
    `commit` names the commit that they were taken from.
    """

    case: CaseId
    manifest: Manifest
    archive: bytes = b""
    commit: str = ""
    timeline: Timeline | None = None
    received_at: datetime | None = None
    seed: int = 0
    twin: TwinId = DEFAULT_TWIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports of the walk; `tell` hears what is being done."""

    twins: Twins
    cases: Cases
    repos: Repos
    sandboxes: Sandboxes
    pods: Pods
    clock: Clock
    cache: Cache | None = None
    judge: Judge | None = None
    """The language model that may adjust prose within bounds; None leaves prose to the rules."""
    tell: Callable[[str], None] = lambda _: None
