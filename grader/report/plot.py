"""The timeline as a plot: every server-timed event on one axis, with the live window and its end. Geometry only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind

WIDTH, LEFT, RIGHT = 760, 96, 20
"""User units of the drawing; labels of the lanes stand left of LEFT."""
LANES = (TimelineKind.STATUS_UPDATE, TimelineKind.ROOT_CAUSE, TimelineKind.HOTFIX, TimelineKind.RESOLVED)
TOP, LANE = 26, 34
STEPS = (5, 10, 15, 30, 60, 120, 240, 480, 1440)
MOST_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One event: where it stands, its lane's kind, and what to call it."""

    x: float
    y: float
    kind: TimelineKind
    name: str
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A word on an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """All coordinates of the drawing, in user units; `window_end` is where the live window closes."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    window_end: float
    lanes: tuple[Label, ...]
    grid: tuple[Label, ...]
    marks: tuple[Mark, ...]


def plot(timeline: Timeline) -> Plot:
    """Lay a timeline out; events before the start are drawn at the start."""
    last = max((event.at for event in timeline.events), default=timeline.closes_at)
    end = max(timeline.closes_at, last)
    whole = max(end - timeline.opened_at, timedelta(minutes=1))

    def x(moment: datetime) -> float:
        share = max(moment - timeline.opened_at, timedelta(0)) / whole
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    bottom = TOP + LANE * len(LANES)
    step = _step(whole)
    grid = (timedelta(minutes=step * n) for n in range(int(whole / timedelta(minutes=step)) + 1))
    return Plot(
        width=WIDTH,
        height=bottom + 30,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=bottom,
        window_end=x(timeline.closes_at),
        lanes=tuple(Label(x=LEFT - 10, y=_lane(kind), text=kind.replace("_", " ")) for kind in LANES),
        grid=tuple(
            Label(x=x(timeline.opened_at + after), y=bottom + 18, text=str(int(after / timedelta(minutes=1))))
            for after in grid
        ),
        marks=tuple(_mark(event, x(event.at), timeline) for event in timeline.events),
    )


def _step(whole: timedelta) -> int:
    minutes = whole / timedelta(minutes=1)
    return next((step for step in STEPS if minutes / step <= MOST_STEPS), STEPS[-1] * max(1, int(minutes // 17280) + 1))


def _lane(kind: TimelineKind) -> float:
    return TOP + LANE * LANES.index(kind) + LANE / 2


def _mark(event: TimelineEvent, x: float, timeline: Timeline) -> Mark:
    after = int((event.at - timeline.opened_at) / timedelta(minutes=1))
    return Mark(
        x=x,
        y=_lane(event.kind),
        kind=event.kind,
        name=f"{event.kind.replace('_', ' ')}, {after} min after the start",
        inside=timeline.opened_at <= event.at < timeline.closes_at,
    )
