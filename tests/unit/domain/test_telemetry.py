"""When the probe failed, as the runs of what was handed in prove it: by which commit was live when."""

from datetime import UTC, datetime, timedelta

import pytest

from grader.domain.case import Judgement, Probe, ProbeId, Turn, Verdict
from grader.domain.case_facts import Answers, HotfixFacts, JudgedAnswer
from grader.domain.telemetry import outages
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind

OPENED = datetime(2026, 3, 9, 9, tzinfo=UTC)
HANDED = "4f2a91c0de"
HOTFIX, RESOLVED = TimelineKind.HOTFIX, TimelineKind.RESOLVED
Told = tuple[TimelineKind, int, str]


def answers(*verdicts: Verdict) -> Answers:
    """Answers to as many public questions; the first is the reported one."""
    return Answers(
        public=tuple(
            JudgedAnswer(
                probe=Probe(id=ProbeId(f"p{n}"), category="c", turn=Turn(text="?")),
                profile="default",
                answer="",
                judgement=Judgement(verdict=verdict, because="", span=""),
            )
            for n, verdict in enumerate(verdicts)
        )
    )


UNSAFE = HotfixFacts(product_changed=True, base=Answers(), fix=answers(Verdict.HALLUCINATED))


def failing(*told: Told, facts: HotfixFacts = UNSAFE) -> list[tuple[int, int | None]]:
    """From which minute to which minute the probe failed."""
    events = tuple(
        TimelineEvent(kind=kind, at=OPENED + timedelta(minutes=minute), author="l", text="", commit=commit)
        for kind, minute, commit in told
    )
    timeline = Timeline(opened_at=OPENED, window=timedelta(minutes=90), events=events)
    return [(minute(o.start), minute(o.end) if o.end else None) for o in outages(timeline, HANDED, facts)]


def minute(at: datetime) -> int:
    return int((at - OPENED) / timedelta(minutes=1))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], []),
        ([(HOTFIX, 30, "")], [(30, None)]),
        ([(HOTFIX, 30, "4f2a91c")], [(30, None)]),
        ([(HOTFIX, 30, "bad5eed")], []),
        ([(HOTFIX, 30, "bad5eed"), (HOTFIX, 50, "4f2a91c")], [(50, None)]),
        ([(HOTFIX, 30, "4f2a91c"), (HOTFIX, 50, "bad5eed")], [(30, 50)]),
        ([(HOTFIX, 30, "bad5eed"), (RESOLVED, 50, "")], []),
        ([(HOTFIX, 30, "bad5eed"), (RESOLVED, 50, "4f2a91c")], [(50, None)]),
        ([(RESOLVED, 50, "")], [(50, None)]),
        ([(TimelineKind.STATUS_UPDATE, 10, "4f2a91c")], []),
    ],
)
def test_only_what_is_known_to_have_been_live_is_judged(
    told: list[Told], expected: list[tuple[int, int | None]]
) -> None:
    assert failing(*told) == expected


def test_a_safe_answer_to_the_reported_question_is_no_outage() -> None:
    safe = HotfixFacts(product_changed=True, base=Answers(), fix=answers(Verdict.ABSTAINED, Verdict.HALLUCINATED))
    assert failing((HOTFIX, 30, ""), facts=safe) == []


def test_without_a_change_to_the_product_the_starter_is_still_live() -> None:
    unchanged = HotfixFacts(product_changed=False, base=answers(Verdict.HALLUCINATED))
    assert failing((HOTFIX, 30, ""), facts=unchanged) == [(30, None)]


def test_nothing_is_said_where_nothing_was_asked() -> None:
    assert failing((HOTFIX, 30, ""), facts=HotfixFacts(product_changed=False, base=Answers())) == []
