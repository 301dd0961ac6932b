"""What a learner handed in: the exact commits, when the server received them, and the self-check answers."""

from dataclasses import dataclass
from datetime import datetime

from grader.domain.twin import SubmissionMode


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheckAnswer:
    """A learner's answer beside what the grader found; None when it was not answered, or could not be observed."""

    id: str
    answer: bool | None
    observed: bool | None
    forced: bool = False
    reason: str = ""
    """The learner's reason for forcing; untrusted."""

    @property
    def contradicted(self) -> bool:
        """Whether both are known and differ."""
        return self.answer is not None and self.observed is not None and self.answer is not self.observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission. `commit` and `base` are full object names, or tree digests when there is no repository.

    `deadline` is None when no server-timed events were given; `late` is then False because it is not known.
    """

    mode: SubmissionMode
    commit: str
    base: str
    received_at: datetime
    late: bool = False
    deadline: datetime | None = None
    self_checks: tuple[SelfCheckAnswer, ...] = ()
