"""The eight groups of ticks of communication, C1 to C8; lines are numbers of updates, counted from 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from grader.domain.prose import Tick, UpdateReading
from grader.writing.plain import words
from grader.writing.update_signals import is_closing, shows_recovery, tells_what_is_left

LATE = timedelta(minutes=5)
SHORT_WINDOW = timedelta(minutes=20)
_FIRST = ((5, 3), (15, 2), (30, 1))
_GAPS = ((20, 3), (30, 2), (60, 1))
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When updates count: from `opened` to `ends` (the resolution, else `closes`, which is itself outside)."""

    opened: datetime
    ends: datetime
    closes: datetime
    resolved: bool
    closing_text: str

    def holds(self, at: datetime) -> bool:
        """Whether an update at `at` is inside."""
        return self.opened <= at <= self.ends and at < self.closes

    @property
    def length(self) -> timedelta:
        """How long the incident was open."""
        return self.ends - self.opened


def all_ticks(readings: Sequence[UpdateReading], window: Window) -> tuple[Tick, ...]:
    """C1 to C8, in order."""
    counted = _counted(readings)
    parts = (
        _published(counted),
        _first(counted, window),
        _cadence(counted, window),
        _who(counted),
        _what(counted),
        _next(counted, readings, window),
        *_closing(counted, readings, window),
        _plain(counted, readings),
    )
    groups: dict[str, list[Tick]] = {}
    for part in parts:
        groups.setdefault(part.id.split(".")[0], []).append(part)
    return tuple(_group(name, members) for name, members in groups.items())


def _group(name: str, parts: list[Tick]) -> Tick:
    return Tick(
        id=name,
        title=parts[0].title if len(parts) == 1 else "Closing update",
        earned=sum((part.earned for part in parts), Fraction(0)),
        out_of=sum(part.out_of for part in parts),
        reason="; ".join(part.reason for part in parts),
        lines=tuple(sorted({line for part in parts for line in part.lines})),
        parts=tuple(parts),
    )


Counted = list[tuple[int, UpdateReading]]


def _counted(readings: Sequence[UpdateReading]) -> Counted:
    """Qualifying updates inside the window; the same words twice count once."""
    seen: set[tuple[str, ...]] = set()
    kept: Counted = []
    for number, update in enumerate(readings, start=1):
        key = tuple(words(update.text))
        if update.in_window and update.is_status_update and key not in seen:
            seen.add(key)
            kept.append((number, update))
    return kept


def _tick(
    name: str, title: str, score: tuple[Fraction | int, int], reason: str, rest: tuple[tuple[int, ...], str]
) -> Tick:
    earned, out_of = Fraction(score[0]), score[1]
    lines, mend = rest
    return Tick(
        id=name,
        title=title,
        earned=earned,
        out_of=out_of,
        reason=reason,
        lines=lines,
        mend=mend if earned < out_of else "",
    )


def _numbers(counted: Counted) -> tuple[int, ...]:
    return tuple(number for number, _ in counted)


def _published(counted: Counted) -> Tick:
    mend = "post at least one status update during the live window that says who is affected or what you are doing"
    reason = f"{len(counted)} status update{'s' if len(counted) != 1 else ''} in the live window"
    return _tick("C1.published", "At least one update", (5 if counted else 0, 5), reason, (_numbers(counted), mend))


def _first(counted: Counted, window: Window) -> Tick:
    title, mend = (
        "Time to the first update",
        "post the first update within 5 minutes of the start, even when little is known",
    )
    if not counted:
        return _tick("C2.first", title, (0, 3), "no update", ((), mend))
    minutes = (counted[0][1].at - window.opened) / _MINUTE
    earned = next((ticks for limit, ticks in _FIRST if minutes <= limit), 0)
    return _tick("C2.first", title, (earned, 3), f"first update after {minutes:.0f} min", (_numbers(counted[:1]), mend))


def _cadence(counted: Counted, window: Window) -> Tick:
    title = "Longest silence"
    if not counted:
        return _tick("C3.cadence", title, (0, 3), "no update", ((), "post an update at least every 20 minutes"))
    if window.resolved and window.length < SHORT_WINDOW:
        closed = is_closing(counted[-1][1].text) or is_closing(window.closing_text)
        reason = (
            "a short incident with a first and a closing update"
            if closed
            else "a short incident without a closing update"
        )
        return _tick(
            "C3.cadence",
            title,
            (3 if closed and counted else 1, 3),
            reason,
            (_numbers(counted), "close with a final update"),
        )
    moments = [window.opened, *(update.at for _, update in counted), window.ends]
    gaps = [(later - earlier, earlier) for earlier, later in pairwise(moments)]
    longest, since = max(gaps)
    minutes = longest / _MINUTE
    earned = next((ticks for limit, ticks in _GAPS if minutes <= limit), 0)
    mend = f"post at least every 20 minutes, also without news: after {since:%H:%M} nothing came for {minutes:.0f} min"
    return _tick("C3.cadence", title, (earned, 3), f"longest silence {minutes:.0f} min", (_numbers(counted), mend))


def _halves(good: int, all_of_them: int) -> Fraction:
    """Two ticks by share, in steps of a half."""
    return Fraction(int(Fraction(4 * good, all_of_them)), 2) if all_of_them else Fraction(0)


def _missing(counted: Counted, good: Counted) -> str:
    times = [f"{update.at:%H:%M}" for number, update in counted if number not in _numbers(good)]
    return ", ".join(times[:3]) + (", …" if len(times) > 3 else "")


def _who(counted: Counted) -> Tick:
    needed = [(n, u) for n, u in counted if not is_closing(u.text)] or counted
    good = [(n, u) for n, u in needed if u.has_impact]
    reason = f"{len(good)} of {len(needed)} say who or what is affected, and how"
    mend = f"say who is affected and how at {_missing(needed, good)}" if needed else "say who is affected and how"
    return _tick(
        "C4.who", "Who and what is affected", (_halves(len(good), len(needed)), 2), reason, (_numbers(good), mend)
    )


def _what(counted: Counted) -> Tick:
    good = [(n, u) for n, u in counted if u.has_action or u.has_state]
    reason = f"{len(good)} of {len(counted)} say what is being done, or the state"
    mend = f"say what you are doing at {_missing(counted, good)}" if counted else "say what you are doing"
    return _tick("C5.what", "What is being done", (_halves(len(good), len(counted)), 2), reason, (_numbers(good), mend))


def _next(counted: Counted, readings: Sequence[UpdateReading], window: Window) -> Tick:
    title, mend = "When the next update comes", "end each update with the time of the next one"
    open_ones = [(n, u) for n, u in counted if not is_closing(u.text)]
    if not open_ones:
        return _tick(
            "C6.next", title, (2 if counted else 0, 2), "only a closing update" if counted else "no update", ((), mend)
        )
    good = [(n, u) for n, u in open_ones if u.has_next_update]
    broken = [u for _, u in good if _broken(u, readings, window)]
    earned = _halves(len(good), len(open_ones)) / (2 if broken else 1)
    reason = f"{len(good)} of {len(open_ones)} say when the next one comes"
    if broken:
        reason += f"; the promise made at {broken[0].at:%H:%M} was not kept"
        mend = f"keep the promised time, also without news (promised at {broken[0].at:%H:%M})"
    return _tick("C6.next", title, (earned, 2), reason, (_numbers(good), mend))


def _broken(update: UpdateReading, readings: Sequence[UpdateReading], window: Window) -> bool:
    if update.promised_at is None:
        return False
    until = update.promised_at + LATE
    return until < window.ends and not any(update.at < other.at <= until for other in readings)


def _closing(counted: Counted, readings: Sequence[UpdateReading], window: Window) -> tuple[Tick, ...]:
    texts = [(n, u.text) for n, u in counted if is_closing(u.text)]
    texts += [
        (n, u.text)
        for n, u in enumerate(readings, start=1)
        if is_closing(u.text) and u.at >= window.ends and u.is_status_update
    ]
    if window.closing_text:
        texts.append((0, window.closing_text))
    shown = next((number for number, text in texts if shows_recovery(text)), None)
    left = next((number for number, text in texts if tells_what_is_left(text)), None)
    none = "no closing update" if not texts else ""
    return (
        _tick(
            "C7.recovered",
            "Closing: recovered",
            (int(shown is not None), 1),
            "the recovery is shown"
            if shown is not None
            else none or "the closing update shows no evidence of the recovery",
            (
                (shown,) if shown else (),
                ("close with an update that says resolved and shows it: a metric, or how long it has been stable"),
            ),
        ),
        _tick(
            "C7.left",
            "Closing: what is left",
            (int(left is not None), 1),
            "says what was lost or lingers"
            if left is not None
            else none or "the closing update does not say what was lost or lingers",
            (
                (left,) if left else (),
                "say in the last update whether data or money was lost, and what customers still have to do",
            ),
        ),
    )


def _plain(counted: Counted, readings: Sequence[UpdateReading]) -> Tick:
    title = "Plain and factual"
    if not counted:
        return _tick("C8.plain", title, (0, 1), "no update", ((), "write plain facts"))
    for number, update in enumerate(readings, start=1):
        if why := _not_plain(update):
            mend = f"write only what is known at {update.at:%H:%M}: it {why}"
            return _tick("C8.plain", title, (0, 1), f"the update at {update.at:%H:%M} {why}", ((number,), mend))
    texts = [tuple(words(update.text)) for update in readings]
    if len(set(texts)) < len(texts):
        return _tick(
            "C8.plain", title, (0, 1), "the same text was posted twice", ((), "say what changed, even if it is little")
        )
    return _tick(
        "C8.plain",
        title,
        (1, 1),
        "no guesses, no promised repair time, no blame, no internal detail",
        (_numbers(counted), ""),
    )


def _not_plain(update: UpdateReading) -> str | None:
    if update.speculative:
        return "guesses"
    if update.notes:
        return update.notes[0].split(":")[0]
    if update.internal_jargon and not update.has_impact:
        return "speaks of internals without saying who is affected"
    return None
