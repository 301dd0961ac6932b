"""Python source -> the small edits that a good test should notice; by position, so that all else stays as written.

The operators are those of docs/grading.md 4. Left alone is what no test is expected to notice: docstrings,
annotations, decorators, logging, the words of an error message, `__all__`, and what runs only for type checkers or
as a script. Also left alone is what rarely does more than hang: a loop's own condition, `break` in a `while`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.execution.operator_words import (
    ARITHMETIC,
    BOOLEAN,
    COMMENT,
    COMPARISONS,
    LOGGERS,
    ORDERINGS,
    SKIPPED_TESTS,
)
from grader.execution.source_map import Node, Source

_LARGEST = 2**63
"""Numbers from here on are left alone; Python refuses to write the largest out, and infinity has no literal."""
_MOST_OPERANDS = 8
"""How many operands of one `and` or `or` are left out in turn."""
_SIMPLE = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)
_LOOSER = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Yield, ast.YieldFrom)
"""What binds no tighter than `and` and `or`."""
_TEXT = (ast.Constant, ast.JoinedStr)
"""On the left of `+` or `%` these are mostly text, where another operator only raises TypeError."""
_LEFT_ALONE = frozenset({"annotation", "returns", "decorator_list", "type_params", "msg", "pattern"})
"""Fields of a node that are not looked into."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `begin:end` of the source become `replacement`; `line` is where they begin, from 1."""

    kind: str
    line: int
    begin: int
    end: int
    replacement: bytes

    def applied(self, text: bytes) -> bytes:
        """The source with this one edit."""
        return text[: self.begin] + self.replacement + text[self.end :]


def edits(source: Source) -> Iterator[Edit]:
    """Every edit, in no particular order; not yet known to compile."""
    return _Walker(source).body(source.tree.body)


class _Walker:
    """Walks one module; each method yields the edits of a node and of all beneath it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rebound = _rebound(source.tree)

    def body(self, statements: Iterable[ast.stmt]) -> Iterator[Edit]:
        for statement in statements:
            if self._is_skipped(statement):
                continue
            outer = self._rebound
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._rebound = _rebound(statement)
            yield from self._statement(statement)
            yield from self._beneath(statement)
            self._rebound = outer

    def _statement(self, node: ast.stmt) -> Iterator[Edit]:
        match node:
            case ast.Raise() | ast.Delete() | ast.Continue():
                yield self._edit("drop_statement", node, b"pass")
            case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Return(value=None):
                yield self._edit("drop_statement", node, b"pass")
            case ast.Assign(targets=targets) if all(self._has_other_value(target) for target in targets):
                yield self._edit("drop_statement", node, b"pass")
            case ast.Return(value=ast.expr() as value) if not _is_falsy(value):
                yield self._edit("drop_return_value", value, b"None")
            case ast.If(test=test) | ast.Assert(test=test):
                yield from self._negated(test)
            case ast.For() | ast.AsyncFor():
                yield from self._breaks(node)
            case _:
                pass

    def _has_other_value(self, target: ast.expr) -> bool:
        """Whether dropping an assignment to it can leave it with another value, rather than undefined."""
        match target:
            case ast.Attribute() | ast.Subscript():
                return True
            case ast.Name(id=name):
                return name in self._rebound
            case _:
                return False

    def _is_skipped(self, node: ast.stmt) -> bool:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
                return True
            case ast.Expr(value=ast.Constant()):
                return True
            case ast.Expr(value=ast.Call(func=func)):
                return LOGGERS.fullmatch(ast.unparse(func)) is not None
            case ast.If(test=test):
                return SKIPPED_TESTS.fullmatch(ast.unparse(test)) is not None
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name.startswith("__") and name.endswith("__")
            case _:
                return False

    def _beneath(self, node: ast.AST) -> Iterator[Edit]:
        for field, value in ast.iter_fields(node):
            if field in _LEFT_ALONE:
                continue
            children = value if isinstance(value, list) else [value]
            yield from self.body(child for child in children if isinstance(child, ast.stmt))
            for child in children:
                if not isinstance(child, ast.stmt):
                    yield from self._part(child, node)

    def _part(self, child: object, parent: ast.AST) -> Iterator[Edit]:
        match child:
            case ast.JoinedStr():  # before Python 3.12 the positions inside are wrong
                return
            case ast.expr() if isinstance(parent, ast.Raise):
                return
            case ast.expr():
                yield from self._expression(child, parent)
            case ast.comprehension(ifs=tests):
                for test in tests:
                    yield from self._negated(test)
                yield from self._beneath(child)
            case ast.match_case(guard=ast.expr() as guard):
                yield from self._negated(guard)
                yield from self._beneath(child)
            case ast.AST():
                yield from self._beneath(child)
            case _:
                return

    def _expression(self, node: ast.expr, parent: ast.AST) -> Iterator[Edit]:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self._edit("remove_not", node, self._enclosed(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                yield self._edit("remove_minus", node, self._enclosed(operand))
            case ast.IfExp(test=test):
                yield from self._negated(test)
            case ast.Compare():
                yield from self._comparisons(node)
            case ast.BoolOp():
                yield from self._boolean(node, parent)
            case ast.BinOp(left=left, right=right) if not isinstance(left, _TEXT):
                yield from self._swapped("swap_arithmetic", left, right, ARITHMETIC.get(type(node.op)))
            case _:
                yield from self._value(node, parent)
        yield from self._beneath(node)

    def _value(self, node: ast.expr, parent: ast.AST) -> Iterator[Edit]:
        match node:
            case ast.Constant():
                yield from self._constant(node)
            case ast.List() | ast.Dict() | ast.Set() | ast.Tuple() if not isinstance(parent, ast.Subscript):
                yield from self._collection(node)
            case ast.Call():
                yield from self._arguments(node)
            case _:
                return

    def _negated(self, test: ast.expr) -> Iterator[Edit]:
        """Not where another operator does the same: a `not` is removed, an equality is swapped."""
        match test:
            case ast.UnaryOp(op=ast.Not()) | ast.Constant():
                return
            case ast.Compare(ops=[op]) if not isinstance(op, ORDERINGS):
                return
            case _:
                yield self._edit("negate_condition", test, b"not " + self._enclosed(test))

    def _comparisons(self, node: ast.Compare) -> Iterator[Edit]:
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, node.comparators, strict=False):
            yield from self._swapped("swap_comparison", left, right, COMPARISONS[type(op)])

    def _boolean(self, node: ast.BoolOp, parent: ast.AST) -> Iterator[Edit]:
        mine, other = BOOLEAN[type(node.op)]
        parts = [self._enclosed(value, _LOOSER) for value in node.values]
        before, after = (b"(", b")") if isinstance(parent, ast.BoolOp) or node.lineno != node.end_lineno else (b"", b"")
        yield self._edit("swap_boolean", node, before + (b" " + other + b" ").join(parts) + after)
        for left_out in range(min(len(parts), _MOST_OPERANDS)):
            rest = parts[:left_out] + parts[left_out + 1 :]
            yield self._edit("drop_operand", node, before + (b" " + mine + b" ").join(rest) + after)

    def _enclosed(self, node: ast.expr, looser: tuple[type[ast.expr], ...] = ()) -> bytes:
        """The bytes of an expression, in parentheses unless it is a simple one or, if these are given, none looser."""
        segment = self._source.segment(node)
        tight = not isinstance(node, looser) if looser else isinstance(node, _SIMPLE)
        return segment if tight and node.lineno == node.end_lineno else b"(" + segment + b")"

    def _swapped(self, kind: str, left: ast.expr, right: ast.expr, swap: tuple[bytes, bytes] | None) -> Iterator[Edit]:
        """The operator between two operands; comments between them are looked past."""
        if swap is None:
            return
        begin, end = self._source.end(left), self._source.begin(right)
        gap = COMMENT.sub(lambda comment: b" " * len(comment[0]), self._source.text[begin:end])
        if found := re.search(swap[0], gap):
            yield self._at(kind, begin + found.start(), begin + found.end(), swap[1])

    def _constant(self, node: ast.Constant) -> Iterator[Edit]:
        match node.value:
            case bool(value):
                yield self._edit("swap_boolean_constant", node, b"False" if value else b"True")
            case int(value) | float(value) if abs(value) < _LARGEST:
                yield self._edit("shift_constant", node, repr(value + 1).encode())
            case str(value) if value:
                yield self._edit("empty_string", node, b'""')
            case bytes(value) if value:
                yield self._edit("empty_string", node, b'b""')
            case _:
                return

    def _collection(self, node: ast.List | ast.Dict | ast.Set | ast.Tuple) -> Iterator[Edit]:
        elements: list[ast.expr | None] = list(node.keys) if isinstance(node, ast.Dict) else list(node.elts)
        stored = not isinstance(node, (ast.Dict, ast.Set)) and not isinstance(node.ctx, ast.Load)
        if not elements or stored:
            return
        empty = {ast.List: b"[]", ast.Dict: b"{}", ast.Set: b"set()", ast.Tuple: b"()"}[type(node)]
        yield self._edit("empty_collection", node, empty)

    def _arguments(self, node: ast.Call) -> Iterator[Edit]:
        """Each keyword argument left out; what it is set to is then the callee's default."""
        ordered: list[Node] = sorted([*node.args, *node.keywords], key=self._source.begin)
        for number, argument in enumerate(ordered):
            if not isinstance(argument, ast.keyword) or argument.arg is None:
                continue
            if number == 0:
                begin, end = self._source.begin(argument), self._source.end(argument)
                comma = re.match(rb"\s*,", self._source.text[end:])
                end += comma.end() if comma else 0
            else:
                begin, end = self._comma_after(ordered[number - 1]), self._source.end(argument)
            yield self._at("drop_argument", begin, end, b"")

    def _comma_after(self, node: Node) -> int:
        end = self._source.end(node)
        blanked = COMMENT.sub(lambda comment: b" " * len(comment[0]), self._source.text[end : end + 400])
        return end + max(0, blanked.find(b","))

    def _breaks(self, node: ast.AST) -> Iterator[Edit]:
        """The `break`s of one `for`; a loop within it answers for its own."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Break):
                yield self._edit("drop_statement", child, b"pass")
            elif not isinstance(child, (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self._breaks(child)

    def _edit(self, kind: str, node: Node, replacement: bytes) -> Edit:
        return self._at(kind, self._source.begin(node), self._source.end(node), replacement)

    def _at(self, kind: str, begin: int, end: int, replacement: bytes) -> Edit:
        return Edit(kind, self._source.line(begin), begin, end, replacement)


def _rebound(scope: ast.AST) -> frozenset[str]:
    """The names that a scope is given more than once, its parameters counted."""
    names = Counter(node.arg for node in ast.walk(scope) if isinstance(node, ast.arg))
    names.update(node.id for node in ast.walk(scope) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return frozenset(name for name, times in names.items() if times > 1)


def _is_falsy(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=constant):
            return not constant
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case _:
            return False
