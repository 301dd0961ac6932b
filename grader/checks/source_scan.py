"""Words in test code that honest tests seldom need: a tripwire for mentors, never proof. Pure; parses, runs nothing."""

import ast
from collections.abc import Iterator

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.python_source import parse
from grader.domain.tree import File
from grader.domain.verdict import Flag

NAMES = frozenset({"_getframe", "currentframe", "getsource", "getsourcelines", "getsourcefile", "co_code", "settrace",
                   "_exit", "register_at_fork", "pluginmanager", "addaudithook"})  # fmt: skip
"""Attributes and functions by which a test can look at, or change, the run that judges it."""
MODULES = frozenset({"atexit", "gc", "ctypes", "inspect", "dis", "_pytest", "linecache"})
HOOK = "pytest_"
SHOWN = 8
"""At most so many flags for one change."""


def scan(change: Change) -> tuple[Flag, ...]:
    """One flag for each word that the change brings into a test file, with its line."""
    found = [flag for changed in _test_code(change) for flag in _flags(changed)]
    return tuple(found[:SHOWN])


def always_equal(change: Change) -> tuple[Flag, ...]:
    """A flag for each class that the change brings into the product and that is equal to everything."""
    found = []
    for changed in change.of(FileClass.PRODUCT):
        known = {name for name, _ in _equal_to_all(changed.base)}
        found += [
            Flag(id="always_equal", detail=f"{changed.path}:{line} makes {name} equal to everything")
            for name, line in _equal_to_all(changed.fix)
            if name not in known
        ]
    return tuple(found[:SHOWN])


def _equal_to_all(file: File | None) -> list[tuple[str, int]]:
    tree = _parsed(file) if file is not None and file.path.endswith(".py") else None
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)] if tree is not None else []
    return [(node.name, node.lineno) for node in classes if any(map(_is_blind_equality, node.body))]


def _is_blind_equality(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef(name="__eq__"):
            returned = [child.value for child in ast.walk(node) if isinstance(child, ast.Return)]
            return bool(returned) and all(map(_is_true, returned))
        case ast.Assign(targets=[ast.Name(id="__eq__")], value=ast.Lambda(body=body)):
            return _is_true(body)
        case _:
            return False


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _parsed(file: File) -> ast.Module | None:
    return parse(file.content)


def _test_code(change: Change) -> Iterator[ChangedFile]:
    for changed in change.of(FileClass.TEST, FileClass.TEST_SUPPORT, FileClass.CONFIGURATION):
        if changed.path.endswith(".py"):
            yield changed


def _flags(changed: ChangedFile) -> Iterator[Flag]:
    if changed.fix is None:
        return
    known = {word for word, _ in _words(changed.base)}
    seen: set[str] = set()
    for word, line in _words(changed.fix):
        if word not in known and word not in seen:
            seen.add(word)
            yield Flag(id="suspicious_code", detail=f"{changed.path}:{line} uses {word}")


def _words(file: File | None) -> list[tuple[str, int]]:
    tree = _parsed(file) if file is not None else None
    if tree is None:
        return []
    return [(word, getattr(node, "lineno", 0)) for node in ast.walk(tree) for word in _suspicious(node)]


def knows_tests(change: Change) -> tuple[Flag, ...]:
    """A flag for each word that the change brings into the product and by which it may see that it is being tested."""
    found = []
    for changed in change.of(FileClass.PRODUCT):
        known = _about_tests(changed.base)
        new = sorted(_about_tests(changed.fix) - known)
        found += [Flag(id="product_knows_tests", detail=f"{changed.path} mentions {word}") for word in new]
    return tuple(found[:SHOWN])


def _about_tests(file: File | None) -> set[str]:
    tree = _parsed(file) if file is not None and file.path.endswith(".py") else None
    nodes = list(ast.walk(tree)) if tree is not None else []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {word for word in (*texts, *names) if word in ABOUT_TESTS or word.startswith(("PYTEST_", "_pytest"))}


ABOUT_TESTS = frozenset({"pytest", "unittest", "unittest.mock", "_pytest"})


def _suspicious(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names if alias.name.partition(".")[0] in MODULES]
        case ast.ImportFrom(module=str(module), names=names):
            taken = [alias.name for alias in names if alias.name in NAMES]
            return [module, *taken] if module.partition(".")[0] in MODULES else taken
        case ast.Attribute(attr=word) | ast.Name(id=word) if word in NAMES or word == "__file__":
            return [word]
        case ast.FunctionDef(name=name) if name.startswith(HOOK):
            return [name]
        case ast.Constant(value=str(text)) if text == ".git" or ".git/" in text or text.startswith("/proc"):
            return [repr(text[:40])]
        case _:
            return []
