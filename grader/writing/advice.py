"""Two or three sentences for the learner: the most valuable missing things first, with line numbers."""

from collections.abc import Sequence

from grader.domain.prose import Tick
from grader.domain.score import FULL, Cap, Points

MOST = 3

_LIFTED_BY = {
    "no_follow_ups": "P5.items",
    "no_owner": "P5.owner",
    "no_root_cause": "P1.root_cause",
    "no_timeline": "P1.timeline",
    "human_error_only": "P3.mechanism",
    "too_few": "C1.published",
}
_CAP_WORDS = {
    "too_short": "Write more of what happened: {reason}.",
    "template_left": "Fill in or delete the template's placeholders: {reason}.",
    "copied": "Use your own words: {reason}.",
    "contradicts_case": "Check your facts: {reason}.",
    "human_error_only": "Go on asking why after the human error: which part of the system let it through?",
    "late_only": "Post during the live window: {reason}.",
    "no_update": "Post a status update during the live window: say who is affected and what you are doing.",
    "thin": "Say in each update who is affected and what you are doing: {reason}.",
    "false_resolved": "Say “resolved” only when the probe is green: {reason}.",
    "blame": "Leave persons out of status updates: {reason}.",
}


def sentences_for(ticks: Sequence[Tick], caps: Sequence[Cap]) -> tuple[str, ...]:
    """At most three sentences; a cap that holds the score down comes before single ticks."""
    parts = {part.id: part for tick in ticks for part in tick.parts}
    said: list[str] = []
    used: set[str] = set()
    for cap in sorted(caps, key=lambda cap: cap.at):
        lifted = parts.get(_LIFTED_BY.get(cap.id, ""))
        if cap.id in _CAP_WORDS:
            said.append(f"{_CAP_WORDS[cap.id].format(reason=cap.reason)} Until then at most {_score(cap.at)}.")
        elif lifted is not None and lifted.mend:
            used.add(lifted.id)
            said.append(f"{_sentence(lifted.mend)} Until then at most {_score(cap.at)}.")
    missing = [part for part in parts.values() if part.mend and part.earned < part.out_of and part.id not in used]
    missing.sort(key=lambda part: part.earned - part.out_of)
    said += [_sentence(part.mend) for part in missing]
    return tuple(dict.fromkeys(said))[:MOST]


def postmortem_advice(ticks: Sequence[Tick], caps: Sequence[Cap], material: object) -> tuple[str, ...]:
    """Advice on a post-mortem."""
    del material
    return sentences_for(ticks, caps)


def _sentence(mend: str) -> str:
    return mend[:1].upper() + mend[1:] + "."


def _score(points: Points) -> str:
    return f"{points / FULL:.2f}"
