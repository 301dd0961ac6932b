"""Change the rules of the exercise one spot at a time, and see whether the tests notice.

Each mutant is tried in a forked process: first against the unit tests of the rules, and if those do not notice,
against the property tests. What survives both is printed, one line each; docs/mutants.md explains every one.
`--only PART` takes the modules whose name contains PART, `--list` only counts.
"""

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import io
import os
import signal
import sys
import time
from collections.abc import Iterator
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
FAST = ("tests/unit/review", "tests/unit/test_attempts.py")
DEEP = ("tests/unit/domain/test_ledger.py", "tests/unit/test_award.py", "tests/properties/test_attempts.py")
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
    docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            for place, node in list(places):
                if not isinstance(node, ast.AST) or id(node) in docstrings:
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


def noticed(name: str, source: str, tests: tuple[str, ...]) -> bool:
    """Whether the tests fail on the mutant; one that hangs is noticed as well."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        sys.meta_path.insert(0, Instead(name, source))
        os._exit(run(tests))
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) not in (0, 1, 2):
        raise SystemExit(f"pytest itself failed ({os.WEXITSTATUS(status)}) on a mutant of {name}")
    return status != 0


def run(tests: tuple[str, ...]) -> int:
    """The tests in this process; everything but our own modules may have been imported before."""
    import pytest

    options = ["-x", "-q", "--no-header", "--assert=plain", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return int(pytest.main([*options, *tests]))


def warm_up() -> None:
    """Import what takes long by running the tests once, then forget our own modules; the forks share the rest."""
    if run((*FAST, *DEEP)) != 0:
        raise SystemExit("the tests fail on the rules as they are; mend that first")
    for name in [name for name in sys.modules if name.startswith(OURS)]:
        del sys.modules[name]


def main() -> None:
    """Try all mutants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    tried = survived = 0
    began = time.monotonic()
    if not options.list:
        warm_up()
    for name in (module for module in MODULES if options.only in module):
        file = ROOT / (name.replace(".", "/") + ".py")
        for line, word, source in mutants(file.read_text()):
            tried += 1
            if options.list or noticed(name, source, FAST) or noticed(name, source, DEEP):
                continue
            survived += 1
            print(f"{name}:{line}: {word}", flush=True)
    print(f"{tried} mutants, {survived} survived, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
