"""Python source as bytes with its syntax tree, and which bytes a node covers. Parsed, never imported."""

import ast
import dis
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from types import CodeType

from grader.domain.python_source import UNREADABLE, parse
from grader.domain.tree import File

LARGEST = 256 * 1024
"""Bytes of source up to which a module is altered; Python's tree takes a hundred times as much."""
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
        """None when it is too large, not UTF-8, or cannot be parsed."""
        text = file.content.removeprefix(_BOM)
        if len(text) > LARGEST:
            return None
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            return None
        tree = parse(text)
        if tree is None:
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
    code = _compiled(text)
    return None if code is None else _bytes(_stripped(code))


def instructions(text: bytes) -> bytes | None:
    """As `fingerprint`, but blind to what a module's top level only mentions in a block that never runs; slower."""
    code = _compiled(text)
    if code is None:
        return None
    steps = (step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG")
    return _bytes(tuple((step.opcode, _meant(step.argval)) for step in steps))


def _compiled(text: bytes) -> CodeType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(text, "", "exec", dont_inherit=True, optimize=0)
    except UNREADABLE:
        return None


def _stripped(code: CodeType) -> tuple[object, ...]:
    constants = tuple(_meant(constant) for constant in code.co_consts)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_name)
    handlers = getattr(code, "co_exceptiontable", b"")
    return (code.co_code, constants, names, code.co_argcount, code.co_kwonlyargcount, code.co_flags, handlers)


def _meant(value: object) -> object:
    """A constant as text can tell it: with its type, and a whole number in a base that has no limit."""
    match value:
        case CodeType():
            return _stripped(value)
        case tuple() | frozenset():
            return (type(value).__name__, *map(_meant, value))
        case int():
            return (type(value).__name__, hex(value))
        case _:
            return (type(value).__name__, value)


def _bytes(value: object) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")
