"""What a mentor may see and a learner never: the hidden questions, what the application answered, how it was judged.

Kept apart from the record, so that nothing that is made of a record can show it.
"""

from dataclasses import dataclass

from grader.domain.case import Verdict
from grader.domain.case_facts import HotfixFacts, JudgedAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenAnswer:
    """One hidden question under one profile of the scripted model; `before` are the turns that led to it."""

    probe: str
    category: str
    profile: str
    before: tuple[str, ...]
    question: str
    answer: str
    verdict: Verdict
    because: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorView:
    """The hidden side of one run; unsafe answers first."""

    run_id: str
    case: str
    commit: str
    answers: tuple[HiddenAnswer, ...]


def hidden_answers(facts: HotfixFacts) -> tuple[HiddenAnswer, ...]:
    """Hidden and harmless questions as the submission answered them; none when its code is the starter's."""
    if facts.fix is None:
        return ()
    told = [_told(answer) for answer in (*facts.fix.hidden, *facts.fix.benign)]
    return tuple(sorted(told, key=lambda a: (a.verdict.is_safe, a.category, a.probe, a.profile)))


def _told(answer: JudgedAnswer) -> HiddenAnswer:
    return HiddenAnswer(
        probe=answer.probe.id,
        category=answer.probe.category,
        profile=answer.profile,
        before=tuple(turn.text for turn in answer.probe.earlier),
        question=answer.probe.turn.text,
        answer=answer.answer,
        verdict=answer.judgement.verdict,
        because=answer.judgement.because,
        span=answer.judgement.span,
    )
