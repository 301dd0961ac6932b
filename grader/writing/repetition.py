"""What stands twice in a row is read once: lines, blocks of lines or words that are only repeated add nothing."""

from collections.abc import Hashable, Sequence

MAX_KEPT = 4000
MAX_STEPS = 400_000
"""Comparisons before the rest is left unread; an ordinary text needs a few a line, whatever bytes come in."""


def kept(items: Sequence[Hashable]) -> tuple[list[int], bool]:
    """The indices that remain when each immediate repetition is dropped, and whether all of `items` were looked at.

    `a b b c` keeps `a b c`, and so does `a b c b c`: once the end of what is kept stands twice, its copy is taken back.
    """
    if len(set(items)) == len(items) <= MAX_KEPT:
        return list(range(len(items))), True
    stack = _Stack(items)
    for index in range(len(items)):
        stack.push(index)
        if len(stack.indices) >= MAX_KEPT or stack.steps > MAX_STEPS:
            return stack.indices, index == len(items) - 1
    return stack.indices, True


class _Stack:
    """The kept indices, and where each pair of neighbours stands in them, so that few periods have to be tried."""

    def __init__(self, items: Sequence[Hashable]) -> None:
        self._items = items
        self.indices: list[int] = []
        self.steps = 0
        self._places: dict[tuple[Hashable, Hashable], list[int]] = {}

    def push(self, index: int) -> None:
        self.steps += 1
        if self.indices and self._items[self.indices[-1]] == self._items[index]:
            return
        self.indices.append(index)
        if len(self.indices) == 1:
            return
        places = self._places.setdefault(self._pair(len(self.indices) - 1), [])
        period = self._doubled(places)
        if period:
            self._take_back(period)
        else:
            places.append(len(self.indices) - 1)

    def _pair(self, place: int) -> tuple[Hashable, Hashable]:
        return self._items[self.indices[place - 1]], self._items[self.indices[place]]

    def _doubled(self, places: Sequence[int]) -> int:
        """How many items at the end repeat those before them; 0 when none do."""
        last = len(self.indices) - 1
        for place in reversed(places):
            period = last - place
            if 2 * period > len(self.indices):
                return 0
            if self._repeats(period):
                return period
        return 0

    def _repeats(self, period: int) -> bool:
        for back in range(len(self.indices) - 1, len(self.indices) - 1 - period, -1):
            self.steps += 1
            if self._items[self.indices[back]] != self._items[self.indices[back - period]]:
                return False
        return True

    def _take_back(self, period: int) -> None:
        self.indices.pop()
        for _ in range(period - 1):
            self._places[self._pair(len(self.indices) - 1)].pop()
            self.indices.pop()
