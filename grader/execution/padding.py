"""A dead variable in every function: other byte code, the same behaviour.

Where a function may look at its own names it is left alone, as where variables are renamed.
"""

import ast
import hashlib

from grader.execution.locals_renamed import LOOKS_AT_NAMES


def pad(module: ast.Module, seed: int) -> int:
    """Add them in place; the number of functions that got one."""
    functions = [node for node in ast.walk(module) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    padded = [node for node in functions if not any(map(_looks_at_names, ast.walk(node)))]
    for node in padded:
        digest = hashlib.sha256(f"{seed} pad {node.name} {node.lineno}".encode()).hexdigest()
        dead = ast.Assign(targets=[ast.Name(id=f"_{digest[:8]}", ctx=ast.Store())], value=ast.Constant(value=None))
        at = 1 if _is_docstring(node.body[0]) else 0
        node.body.insert(at, ast.copy_location(dead, node.body[0]))
    return len(padded)


def _looks_at_names(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in LOOKS_AT_NAMES


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
