"""What the operators look for and put in its place; a pattern finds the operator between two operands."""

import ast
import re

LOGGERS = re.compile(r"(self\.|cls\.)?_?(log|logger|logging|LOG|LOGGER|warnings|print)(\.\w+)?")
SKIPPED_TESTS = re.compile(r"(typing\.|t\.)?TYPE_CHECKING|__name__ == ['\"]__main__['\"]|__debug__")
COMMENT = re.compile(rb"#[^\r\n]*")
COMPARISONS: dict[type[ast.cmpop], tuple[bytes, bytes]] = {
    ast.Lt: (rb"<", b"<="),
    ast.LtE: (rb"<=", b"<"),
    ast.Gt: (rb">", b">="),
    ast.GtE: (rb">=", b">"),
    ast.Eq: (rb"==", b"!="),
    ast.NotEq: (rb"!=", b"=="),
    ast.Is: (rb"\bis\b", b"is not"),
    ast.IsNot: (rb"\bis\s+not\b", b"is"),
    ast.In: (rb"\bin\b", b"not in"),
    ast.NotIn: (rb"\bnot\s+in\b", b"in"),
}
ORDERINGS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ARITHMETIC: dict[type[ast.operator], tuple[bytes, bytes]] = {
    ast.Add: (rb"\+", b"-"),
    ast.Sub: (rb"-", b"+"),
    ast.Mult: (rb"\*", b"/"),
    ast.Div: (rb"/", b"*"),
    ast.FloorDiv: (rb"//", b"/"),
    ast.Mod: (rb"%", b"*"),
    ast.Pow: (rb"\*\*", b"*"),
    ast.BitAnd: (rb"&", b"|"),
    ast.BitOr: (rb"\|", b"&"),
    ast.LShift: (rb"<<", b">>"),
    ast.RShift: (rb">>", b"<<"),
}
BOOLEAN: dict[type[ast.boolop], tuple[bytes, bytes]] = {ast.And: (b"and", b"or"), ast.Or: (b"or", b"and")}
