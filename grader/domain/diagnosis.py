"""From a replayed repro and the attempt's events to `diagnosis_speed`; arithmetic only, docs/grading.md 5."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from grader.domain.case import RootCause, Verdict
from grader.domain.case_facts import Repro, ReproFacts
from grader.domain.score import Confidence, DimensionId, Evidence, Points, PreScore, floor_points
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.twin import SpeedStep

DIAGNOSIS = DimensionId("diagnosis_speed")
REPRODUCES, CLASS, FILE, SYMBOL, MINIMAL = (Fraction(n, 100) for n in (35, 25, 20, 10, 10))


def reproduces(facts: ReproFacts) -> bool:
    """Whether it hallucinates on the starter every time, and never on the reference."""
    unsafe = [found.verdict is Verdict.HALLUCINATED for found in facts.on_base]
    cured = [found.verdict is not Verdict.HALLUCINATED for found in facts.on_reference]
    return bool(unsafe) and all(unsafe) and all(cured)


def validity(facts: ReproFacts, root: RootCause) -> Fraction:
    """How right and how small the diagnosis is, 0..1; 0 when it does not reproduce."""
    repro = facts.repro
    if repro is None or not reproduces(facts):
        return Fraction(0)
    parts = (
        REPRODUCES,
        CLASS if repro.failure_class.strip().lower() in {name.lower() for name in root.classes} else 0,
        FILE if _names_file(repro, root) else 0,
        SYMBOL if _names_symbol(repro, root) else 0,
        MINIMAL if not facts.removable else 0,
    )
    return sum((Fraction(part) for part in parts), Fraction(0))


def _names_file(repro: Repro, root: RootCause) -> bool:
    return repro.file.strip().removeprefix("./") in root.files


def _names_symbol(repro: Repro, root: RootCause) -> bool:
    return repro.symbol.strip().rpartition(".")[2].removesuffix("()") in root.symbols


def names_the_cause(facts: ReproFacts, root: RootCause) -> bool:
    """Whether a repro that reproduces names the right file."""
    return facts.repro is not None and reproduces(facts) and _names_file(facts.repro, root)


def first_root_cause(timeline: Timeline, root: RootCause, confirmed: Iterable[str]) -> TimelineEvent | None:
    """The first event that carries a valid root cause: it names a file of the answer key, or pins a confirmed commit.

    `confirmed` are commits whose repro was replayed and named the right file.
    """
    pinned = tuple(confirmed)
    for event in sorted(timeline.events, key=lambda event: event.at):
        if event.kind is TimelineKind.ROOT_CAUSE and (
            any(name in event.text for name in root.files)
            or (event.commit and any(commit.startswith(event.commit) for commit in pinned))
        ):
            return event
    return None


def factor(opened_at: datetime, event: TimelineEvent | None, steps: Iterable[SpeedStep]) -> Fraction:
    """The share that the time earns: that of the first step not yet passed, 0 after the last or without an event."""
    if event is None:
        return Fraction(0)
    minutes = (event.at - opened_at).total_seconds() / 60
    return next((Fraction(step.factor, 100) for step in steps if minutes <= step.minutes), Fraction(0))


def diagnosis_speed(
    facts: ReproFacts,
    root: RootCause,
    timeline: Timeline | None,
    steps: Iterable[SpeedStep],
    confirmed: Iterable[str] = (),
) -> PreScore:
    """`V · (0.5 + 0.5 · factor)`; null without server-timed events, 0 when the repro does not reproduce."""
    if timeline is None:
        return PreScore(dimension=DIAGNOSIS, points=None, reason="no timeline", confidence=Confidence.LOW)
    share = validity(facts, root)
    if not share:
        return PreScore(dimension=DIAGNOSIS, points=Points(0), reason=facts.problem or _why_not(facts))
    event = first_root_cause(timeline, root, confirmed)
    earned = factor(timeline.opened_at, event, steps)
    points = floor_points(share * (Fraction(1, 2) + earned / 2))
    when = _minutes(timeline, event) if event else "no event of the live window names the root cause"
    evidence = [Evidence(claim="the repro hallucinates on the starter", where="repro", quote=facts.on_base[0].span)]
    if event:
        evidence.append(Evidence(claim="root cause reported", where=event.at.isoformat(), quote=event.text[:200]))
    reason = f"the repro hallucinates on the starter {len(facts.on_base)} of {len(facts.on_base)} times; {when}"
    return PreScore(dimension=DIAGNOSIS, points=points, reason=reason, evidence=tuple(evidence))


def _why_not(facts: ReproFacts) -> str:
    if facts.repro is None:
        return "no repro was handed in"
    times = sum(found.verdict is Verdict.HALLUCINATED for found in facts.on_base)
    if times < len(facts.on_base):
        return f"the repro hallucinates on the starter {times} of {len(facts.on_base)} times"
    return "the repro is unsafe on a right fix too, so it shows something else"


def _minutes(timeline: Timeline, event: TimelineEvent) -> str:
    minutes = int((event.at - timeline.opened_at).total_seconds() // 60)
    return f"root cause named {minutes} min after the start"
