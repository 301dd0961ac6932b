"""Precision and recall of the prose rules on the development set of `tests/writing`, and their speed.

Run: `python benchmarks/writing.py [--misses] [--held-out|--open]`
"""

import sys
import time
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from grader.domain.prose import PostmortemReading, Section
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.writing import postmortem, updates

SET = Path(__file__).parent.parent / "tests" / "writing"
LETTERS = {"T": Section.TIMELINE, "R": Section.ROOT_CAUSE, "I": Section.IMPACT, "F": Section.FOLLOW_UPS}
UPDATE_FLAGS = ("status", "impact", "action", "state", "next", "speculative", "jargon")


@dataclass
class Tally:
    """Right, wrongly found and missed."""

    right: int = 0
    extra: int = 0
    missed: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.extra) if self.right + self.extra else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def add(self, name: str, wanted: list[Any], found: list[Any]) -> None:
        left = list(found)
        for one in wanted:
            if one in left:
                left.remove(one)
                self.right += 1
            else:
                self.missed += 1
                self.misses.append(f"{name}: missed {one!r}")
        self.extra += len(left)
        self.misses += [f"{name}: found {one!r}" for one in left]


@dataclass
class Score:
    """Share of decisions that are right."""

    right: int = 0
    total: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, wanted: object, found: object) -> None:
        self.total += 1
        self.right += wanted == found
        if wanted != found:
            self.misses.append(f"{name}: wanted {wanted!r}, found {found!r}")

    @property
    def share(self) -> float:
        return self.right / self.total if self.total else 1.0


@dataclass
class Result:
    """All measures over the post-mortems and updates that were asked for."""

    owners: Tally = field(default_factory=Tally)
    items: Score = field(default_factory=Score)
    names_owners: Score = field(default_factory=Score)
    sections: Score = field(default_factory=Score)
    rows: Tally = field(default_factory=Tally)
    blame: Tally = field(default_factory=Tally)
    flags: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in UPDATE_FLAGS})

    @property
    def flag_share(self) -> float:
        """Right decisions over all update flags."""
        return sum(s.right for s in self.flags.values()) / max(1, sum(s.total for s in self.flags.values()))


def measure(*, held_out: bool | None = None) -> Result:
    """Read every labelled text; `held_out` picks one part of the set."""
    result = Result()
    for name, label in _labels("postmortems").items():
        if held_out is None or label["held_out"] is held_out:
            text = (SET / "postmortems" / f"{name}.md").read_text(encoding="utf-8")
            _compare(result, name, label, postmortem.read(text))
    for name, label in _labels("updates").items():
        if held_out is None or label["held_out"] is held_out:
            _compare_update(result, name, label)
    return result


def _labels(kind: str) -> dict[str, Any]:
    file = SET / kind / "labels.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _compare(result: Result, name: str, label: dict[str, Any], reading: PostmortemReading) -> None:
    for letter, section in LETTERS.items():
        result.sections.add(f"{name} {section}", letter in label["sections"], dict(reading.sections)[section])
    found = [list(item.owners) for item in reading.follow_ups]
    result.items.add(name, len(label["owners"]), len(found))
    wanted_owned = [(at, owner) for at, owners in enumerate(label["owners"]) for owner in owners]
    result.owners.add(name, wanted_owned, [(at, owner) for at, owners in enumerate(found) for owner in owners])
    result.names_owners.add(name, bool(wanted_owned), reading.names_owners)
    result.rows.add(name, ["row"] * label["rows"], ["row"] * len(reading.timeline))
    result.blame.add(name, ["blame"] * label["blame"], ["blame"] * len(reading.blame))


def _compare_update(result: Result, name: str, label: dict[str, Any]) -> None:
    opened = datetime(2026, 3, 1, 12, tzinfo=UTC)
    event = TimelineEvent(
        kind=TimelineKind.STATUS_UPDATE, at=opened + timedelta(minutes=5), author="learner", text=label["text"]
    )
    read = updates.read(Timeline(opened_at=opened, window=timedelta(minutes=90), events=(event,))).updates[0]
    found = {
        "status": read.is_status_update,
        "impact": read.has_impact,
        "action": read.has_action,
        "state": read.has_state,
        "next": read.has_next_update,
        "speculative": read.speculative,
        "jargon": read.internal_jargon,
    }
    for flag in UPDATE_FLAGS:
        result.flags[flag].add(f"{name} {flag} {label['text'][:70]!r}", flag in label["says"], found[flag])


def _seconds() -> float:
    text = "\n".join(
        (SET / "postmortems" / f"{name}.md").read_text(encoding="utf-8") for name in _labels("postmortems")
    )
    text = (text * (1_000_000 // len(text) + 1))[:1_000_000]
    start = time.perf_counter()
    postmortem.read(text)
    return time.perf_counter() - start


def main() -> None:
    part = True if "--held-out" in sys.argv else False if "--open" in sys.argv else None
    result = measure(held_out=part)
    for name in ("owners", "rows", "blame"):
        tally: Tally = getattr(result, name)
        print(f"{name:14} precision {tally.precision:.3f}  recall {tally.recall:.3f}  F1 {tally.f1:.3f}")
    for name in ("items", "names_owners", "sections"):
        score: Score = getattr(result, name)
        print(f"{name:14} {score.share:.3f}  ({score.right} of {score.total})")
    for name, score in result.flags.items():
        print(f"update {name:12} {score.share:.3f}  ({score.right} of {score.total})")
    print(f"{'update flags':14} {result.flag_share:.3f}")
    print(f"one megabyte in {_seconds():.2f} s")
    if "--misses" in sys.argv:
        counted: list[Tally | Score] = [result.sections, result.items, result.owners, result.rows, result.blame]
        for measured in [*counted, *result.flags.values()]:
            if measured.misses:
                print(*measured.misses, sep="\n")


if __name__ == "__main__":
    main()
