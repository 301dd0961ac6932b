"""New names for a function's own variables: only those that nothing outside the function's own code can name.

Left alone are parameters (callers name them), whatever a nested function, class or comprehension mentions, imports,
definitions, and names bound by `except ... as` or a pattern; and any function that may look at its names at run time.
"""

import ast
import hashlib
import re
from collections.abc import Iterator

LOOKS_AT_NAMES = frozenset({"locals", "vars", "eval", "exec", "dir", "globals", "__import__", "breakpoint"})
"""Calling one of these may make a variable's name matter."""
_PLACEHOLDER = re.compile(r"(?:\{|%\(|@)\s*([^\W\d]\w*)")
Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


def rename_locals(module: ast.Module, seed: int) -> int:
    """Rename in place; the number of variables that got a new name."""
    taken = {word for node in ast.walk(module) for word in _words(node)}
    renamed = 0
    for function in _functions(module):
        names = _own_variables(function)
        new = {name: _fresh(f"{seed} {function.name} {function.lineno} {name}", taken) for name in sorted(names)}
        for node in _own_nodes(function):
            if isinstance(node, ast.Name) and node.id in new:
                node.id = new[node.id]
        renamed += len(new)
    return renamed


def _functions(module: ast.Module) -> list[Function]:
    return [node for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def _own_variables(function: Function) -> frozenset[str]:
    own = list(_own_nodes(function))
    if any(isinstance(node, ast.Name) and node.id in LOOKS_AT_NAMES for node in ast.walk(function)):
        return frozenset()
    bound = {node.id for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    fixed = {word for node in own if not isinstance(node, ast.Name) for word in _bound_otherwise(node)}
    parameters = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    nested = {word for scope in own if isinstance(scope, _SCOPES) for node in ast.walk(scope) for word in _words(node)}
    named = {
        word for node in ast.walk(function) if isinstance(node, ast.Constant) for word in _placeholders(node.value)
    }
    return frozenset(name for name in bound - fixed - parameters - nested - named if not name.startswith("__"))


def _placeholders(value: object) -> list[str]:
    """Names that a text may ask for: `{name}`, `%(name)s`, and the `@name` of a data frame's query."""
    return _PLACEHOLDER.findall(value) if isinstance(value, str) else []


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """Every node of the body but what lies inside a scope of its own; that scope's node itself is given."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def _bound_otherwise(node: ast.AST) -> Iterator[str]:
    """Names that a node other than a plain variable binds or declares."""
    match node:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield (alias.asname or alias.name).partition(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case _:
            return


def _words(node: ast.AST) -> Iterator[str]:
    """Every name that a node mentions as such."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.Attribute(attr=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case _:
            yield from _bound_otherwise(node)


def _fresh(key: str, taken: set[str]) -> str:
    """A name that the module does not have, the same for the same key."""
    for attempt in range(1000):
        name = "v_" + hashlib.sha256(f"{key} {attempt}".encode("utf-8", "surrogatepass")).hexdigest()[:6]
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError("no name is free")
