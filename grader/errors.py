"""Everything the grader raises on purpose, by who must act, with the exit code each one ends in.

GraderError
+ SubmissionRejected     1  the learner    posted to them word for word
+ CaseBroken             1  the case's author   the case fails its own self-check
+ InputInvalid           2  the caller     an option, file or revision is wrong; nothing was done
+ SettingsInvalid        2  the operator   stops start-up
+ ServiceUnavailable     3  nobody yet     retried; never becomes a score
  - SandboxUnavailable
  - CodeHostUnavailable
  - LanguageModelUnavailable

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


class SettingsInvalid(GraderError):
    """A setting or twin file is missing, unknown or malformed."""

    exit_code = 2


class ServiceUnavailable(GraderError):
    """Something the grader depends on did not answer; never a score."""

    exit_code = 3


class SandboxUnavailable(ServiceUnavailable):
    """There is no container engine, it does not answer, or it died under a run."""


class CodeHostUnavailable(ServiceUnavailable):
    """The code host refused, throttled or timed out."""


class LanguageModelUnavailable(ServiceUnavailable):
    """The language model refused, throttled or timed out."""
