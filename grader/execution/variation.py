"""One way in which the grader alters a fix: which file, what it becomes, and how a person is shown it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.domain.tree import File, Tree
from grader.execution.lines import Block, Lines, changed_blocks

DIFF_LINES = 60
"""How many lines of a diff are kept; a survivor is read by people."""
CONTEXT = 2
"""Unchanged lines round a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A mutant before it is run. `result` is what the file becomes, None when it goes; `line` is the fix's, from 1.

    `hunk` numbers the hunk of the fix that it lies in, over all files; `diff` is against the fix.
    """

    id: str
    kind: str
    path: str
    line: int
    hunk: int
    diff: str
    result: File | None
    compiles: bool = True
    """False where it is known without a run that the file is no Python any more: the mutant is invalid."""

    def of(self, tree: Tree) -> Tree:
        """The tree with this one file altered."""
        return tree.without([self.path]) if self.result is None else tree.with_files([self.result])


def diff_of(path: str, fix: Lines, altered: Lines) -> str:
    """A unified diff from the fix to what it becomes, cut at `DIFF_LINES`; the lines are untrusted text."""
    made = [f"--- fix/{path}", f"+++ mutant/{path}"]
    for group in _grouped(changed_blocks(fix, altered)):
        made += _hunk(group, fix, altered)
        if len(made) > DIFF_LINES:
            return "\n".join([*made[:DIFF_LINES], "…"])
    return "\n".join(made)


def _grouped(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks whose context touches are shown together."""
    group: list[Block] = []
    for block in blocks:
        if group and block.base_from - group[-1].base_to > 2 * CONTEXT:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(group: Sequence[Block], fix: Lines, altered: Lines) -> Iterator[str]:
    before = min(CONTEXT, group[0].base_from)
    after = min(CONTEXT, len(fix) - group[-1].base_to)
    old = _range(group[0].base_from - before, group[-1].base_to + after)
    new = _range(group[0].fix_from - before, group[-1].fix_to + after)
    yield f"@@ -{old} +{new} @@"
    at = group[0].base_from - before
    for block in group:
        yield from _shown(" ", fix[at : block.base_from])
        yield from _shown("-", fix[block.base_from : block.base_to])
        yield from _shown("+", altered[block.fix_from : block.fix_to])
        at = block.base_to
    yield from _shown(" ", fix[at : at + after])


def _range(begin: int, end: int) -> str:
    return f"{begin + 1 if end > begin else begin},{end - begin}"


def _shown(mark: str, lines: Lines) -> Iterator[str]:
    return (mark + line.decode("utf-8", "replace").rstrip("\r\n") for line in lines)
