"""Which lines differ between two texts: patience diff, whose work is bounded whatever the lines are.

`difflib` alone takes minutes on two files of many equal lines, which a learner may hand in. So the lines that occur
once on both sides are matched first (Bram Cohen's patience diff), and difflib sees only the short stretches between.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

DIFFLIB_AT_MOST = 200
"""Lines on a side up to which a stretch without unique lines is compared line by line; a longer one is one block."""

PASSES = 30
"""How often each line may be looked at; past that, what is left is taken as it stands."""

Lines = Sequence[bytes]


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Lines `base_from:base_to` became `fix_from:fix_to`; counted from 0, ends excluded, one side may be empty."""

    base_from: int
    base_to: int
    fix_from: int
    fix_to: int


def changed_blocks(base: Lines, fix: Lines) -> tuple[Block, ...]:
    """The blocks that differ, in order; everything between them is equal."""
    found: list[Block] = []
    stack = [Block(0, len(base), 0, len(fix))]
    left = PASSES * (len(base) + len(fix))
    while stack:
        block = _trimmed(base, fix, stack.pop())
        left -= block.base_to - block.base_from + block.fix_to - block.fix_from
        if block.base_from == block.base_to or block.fix_from == block.fix_to:
            if block.base_from != block.base_to or block.fix_from != block.fix_to:
                found.append(block)
            continue
        if left < 0:
            found.append(block)
        elif anchors := _anchors(base, fix, block):
            stack.extend(_between(block, anchors))
        else:
            found.extend(_line_by_line(base, fix, block))
    return tuple(_joined(sorted(found)))


def _trimmed(base: Lines, fix: Lines, block: Block) -> Block:
    """Without the equal lines at its two ends."""
    a, b, c, d = block.base_from, block.base_to, block.fix_from, block.fix_to
    while a < b and c < d and base[a] == fix[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and base[b - 1] == fix[d - 1]:
        b, d = b - 1, d - 1
    return Block(a, b, c, d)


def _anchors(base: Lines, fix: Lines, block: Block) -> list[tuple[int, int]]:
    """The longest run, in order on both sides, of lines that occur once on each."""
    once_base = _once(base, block.base_from, block.base_to)
    once_fix = _once(fix, block.fix_from, block.fix_to)
    pairs = sorted((at, once_fix[line]) for line, at in once_base.items() if line in once_fix)
    return _longest_increasing(pairs)


def _once(lines: Lines, begin: int, end: int) -> dict[bytes, int]:
    counts = Counter(lines[begin:end])
    return {lines[at]: at for at in range(begin, end) if counts[lines[at]] == 1}


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Patience sorting by the second member; pairs come sorted by the first."""
    tops: list[int] = []
    top_pairs: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        before.append(top_pairs[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [value]
        top_pairs[pile : pile + 1] = [number]
    chosen = []
    number = top_pairs[-1] if top_pairs else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def _between(block: Block, anchors: list[tuple[int, int]]) -> Iterator[Block]:
    base_from, fix_from = block.base_from, block.fix_from
    for base_at, fix_at in anchors:
        yield Block(base_from, base_at, fix_from, fix_at)
        base_from, fix_from = base_at + 1, fix_at + 1
    yield Block(base_from, block.base_to, fix_from, block.fix_to)


def _line_by_line(base: Lines, fix: Lines, block: Block) -> Iterator[Block]:
    old, new = base[block.base_from : block.base_to], fix[block.fix_from : block.fix_to]
    if max(len(old), len(new)) > DIFFLIB_AT_MOST:
        yield block
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Block(block.base_from + a, block.base_from + b, block.fix_from + c, block.fix_from + d)


def _joined(blocks: list[Block]) -> Iterator[Block]:
    """Blocks that touch are one."""
    last: Block | None = None
    for block in blocks:
        if last is not None and (last.base_to, last.fix_to) == (block.base_from, block.fix_from):
            last = Block(last.base_from, block.base_to, last.fix_from, block.fix_to)
            continue
        if last is not None:
            yield last
        last = block
    if last is not None:
        yield last
