"""One member of an archive, listed before anything of it is unpacked."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.intake.admission import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A raw path, what it is, the size it claims, and how to read exactly that many bytes of it."""

    path: bytes
    kind: EntryKind
    size: int
    read: Callable[[], bytes]


def damaged(what: str) -> SubmissionRejected:
    """The refusal of an archive that contradicts itself."""
    return SubmissionRejected(f"the archive is damaged: {what}; make it again")
