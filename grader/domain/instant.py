"""Points in time as whole milliseconds since 1970 in UTC, and how people read them."""

from datetime import UTC, datetime, timedelta
from typing import NewType

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime, rounded down to a millisecond; ValueError when it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a time without its zone is no instant")
    return Instant((moment - _EPOCH) // timedelta(milliseconds=1))


def to_datetime(instant: int) -> datetime:
    """The aware datetime, in UTC."""
    return _EPOCH + timedelta(milliseconds=instant)


def iso(instant: int) -> str:
    """ISO 8601 with milliseconds and `Z`, e.g. `2026-11-23T15:30:00.000Z`."""
    return to_datetime(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(milliseconds: int) -> str:
    """A duration in the two largest units that say something: `1 h 29 min`, `4 min 10 s`, `1 ms`."""
    left, parts = abs(milliseconds), []
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (1, "ms")):
        amount, left = divmod(left, unit)
        if amount:
            parts.append(f"{amount} {name}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 ms"
