"""Everything the grader raises on purpose, by who must act, with the exit code each one ends in.

GraderError
+ SubmissionRejected     1  the learner    posted to them word for word
+ CaseBroken             1  the case's author   the case fails its own self-check
+ InputInvalid           2  the caller     an option, file or revision is wrong; nothing was done
+ CommandRefused         1  whoever asked  a rule of the exercise says no; nothing was changed
+ SettingsInvalid        2  the operator   stops start-up
+ LedgerBroken           3  the operator   the ledger was changed from outside, or lost lines
+ ServiceUnavailable     3  nobody yet     retried; never becomes a score
  - SandboxUnavailable
  - CodeHostUnavailable
  - LanguageModelUnavailable
  - LedgerUnavailable
  - StreamMoved

What learner code does (crash, hang, exhaust memory, lie) is an observation, not an exception.
Every message is one line: what is wrong, where, and how to mend it.
"""

from typing import ClassVar


class GraderError(Exception):
    """Base of all; never raised itself."""

    exit_code: ClassVar[int] = 3


class SubmissionRejected(GraderError):
    """The submission cannot be graded; the message tells the learner how to mend it."""

    exit_code = 1


class CaseBroken(GraderError):
    """A case contradicts itself or its schema; the message names file, line and field."""

    exit_code = 1


class InputInvalid(GraderError):
    """An option, a file or a revision that the caller gave is wrong."""

    exit_code = 2


class CommandRefused(GraderError):
    """A rule of the exercise refuses a command; the message names the rule."""

    exit_code = 1


class SettingsInvalid(GraderError):
    """A setting or twin file is missing, unknown or malformed."""

    exit_code = 2


class LedgerBroken(GraderError):
    """The ledger does not read back as it was written; nothing is decided on top of it."""


class ServiceUnavailable(GraderError):
    """Something the grader depends on did not answer; never a score."""

    exit_code = 3


class SandboxUnavailable(ServiceUnavailable):
    """There is no container engine, it does not answer, or it died under a run."""


class CodeHostUnavailable(ServiceUnavailable):
    """The code host refused, throttled or timed out."""


class LanguageModelUnavailable(ServiceUnavailable):
    """The language model refused, throttled or timed out."""


class LedgerUnavailable(ServiceUnavailable):
    """The database of the ledger cannot be reached or opened."""


class StreamMoved(ServiceUnavailable):
    """Somebody else appended first; the command is decided again on the new state."""
