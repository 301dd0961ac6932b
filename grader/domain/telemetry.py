"""When the incident's probe failed, as far as the runs of what was handed in prove it. Pure."""

from datetime import datetime

from grader.domain.case_facts import HotfixFacts
from grader.domain.timeline import Outage, Timeline, TimelineKind

_DEPLOYS = (TimelineKind.HOTFIX, TimelineKind.RESOLVED)


def outages(timeline: Timeline, commit: str, facts: HotfixFacts) -> tuple[Outage, ...]:
    """From when to when code was live that answers the reported question unsafely.

    A hotfix is live from its event to the next one. It is the commit that the event names, and the one handed in when
    it names none; of any other commit nothing is known, so nothing is said. `resolved` counts as a hotfix when it names
    a commit or when there was none before it.
    """
    if not (facts.fix or facts.base).unsafe_reports:
        return ()
    lives = _deployed(timeline)
    ends = [*(at for at, _ in lives[1:]), None]
    why = f"{commit[:10] or 'what was handed in'} still answers the reported question unsafely"
    return tuple(
        Outage(start=at, end=end, why=why)
        for (at, named), end in zip(lives, ends, strict=False)
        if not named or (commit and (commit.startswith(named) or named.startswith(commit)))
    )


def _deployed(timeline: Timeline) -> list[tuple[datetime, str]]:
    lives: list[tuple[datetime, str]] = []
    for event in timeline.events:
        if event.kind in _DEPLOYS and (event.commit or event.kind is TimelineKind.HOTFIX or not lives):
            lives.append((event.at, event.commit))
    return lives
