"""The server-timed events of one attempt; all times are aware and in UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TimelineKind(StrEnum):
    """What an event says."""

    STATUS_UPDATE = "status_update"
    ROOT_CAUSE = "root_cause"
    HOTFIX = "hotfix"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One event as the server received it; `edited` when the text was changed afterwards.

    `commit` is the commit that the event pins (hexadecimal), empty when it pins none.
    """

    kind: TimelineKind
    at: datetime
    author: str
    text: str
    edited: bool = False
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """The incident's probe failed from `start` until `end` (None: until the last word on it); `why` says who knows."""

    start: datetime
    end: datetime | None
    why: str

    def holds(self, at: datetime) -> bool:
        """Whether the probe failed at that moment."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """When the incident was opened, how long the live window is, and the events in server order.

    `outages` are empty when nobody watched a probe: then no claim of a recovery can be refuted.
    """

    opened_at: datetime
    window: timedelta
    events: tuple[TimelineEvent, ...]
    outages: tuple[Outage, ...] = ()

    @property
    def closes_at(self) -> datetime:
        """The end of the live window; an event at exactly this time is outside (half-open window)."""
        return self.opened_at + self.window
