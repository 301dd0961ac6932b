"""Change the rules of the exercise one spot at a time, and see whether the tests notice.

Each mutant is tried in a forked process: first against the unit tests of the rules, and if those do not notice,
against the property tests. What survives both is printed, one line each; docs/mutants.md explains every one.
`--only PART` takes the modules whose name contains PART, `--list` only counts. The property tests take long:
`--fast` leaves them out, and `--again FILE` then tries only the spots that such a pass printed.
"""

import argparse
import ast
import contextlib
import copy
import importlib
import importlib.abc
import importlib.util
import io
import itertools
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = (
    "grader.review.window",
    "grader.review.runs",
    "grader.review.sla",
    "grader.review.sign_off",
    "grader.review.states",
    "grader.review.standing",
    "grader.review.decide",
    "grader.domain.attempt",
    "grader.domain.enrollment",
    "grader.domain.ledger",
    "grader.attempts",
)
FAST = (
    "tests.unit.review.test_review",
    "tests.unit.review.test_standing",
    "tests.unit.review.test_to_the_letter",
    "tests.unit.review.test_window",
    "tests.unit.test_attempts",
    "tests.unit.domain.test_ledger",
)
"""Modules whose tests take no fixture, so that they can be called without pytest, which costs more than they do."""
DEEP = ("tests/unit/test_award.py", "tests/properties/test_attempts.py")
OURS = ("grader.review", "grader.domain", "grader.a", "tests", "test_", "conftest")
SECONDS = 300

SWAPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}


def variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:  # noqa: C901, PLR0912 - one case per operator
    """What one node can be changed into, with a word for the change."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPS:
            other = copy.deepcopy(node)
            other.ops = [SWAPS[type(operator)]()]
            yield f"{type(operator).__name__} -> {SWAPS[type(operator)].__name__}", other
        case ast.BoolOp():
            for place in range(len(node.values)):
                values = [value for index, value in enumerate(node.values) if index != place]
                smaller = values[0] if len(values) == 1 else ast.BoolOp(op=node.op, values=values)
                yield f"operand {place + 1} dropped", smaller
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", node.operand
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            other = copy.deepcopy(node)
            other.op = ARITHMETIC[type(node.op)]()
            yield f"{type(node.op).__name__} -> {ARITHMETIC[type(node.op)].__name__}", other
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", ast.Constant(value=not value)
        case ast.Constant(value=int(value)):
            yield f"{value} -> {value + 1}", ast.Constant(value=value + 1)
        case ast.IfExp():
            yield "always the first", node.body
            yield "always the second", node.orelse
        case ast.If():
            other = copy.deepcopy(node)
            other.test = ast.Constant(value=False)
            yield "branch never taken", other
        case ast.keyword(arg=str(name)) if name in ("decisions", "skills", "readings", "claim", "disputed", "phase"):
            yield f"{name}= dropped", ast.keyword(arg=None, value=ast.Dict(keys=[], values=[]))


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """All mutants of a module: line, what was changed, and the whole changed source."""
    tree = ast.parse(source)
    decorators = {id(n) for d in ast.walk(tree) for each in getattr(d, "decorator_list", ()) for n in ast.walk(each)}
    docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for place, node in list(places):
                if not isinstance(node, ast.AST) or id(node) in docstrings | decorators:
                    continue
                for word, changed in variants(node):
                    line = getattr(node, "lineno", getattr(getattr(node, "value", None), "lineno", 0))
                    put(parent, field, place, ast.copy_location(changed, node))
                    yield line, word, ast.unparse(ast.fix_missing_locations(tree))
                    put(parent, field, place, node)


def put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    """Set a child of a node."""
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


class Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, fullname: str, path: object, target: object = None) -> object:
        """Ours, or nobody's."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: object) -> None:
        """Run the other source in the module."""
        exec(compile(self.source, f"<mutant of {self.name}>", "exec"), module.__dict__)


def noticed(name: str, source: str, tests: Callable[[], bool]) -> bool:
    """Whether the tests fail on the mutant; one that hangs is noticed as well."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        sys.meta_path.insert(0, Instead(name, source))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            os._exit(0 if tests() else 1)
    _, status = os.waitpid(child, 0)
    return status != 0


def fast() -> bool:
    """Call the tests of `FAST` one after the other; True when all pass."""
    try:
        return all(passes(test) for name in FAST for test in tests_of(importlib.import_module(name)))
    except Exception:  # noqa: BLE001 - a mutant that cannot be imported is noticed
        return False


def tests_of(module: types.ModuleType) -> list[Callable[..., object]]:
    """The test functions of a module."""
    return [value for key, value in vars(module).items() if key.startswith("test_")]


def passes(test: Callable[..., object]) -> bool:
    """Whether a test passes with each of its parameters."""
    choices: list[list[dict[str, object]]] = []
    for mark in getattr(test, "pytestmark", []):
        names, values = mark.args
        names = (names,) if isinstance(names, str) else names
        rows = [value if len(names) > 1 else (value,) for value in values]
        choices.append([dict(zip(names, row, strict=True)) for row in rows])
    for chosen in itertools.product(*choices):
        try:
            test(**{name: value for row in chosen for name, value in row.items()})
        except BaseException:  # noqa: BLE001 - whatever it is (pytest's Failed is no Exception), the test noticed
            return False
    return True


def deep() -> bool:
    """The remaining tests and the properties, by pytest; True when all pass."""
    import pytest

    options = ["-x", "-q", "--no-header", "--assert=plain", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*options, *DEEP])) == 0


def warm_up(last: Callable[[], bool]) -> None:
    """Import what takes long by running the tests once, then forget our own modules; the forks share the rest."""
    with contextlib.redirect_stdout(io.StringIO()):
        sound = fast() and last()
    if not sound:
        raise SystemExit("the tests fail on the rules as they are; mend that first")
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        del sys.modules[name]


def main() -> None:
    """Try all mutants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--fast", action="store_true", help="the unit tests alone")
    parser.add_argument("--again", type=Path, help="only the spots in this file, which an earlier pass printed")
    options = parser.parse_args()
    chosen = set(options.again.read_text().splitlines()) if options.again else None
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    tried = survived = 0
    began = time.monotonic()
    if not options.list:
        warm_up(deep if not options.fast else fast)
    for name in (module for module in MODULES if options.only in module):
        file = ROOT / (name.replace(".", "/") + ".py")
        for line, word, source in mutants(file.read_text()):
            if chosen is not None and f"{name}:{line}: {word}" not in chosen:
                continue
            tried += 1
            if options.list or noticed(name, source, fast) or (not options.fast and noticed(name, source, deep)):
                continue
            survived += 1
            print(f"{name}:{line}: {word}", flush=True)
    print(f"{tried} mutants, {survived} survived, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
