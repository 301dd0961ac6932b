"""Python source as bytes with its syntax tree, and which bytes a node covers. Parsed, never imported."""

import ast
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from types import CodeType

from grader.domain.tree import File

LARGEST = 256 * 1024
"""Bytes of source up to which a module is altered; Python's tree takes a hundred times as much."""
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser and compiler raise on hostile or foreign source."""
_BOM = b"\xef\xbb\xbf"

Node = ast.expr | ast.stmt | ast.keyword | ast.arg | ast.excepthandler


@dataclass(frozen=True, slots=True)
class Source:
    """UTF-8 source without its byte order mark, its tree, and the offset at which each line begins."""

    text: bytes
    tree: ast.Module
    starts: tuple[int, ...]

    @staticmethod
    def of(file: File) -> "Source | None":
        """None when it is too large, not UTF-8, or no Python of the version that runs this."""
        text = file.content.removeprefix(_BOM)
        if len(text) > LARGEST:
            return None
        try:
            text.decode("utf-8")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except UNREADABLE:
            return None
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return Source(text, tree, tuple(starts))

    def begin(self, node: Node) -> int:
        """Where a node begins."""
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: Node) -> int:
        """Where a node ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def line(self, offset: int) -> int:
        """The line that a byte lies in, from 1."""
        return bisect_right(self.starts, offset)

    def segment(self, node: Node) -> bytes:
        """The bytes of a node."""
        return self.text[self.begin(node) : self.end(node)]


def fingerprint(text: bytes) -> bytes | None:
    """What the source compiles to, less its line numbers; equal for sources that do the same by the compiler's lights.

    That is "trivial compiler equivalence" (Papadakis et al., ICSE 2015). None when it does not compile.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text, "", "exec", dont_inherit=True, optimize=0)
        return repr(_stripped(code)).encode("utf-8", "surrogatepass")
    except UNREADABLE:
        return None


def _stripped(code: CodeType) -> tuple[object, ...]:
    constants = tuple(_stripped(c) if isinstance(c, CodeType) else (type(c).__name__, c) for c in code.co_consts)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_name)
    return (code.co_code, constants, names, code.co_argcount, code.co_kwonlyargcount, code.co_flags, _handlers(code))


def _handlers(code: CodeType) -> bytes:
    return getattr(code, "co_exceptiontable", b"")
