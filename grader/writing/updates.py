"""Communication: 20 ticks of 0.05 over the status updates of one attempt, by the server's clock alone."""

from collections.abc import Sequence
from datetime import timedelta

from grader.domain.prose import UpdateReading, UpdatesReading
from grader.domain.score import Cap, Points
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.domain.verdict import Flag
from grader.writing.advice import sentences_for
from grader.writing.injection import injection_lines
from grader.writing.plain import words
from grader.writing.postmortem import points_of
from grader.writing.promises import promised_at, promises_repair, promises_update
from grader.writing.update_signals import (
    blames,
    has_action,
    has_impact,
    has_jargon,
    has_state,
    is_closing,
    is_speculative,
    is_update,
)
from grader.writing.update_ticks import Window, all_ticks

THIN_WORDS = 10


def read(timeline: Timeline) -> UpdatesReading:
    """Read the status updates of one attempt; times written in their text never count as when they were sent."""
    window = _window(timeline)
    readings = tuple(_reading(e, window) for e in timeline.events if e.kind is TimelineKind.STATUS_UPDATE)
    ticks = all_ticks(readings, window)
    false = _false_resolved(timeline)
    caps = _caps(readings, false)
    return UpdatesReading(
        updates=readings,
        ticks=ticks,
        caps=caps,
        points=points_of(ticks, caps),
        flags=_flags(readings, false),
        advice=sentences_for(ticks, caps),
    )


def _window(timeline: Timeline) -> Window:
    """From the opening to the first resolution inside the live window, else to the window's end."""
    resolved = next(
        (e for e in timeline.events if e.kind is TimelineKind.RESOLVED and e.at >= timeline.opened_at), None
    )
    ends = min(resolved.at, timeline.closes_at) if resolved else timeline.closes_at
    return Window(
        opened=timeline.opened_at,
        ends=ends,
        closes=timeline.closes_at,
        resolved=resolved is not None and resolved.at < timeline.closes_at,
        closing_text=resolved.text if resolved else "",
    )


def _reading(event: TimelineEvent, window: Window) -> UpdateReading:
    text = event.text
    return UpdateReading(
        at=event.at,
        author=event.author,
        text=text,
        in_window=window.holds(event.at),
        is_status_update=is_update(text) and not event.author.endswith("[bot]"),
        has_impact=has_impact(text),
        has_action=has_action(text),
        has_state=has_state(text),
        has_next_update=promises_update(text),
        speculative=is_speculative(text),
        internal_jargon=has_jargon(text),
        edited=event.edited,
        promised_at=promised_at(text, event.at),
        notes=tuple(_notes(text)),
    )


def _notes(text: str) -> list[str]:
    notes = []
    if promises_repair(text):
        notes.append("promises when it will be repaired")
    if quote := blames(text):
        notes.append(f"puts the fault on a person: “{quote}”")
    return notes


def _false_resolved(timeline: Timeline) -> str | None:
    """Words for the first "resolved" that was not so: the probe failed then, or the hotfix came later."""
    hotfix = next((e.at for e in timeline.events if e.kind is TimelineKind.HOTFIX), None)
    for event in timeline.events:
        claim = _claim(event)
        if claim is None:
            continue
        outage = next((outage for outage in timeline.outages if outage.holds(event.at)), None)
        if outage is not None:
            return f"{claim} says resolved while the probe failed: {outage.why}"
        if hotfix and event.at < hotfix - timedelta(minutes=1):
            return f"{claim} says resolved before the hotfix of {hotfix:%H:%M}"
    return None


def _claim(event: TimelineEvent) -> str | None:
    """What to call an event that claims the recovery; None for any other."""
    if event.kind is TimelineKind.RESOLVED:
        return f"the `resolved` of {event.at:%H:%M}"
    if event.kind is TimelineKind.STATUS_UPDATE and is_closing(event.text):
        return f"the update at {event.at:%H:%M}"
    return None


def _caps(readings: Sequence[UpdateReading], false: str | None) -> tuple[Cap, ...]:
    qualifying = [u for u in readings if u.in_window and u.is_status_update]
    inside = [u for u in readings if u.in_window]
    blame = next((u for u in readings if any("fault" in note for note in u.notes)), None)
    thin = bool(qualifying) and all(not u.has_impact and len(words(u.text)) <= THIN_WORDS for u in inside)
    rules = (
        (
            bool(readings) and not inside,
            "late_only",
            6,
            "every update came outside the live window or after the resolution",
        ),
        (not qualifying and (bool(inside) or not readings), "no_update", 6, "no qualifying update in the live window"),
        (thin, "thin", 9, "the updates say no more than “looking” or “fixed”"),
        (false is not None, "false_resolved", 12, false or ""),
        (blame is not None, "blame", 15, f"the update at {blame.at:%H:%M} puts the fault on a person" if blame else ""),
    )
    return tuple(Cap(id=name, at=Points(at), reason=reason) for holds, name, at, reason in rules if holds)


def _flags(readings: Sequence[UpdateReading], false: str | None) -> tuple[Flag, ...]:
    flags = [
        Flag(
            id="edited_update",
            detail=f"the update at {u.at:%H:%M} was edited afterwards; it counts as of its first time",
        )
        for u in readings
        if u.edited
    ]
    flags += [
        Flag(id="injection", detail=f"the update at {u.at:%H:%M} addresses the grader")
        for u in readings
        if injection_lines(u.text)
    ]
    if false:
        flags.append(Flag(id="false_resolved", detail=false))
    return tuple(flags)
