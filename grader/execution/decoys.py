"""Two refactored trees made alike to whoever reads instead of runs: each module carries the other's text, inert.

A test that searches the source for the fix's words, counts lines or bytes, looks into the syntax tree for the fix's
names, or asks whether the fix's new module exists, then gets the same answer from base as from the fix.
"""

from collections.abc import Iterable
from dataclasses import replace

from grader.domain.tree import File, Tree
from grader.execution.refactor import Refactored, refactor
from grader.execution.source_map import Source, instructions

_NEVER = b"if 0:\n"
"""The compiler drops what stands under it; a reader of the syntax tree sees it."""


def refactor_both(base: Tree, fix: Tree, paths: Iterable[str], *, seed: int) -> tuple[Refactored, Refactored]:
    """Base and fix rewritten under different seeds, each module with the other side's as a decoy, both as long.

    `paths` need hold no more than the product files of the change: no other file tells the two apart.
    A module that is left as it is gets its decoy all the same: at its end, where no line number moves.
    """
    product = tuple(paths)
    bases = refactor(base, product, seed=seed)
    fixes = refactor(fix, product, seed=seed + 1, told_by=base)
    pairs = [
        _alike(bases.tree.by_path[path], fixes.tree.by_path[path], base.by_path[path], fix.by_path[path])
        for path in sorted(set(product))
        if _differs(path, base, fix)
    ]
    added = _stand_ins(base, fix, product)
    return (
        replace(bases, tree=bases.tree.with_files([*(pair[0] for pair in pairs), *added])),
        replace(fixes, tree=fixes.tree.with_files(pair[1] for pair in pairs)),
    )


def _differs(path: str, base: Tree, fix: Tree) -> bool:
    """Whether both sides have a module there that is Python, and not the same."""
    ours, theirs = base.by_path.get(path), fix.by_path.get(path)
    if ours is None or theirs is None or ours.content == theirs.content or not path.endswith(".py"):
        return False
    return Source.of(ours) is not None and Source.of(theirs) is not None


def _alike(base: File, fix: File, base_was: File, fix_was: File) -> tuple[File, File]:
    """The two rewritten modules, each with what the other was, equal in lines and bytes."""
    texts = [_with_decoy(base.content, fix_was.content), _with_decoy(fix.content, base_was.content)]
    lines = max(text.count(b"\n") for text in texts) + 1
    texts = [text + b"#\n" * (lines - text.count(b"\n")) for text in texts]
    size = max(len(text) for text in texts)
    texts = [text[:-1] + b"-" * (size - len(text)) + b"\n" for text in texts]
    return replace(base, content=texts[0]), replace(fix, content=texts[1])


def _with_decoy(text: bytes, other: bytes) -> bytes:
    """The module, then the other's lines as comments, and under a condition that never holds where that compiles."""
    text = text if text.endswith(b"\n") or not text else text + b"\n"
    lines = other.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").splitlines()
    commented = text + "".join(f"# {line}\n" for line in lines).encode()
    hidden = text + _NEVER + b"".join(b" " + line for line in other.splitlines(keepends=True)) + b"\n pass\n"
    meant = instructions(hidden)
    return hidden if meant is not None and meant == instructions(text) else commented


def _stand_ins(base: Tree, fix: Tree, product: tuple[str, ...]) -> list[File]:
    """For each module that the fix adds to a folder with modules: its lines as comments, so that the name is there."""
    folders = {path.rpartition("/")[0] for path in base.by_path if path.endswith(".py")}
    added = (fix.by_path[path] for path in product if path in fix.by_path and path not in base.by_path)
    return [
        File(path=file.path, content=b"".join(b"# " + line for line in file.content.splitlines(keepends=True)))
        for file in added
        if file.path.endswith(".py") and file.path.rpartition("/")[0] in folders
    ]
