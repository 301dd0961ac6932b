"""What is asked of the job that grades: everything it needs, and no more; it holds no secret and no token."""

from dataclasses import dataclass
from datetime import datetime

from grader.domain.submission import SelfCheckAnswer
from grader.domain.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Grade this submission as run `run` of `attempt`. `commit` is empty for an archive, or when none was pinned."""

    pull: int
    attempt: str
    run: int
    twin: str
    case: str
    manifest: bytes
    archive: bytes
    commit: str
    answers: tuple[SelfCheckAnswer, ...]
    received_at: datetime
    deadline: datetime
    timeline: Timeline
