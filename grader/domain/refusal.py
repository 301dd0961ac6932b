"""Why a command was not accepted: the rule, and one sentence that tells whoever asked what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rule that a command broke."""

    NOT_STARTED = "not_started"
    ATTEMPTS_USED_UP = "attempts_used_up"
    PREVIOUS_ATTEMPT_OPEN = "previous_attempt_open"
    NOT_YOURS = "not_yours"
    WRONG_ROLE = "wrong_role"
    LIVE_WINDOW_CLOSED = "live_window_closed"
    LATE = "late"
    EXPIRED = "expired"
    ALREADY_SUBMITTED = "already_submitted"
    BLOCKED = "blocked"
    UNANSWERED = "unanswered"
    UNKNOWN_SELF_CHECK = "unknown_self_check"
    UNKNOWN_MODE = "unknown_mode"
    NOT_SUBMITTED = "not_submitted"
    REASON_NEEDED = "reason_needed"
    REASON_TOO_LONG = "reason_too_long"
    STALE_RUN = "stale_run"
    INCOMPLETE_RUN = "incomplete_run"
    GRADING = "grading"
    NOT_GRADED = "not_graded"
    OWN_REVIEW = "own_review"
    ALREADY_CLAIMED = "already_claimed"
    NOT_CLAIMED = "not_claimed"
    NOT_HOLDER = "not_holder"
    SAME_READER = "same_reader"
    UNKNOWN_DIMENSION = "unknown_dimension"
    OFF_GRID = "off_grid"
    NO_PRE_SCORE = "no_pre_score"
    UNKNOWN_SKILL = "unknown_skill"
    ABOVE_CEILING = "above_ceiling"
    INCOMPLETE = "incomplete"
    SKILLS_NEED_PASS = "skills_need_pass"  # noqa: S105 - no password
    SIGNED_OFF = "signed_off"
    NOT_SIGNED_OFF = "not_signed_off"
    DISPUTE_USED = "dispute_used"
    DISPUTE_CLOSED = "dispute_closed"
    NOT_PASSED = "not_passed"
    CREDENTIAL_ACTIVE = "credential_active"
    NO_CREDENTIAL = "no_credential"
    CONFLICT = "conflict"
    KEY_REUSED = "key_reused"


MALFORMED = frozenset(
    {
        Rule.UNKNOWN_SELF_CHECK,
        Rule.UNKNOWN_MODE,
        Rule.UNANSWERED,
        Rule.REASON_NEEDED,
        Rule.REASON_TOO_LONG,
        Rule.UNKNOWN_DIMENSION,
        Rule.OFF_GRID,
        Rule.UNKNOWN_SKILL,
        Rule.ABOVE_CEILING,
        Rule.KEY_REUSED,
    }
)
"""The input itself is wrong, whatever state the attempt is in (exit 2); all other rules say no (exit 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rule and one sentence."""

    rule: Rule
    message: str
