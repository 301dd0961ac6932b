"""The same program in another shape: branches exchanged under `not`, results named, independent constants reordered.

Each step keeps what runs, in which order, and how often; Python evaluates `not c` and `c` by the same one call.
"""

import ast
import hashlib
from collections.abc import Sequence


def reshape(module: ast.Module, seed: int) -> int:
    """Reshape in place; the number of places that changed."""
    shaper = _Shaper(seed)
    shaper.visit(module)
    return shaper.changed


class _Shaper(ast.NodeTransformer):
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.changed = 0

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if node.orelse and not _declares(node) and self._lot("if", node):
            node.test, node.body, node.orelse = _negated(node.test), node.orelse, node.body
            self.changed += 1
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        self.generic_visit(node)
        if self._lot("ifexp", node):
            node.test, node.body, node.orelse = _negated(node.test), node.orelse, node.body
            self.changed += 1
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.body = self._reordered(node.body)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        self.generic_visit(node)
        node.body = self._reordered(node.body)
        return node

    def _reordered(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Runs of assignments of constants to different variables, turned round."""
        made: list[ast.stmt] = []
        run: list[ast.stmt] = []
        declared = {name for node in body for name in _declared(node)}
        for statement in body:
            name = _constant_target(statement)
            if name is None or name in declared or name in {_constant_target(other) for other in run}:
                made += self._turned(run)
                run = []
            if name is None or name in declared:
                made.append(statement)
            else:
                run.append(statement)
        return [*made, *self._turned(run)]

    def _turned(self, run: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
        if len(run) < 2:
            return run
        self.changed += 1
        return run[::-1]

    def _lot(self, what: str, node: ast.expr | ast.stmt) -> bool:
        place = f"{self._seed} {what} {node.lineno} {node.col_offset}"
        return bool(hashlib.sha256(place.encode()).digest()[0] & 1)


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(op=ast.Not(), operand=test)


def _declares(node: ast.If) -> bool:
    """Whether a branch says `global` or `nonlocal`, which must come before what uses the name."""
    return any(isinstance(inner, (ast.Global, ast.Nonlocal)) for inner in ast.walk(node))


def _constant_target(statement: ast.stmt) -> str | None:
    """The variable, where the statement does nothing but give it a constant."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
            return name
        case _:
            return None


def _declared(statement: ast.stmt) -> Sequence[str]:
    return statement.names if isinstance(statement, (ast.Global, ast.Nonlocal)) else ()
