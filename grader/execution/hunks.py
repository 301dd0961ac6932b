"""The product part of a change as hunks, and the fix with one hunk or one file put back as it was in base."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File
from grader.execution.lines import Block, changed_blocks
from grader.execution.variation import Variation, diff_of

HUNK_REVERT, FILE_REVERT = "hunk_revert", "file_revert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One stretch of a product file that the fix changed; a file that it added is one hunk.

    Lines count from 1 in the fix and its end is excluded; both are equal where the fix only took lines away.
    """

    number: int
    path: str
    first: int
    end: int
    block: Block

    def holds(self, line: int) -> bool:
        """Whether a line of the fix lies in it."""
        return self.first <= line < self.end


def hunks(change: Change) -> tuple[Hunk, ...]:
    """All hunks of the product files that the fix still has, in order of path and line."""
    blocks = ((changed, block) for changed in _product(change) for block in _blocks(changed))
    return tuple(
        Hunk(number=number, path=changed.path, first=block.fix_from + 1, end=block.fix_to + 1, block=block)
        for number, (changed, block) in enumerate(blocks)
    )


def reverts(change: Change) -> tuple[Variation, ...]:
    """Every hunk put back alone, then every file put back alone; what would give the same file twice is left out."""
    found = hunks(change)
    files = {changed.path: changed for changed in change.of(FileClass.PRODUCT)}
    made = [_hunk_revert(files[hunk.path], hunk) for hunk in found]
    firsts = {hunk.path: hunk for hunk in reversed(found)}
    made += [_file_revert(changed, firsts.get(path)) for path, changed in files.items()]
    distinct: dict[tuple[str, File | None], Variation] = {}
    for variation in made:
        distinct.setdefault((variation.path, variation.result), variation)
    return tuple(distinct.values())


def lines_of(file: File | None) -> list[bytes]:
    """The lines of a file, each with its end; none when there is no file."""
    return file.content.splitlines(keepends=True) if file is not None else []


def _product(change: Change) -> Iterator[ChangedFile]:
    return (changed for changed in change.of(FileClass.PRODUCT) if changed.fix is not None)


def _blocks(changed: ChangedFile) -> Iterator[Block]:
    """Changed blocks, joined where no more than one line that says anything lies between."""
    base, fix = lines_of(changed.base), lines_of(changed.fix)
    last: Block | None = None
    for block in changed_blocks(base, fix):
        if last is None:
            last = block
        elif _says_little(fix[last.fix_to : block.fix_from]):
            last = Block(last.base_from, block.base_to, last.fix_from, block.fix_to)
        else:
            yield last
            last = block
    if last is not None:
        yield last


def _says_little(between: Sequence[bytes]) -> bool:
    return sum(bool(line.strip()) for line in between) <= 1


def _hunk_revert(changed: ChangedFile, hunk: Hunk) -> Variation:
    base, fix = lines_of(changed.base), lines_of(changed.fix)
    block = hunk.block
    altered = [*fix[: block.fix_from], *base[block.base_from : block.base_to], *fix[block.fix_to :]]
    result = _altered(changed, altered) if changed.base is not None else None
    return _variation(HUNK_REVERT, hunk, diff_of(changed.path, fix, altered), result)


def _file_revert(changed: ChangedFile, first: Hunk | None) -> Variation:
    """The file as it was in base; also one that the fix took away, or whose mode alone it changed."""
    hunk = first or Hunk(number=-1, path=changed.path, first=1, end=1, block=Block(0, 0, 0, 0))
    diff = diff_of(changed.path, lines_of(changed.fix), lines_of(changed.base))
    return _variation(FILE_REVERT, hunk, diff, changed.base)


def _altered(changed: ChangedFile, lines: Sequence[bytes]) -> File:
    executable = changed.fix is not None and changed.fix.executable
    return File(path=changed.path, content=b"".join(lines), executable=executable)


def _variation(kind: str, hunk: Hunk, diff: str, result: File | None) -> Variation:
    name = f"{kind}:{hunk.path}:{hunk.first}" if kind == HUNK_REVERT else f"{kind}:{hunk.path}"
    return Variation(id=name, kind=kind, path=hunk.path, line=hunk.first, hunk=hunk.number, diff=diff, result=result)
