"""What the source of a test module says: which tests it defines, which pytest hooks it sets. Parsed, never imported."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from grader.domain import python_source
from grader.domain.python_source import UNREADABLE
from grader.domain.tree import File

HOOK = "pytest_"
ALIKE = 0.75
"""Share of equal words, in order, from which a test counts as renamed and not as removed."""
MOST_COMPARED, MOST_WORDS = 40, 400
"""Bounds of that comparison, whose work is the product of both."""
_WORD = re.compile(r"\w+")


def parse(file: File) -> ast.Module | None:
    """The module's syntax tree, None when it cannot be parsed."""
    return python_source.parse(file.content)


@lru_cache(maxsize=512)
def functions(file: File) -> Mapping[str, str]:
    """Each test function of a module, `test_a` or `TestB::test_c`, to a text that is equal for equal code."""
    module = parse(file)
    return dict(_functions(module.body, "")) if module is not None else {}


def renamed_functions(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """The functions of `old` that `new` has under another name, possibly edited: alike by `ALIKE` or more."""
    added = [code for name, code in new.items() if name not in old][:MOST_COMPARED]
    gone = [name for name in old if name not in new][:MOST_COMPARED]
    return frozenset(name for name in gone if any(_alike(old[name], code) for code in added))


def _alike(first: str, second: str) -> bool:
    one, other = (_WORD.findall(code)[:MOST_WORDS] for code in (first, second))
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _functions(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test"):
                yield prefix + name, ast.dump(node)
            case ast.ClassDef(name=name, body=inner):
                yield from _functions(inner, f"{prefix}{name}::")
            case ast.If(body=inner, orelse=other) | ast.Try(body=inner, orelse=other):
                yield from _functions([*inner, *other], prefix)
            case _:
                pass


def without_new_hooks(base: File | None, fix: File | None) -> tuple[File | None, tuple[str, ...]]:
    """A `conftest.py` with the fixtures of `fix` and the hooks of `base`; and the hooks that were left out."""
    if fix is None:
        return base, ()
    theirs = parse(fix)
    if theirs is None:
        return base, ("(the file cannot be parsed)",)
    ours = parse(base) if base is not None else None
    old = {ast.dump(node): node for node in ours.body if _hooks(node)} if ours is not None else {}
    refused = [node for node in theirs.body if _hooks(node) and ast.dump(node) not in old]
    kept = {ast.dump(node) for node in theirs.body}
    lost = [node for dump, node in old.items() if dump not in kept]
    if not refused and not lost:
        return fix, ()
    body = [node for node in theirs.body if node not in refused] + lost
    try:
        text = ast.unparse(ast.Module(body=body, type_ignores=[]))
    except UNREADABLE:
        return base, ("(the file cannot be written back)",)
    names = sorted({name for node in refused for name in _hooks(node)})
    return File(path=fix.path, content=text.encode() + b"\n"), tuple(names)


def _hooks(node: ast.AST) -> list[str]:
    """The `pytest_*` names that a statement binds in its module."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name] if node.name.startswith(HOOK) else []
    bound = [child for child in ast.walk(node) if not isinstance(child, ast.Lambda)]
    names = [child.id for child in bound if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)]
    names += [child.name for child in bound if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)]
    names += [child.asname or child.name for child in bound if isinstance(child, ast.alias)]
    return [name for name in names if name.startswith(HOOK)]
