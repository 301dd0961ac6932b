"""A refusal of the rules -> what a person reads in the conversation: what is wrong, and what to post next."""

import re
from datetime import datetime
from typing import Final

from grader.domain.refusal import Refusal, Rule
from grader.report.view import clock_and_day

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_BLOCKED: Final = re.compile(r"(critical self-check (.+) is answered with no);.*")
_PHASES: Final = {
    "is in_review": "is in review",
    "is grade_error": "waits to be graded again",
    "is signed_off": "is signed off",
}
_NEXT: Final = {
    Rule.PREVIOUS_ATTEMPT_OPEN: "then `/reattempt` starts the next one",
    Rule.LIVE_WINDOW_CLOSED: "say it in the post-mortem",
    Rule.EXPIRED: "`/reattempt` starts the next attempt, if one is left",
    Rule.UNANSWERED: "write `true` or `false` for it under `[self_checks]` in the manifest, push, and hand in again",
    Rule.GRADING: "post this again when the pre-scores are here",
    Rule.NOT_CLAIMED: "`/confirm` or `/score` does that too",
    Rule.NOT_HOLDER: "after that `/claim` takes it over",
    Rule.NO_PRE_SCORE: "`/score DIMENSION VALUE REASON`",
    Rule.INCOMPLETE: "`/confirm` accepts what is left, `/score` sets one",
    Rule.SKILLS_NEED_PASS: "`/assert SKILL 0`",
    Rule.SIGNED_OFF: "`/regrade REASON` opens it again",
}
"""What to post next, where the sentence of the rule does not say it."""


def told(refusal: Refusal) -> str:
    """The sentence without the name of its rule, with times as people write them, and what to do about it."""
    sentence = refusal.message.partition(": ")[2] or refusal.message
    sentence = _INSTANT.sub(lambda found: clock_and_day(datetime.fromisoformat(found[0])), sentence)
    sentence = re.sub(r"\battempt [0-9a-f]{12}\b", "the attempt before", sentence)
    for phase, plain in _PHASES.items():
        sentence = sentence.replace(phase, plain)
    if refusal.rule is Rule.BLOCKED and (blocked := _BLOCKED.fullmatch(sentence)):
        checks = blocked[2].split(", ")
        met = ", ".join(f"`{check} = true`" for check in checks)
        forced = ", ".join(f"`/force {check} REASON`" for check in checks)
        return f"{blocked[1]}; write {met} once it is met and push, or post {forced}; then hand in again"
    following = _NEXT.get(refusal.rule)
    return f"{sentence}; {following}" if following else sentence
