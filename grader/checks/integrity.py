"""Did the run say what happened, and does the test judge behaviour? Pure: runs in, flags and rejections out.

These are tripwires: cheap, and no proof. What convicts is a test that answers differently on trees that behave alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.comparison import Runs
from grader.domain.observation import Canary, SuiteObservation
from grader.domain.verdict import Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """`rejections` refuse the change, each naming how it was seen; `flags` are for a mentor to look at."""

    rejections: tuple[Flag, ...] = ()
    flags: tuple[Flag, ...] = ()


def inspect(runs: Runs, found: tuple[Flag, ...] = ()) -> Integrity:
    """What the runs contradict, and what they did besides testing; `found` are rejections from elsewhere."""
    return Integrity(rejections=(*_unique(_rejections(runs)), *found), flags=tuple(_unique(_flags(runs))))


def _rejections(runs: Runs) -> Iterator[Flag]:
    normal = runs.original.disagreements if runs.original is not None else ()
    for run in runs.deciding:
        for problem in run.disagreements:
            if problem not in normal:
                yield Flag(id="suspected_forgery", detail=problem)
        if run.canary is Canary.DISAGREES and not _canary_is_off(runs.original):
            yield Flag(id="suspected_forgery", detail="a test that must fail passed, or one that must pass failed")


def _canary_is_off(original: SuiteObservation | None) -> bool:
    """Whether base by itself, without the change's tests, already turns the grader's own tests round."""
    return original is not None and original.canary is Canary.DISAGREES


def _flags(runs: Runs) -> Iterator[Flag]:
    for run in runs.deciding:
        if run.changed_files:
            yield Flag(id="tree_changed", detail=f"a run changed {', '.join(run.changed_files[:3])}")
        for by, path in run.reads:
            yield Flag(id="reads_source", detail=f"{by} opens {path}")


def _unique(flags: Iterator[Flag]) -> list[Flag]:
    return list(dict.fromkeys(flags))
