"""One tick of a post-mortem: earned with its lines, missed with what would mend it, or not judged."""

from collections.abc import Iterable
from fractions import Fraction

from grader.domain.prose import Tick

HALF = Fraction(1, 2)


def part(name: str, title: str, found: Iterable[int] | int | None, reasons: tuple[str, str, str]) -> Tick:
    """One tick: earned when `found` is a line or lines; `reasons` are for earned, missed, and how to mend it."""
    lines: tuple[int, ...] = ()
    if found is not None:
        lines = (found,) if isinstance(found, int) else tuple(found)
    yes, no, mend = reasons
    if lines:
        return Tick(id=name, title=title, earned=Fraction(1), out_of=1, reason=yes, lines=lines)
    return Tick(id=name, title=title, earned=Fraction(0), out_of=1, reason=no, lines=lines, mend=mend)


def not_judged(name: str, title: str, why: str) -> Tick:
    """A tick that nobody can judge with what is known: it counts neither for nor against."""
    return Tick(id=name, title=title, earned=Fraction(0), out_of=0, reason=f"not judged: {why}")
