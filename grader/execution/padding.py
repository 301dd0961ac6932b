"""Dead variables in every function: other byte code, the same behaviour.

Base gets many and the fix one, so that a test which measures byte code sees the larger function on the wrong side.
Where a function may look at its own names it is left alone, as where variables are renamed.
"""

import ast
import hashlib
from dataclasses import dataclass

from grader.execution.locals_renamed import LOOKS_AT_NAMES

MUCH = 24


@dataclass(frozen=True, slots=True)
class Manner:
    """How a module is rewritten: what its names are drawn from, and how many dead variables a function gets."""

    seed: int
    padding: int


def pad(module: ast.Module, manner: Manner) -> int:
    """Add them in place; the number of functions that got any."""
    functions = [node for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    padded = [node for node in functions if not any(map(_looks_at_names, ast.walk(node)))]
    for node in padded:
        digest = hashlib.sha256(f"{manner.seed} pad {node.name} {node.lineno}".encode()).hexdigest()
        at = 1 if _is_docstring(node.body[0]) else 0
        node.body[at:at] = [_dead(f"_{digest[:8]}{n}", node.body[0]) for n in range(manner.padding)]
    return len(padded)


def _dead(name: str, where: ast.stmt) -> ast.stmt:
    dead = ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=ast.Constant(value=None))
    return ast.copy_location(dead, where)


def _looks_at_names(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in LOOKS_AT_NAMES


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
