"""Learner's Python as a syntax tree: parsed, never imported, and refused where walking it could break the grader."""

import ast
import warnings

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser, compiler and unparser raise on hostile or foreign source."""
DEEPEST = 200
"""Levels of nesting up to which a tree is taken; Python's own tools recurse, and stop at a thousand calls."""
LONGEST_NUMBER = 4096
"""Bits of a whole number up to which a tree is taken; Python refuses to write out the longest."""


def parse(content: bytes) -> ast.Module | None:
    """The syntax tree; None when it is no Python of the version that runs this, or beyond the two limits.

    What the parser warns of is the learner's text, and none of it reaches the terminal.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(content)
    except UNREADABLE:
        return None
    return module if _is_tame(module) else None


def _is_tame(module: ast.Module) -> bool:
    level: list[ast.AST] = [module]
    for _ in range(DEEPEST):
        if not level:
            return True
        if any(_is_long(node) for node in level):
            return False
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return False


def _is_long(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value.bit_length() > LONGEST_NUMBER
