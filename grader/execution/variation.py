"""One way in which the grader alters a fix: which file, what it becomes, and how a person is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from grader.domain.tree import File, Tree

DIFF_LINES = 60
"""How many lines of a diff are kept; a survivor is read by people."""


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


def diff_of(path: str, fix: Sequence[bytes], altered: Sequence[bytes]) -> str:
    """A unified diff from the fix to what it becomes, cut at `DIFF_LINES`; the lines are untrusted text."""
    names = (f"fix/{path}", f"mutant/{path}")
    made = unified_diff(_text(fix), _text(altered), *names, n=2, lineterm="")
    lines = [line.rstrip("\r\n") for _, line in zip(range(DIFF_LINES + 1), made, strict=False)]
    return "\n".join([*lines[:DIFF_LINES], "…"] if len(lines) > DIFF_LINES else lines)


def _text(lines: Sequence[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace") for line in lines]
