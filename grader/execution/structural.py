"""The fix with its names and the base's behaviour: what a test is run on that the base cannot even import.

Functions, methods and module variables that base has too get base's code back; what only the fix has stays, so that
imports succeed. A test that goes red here fails because of what the fix does, not because of what it is called.
"""

import ast
from collections.abc import Iterable, Sequence

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.python_source import UNREADABLE
from grader.domain.tree import File, Tree
from grader.execution.test_source import parse


def restored(after: Tree, change: Change) -> Tree | None:
    """That tree; None when nothing can be put back without taking a name away."""
    files = [file for changed in change.of(FileClass.PRODUCT) if (file := _restored_file(changed)) is not None]
    return after.with_files(files) if files else None


def _restored_file(changed: ChangedFile) -> File | None:
    if changed.fix is None or changed.base is None:
        return changed.base
    if not changed.path.endswith(".py"):
        return changed.base
    base, fix = parse(changed.base), parse(changed.fix)
    if base is None or fix is None:
        return None
    was = ast.dump(fix)
    fix.body = _with_base_behaviour(base.body, fix.body)
    if ast.dump(fix) == was:
        return None
    try:
        text = ast.unparse(ast.fix_missing_locations(fix))
    except UNREADABLE:
        return None
    return File(path=changed.path, content=text.encode() + b"\n", executable=changed.fix.executable)


def _with_base_behaviour(base: Sequence[ast.stmt], fix: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The fix's statements, each that base names too as it is in base; then what only base has."""
    old = {name: node for node in base if (name := _name(node)) is not None}
    new = {name for node in fix if (name := _name(node)) is not None}
    made: list[ast.stmt] = []
    for node in fix:
        was = old.get(_name(node) or "")
        match node, was:
            case (ast.ClassDef(), ast.ClassDef()):
                node.body = _with_base_behaviour(was.body, node.body)
                made.append(node)
            case (_, None):
                made.append(node)
            case _:
                made.append(was)
    imports, rest = _lost(base, new)
    return [*_first(made), *imports, *made[len(_first(made)) :], *rest]


def _first(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The docstring and the `__future__` imports, before which nothing may stand."""
    count = 0
    for node in body:
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.ImportFrom(module="__future__"):
                count += 1
            case _:
                break
    return body[:count]


def _lost(base: Iterable[ast.stmt], new: set[str]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What base's code may need and the fix no longer has: imports (all, they do no harm), and definitions."""
    imports: list[ast.stmt] = []
    rest: list[ast.stmt] = []
    for node in base:
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            imports.append(node)
        elif (name := _name(node)) is not None and name not in new:
            rest.append(node)
    return imports, rest


def _name(node: ast.stmt) -> str | None:
    """What a statement defines, when it is a function, a class or one variable."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return None if name == "__all__" else name
        case _:
            return None
