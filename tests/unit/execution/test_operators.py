"""Each operator makes the edits that it names, and what no test is expected to notice is left alone."""

import pytest

from grader.domain.tree import File
from grader.execution.operators import edits
from grader.execution.source_map import LARGEST, Source, fingerprint


def made(text: str) -> dict[str, list[str]]:
    source = Source.of(File(path="x.py", content=text.encode()))
    assert source is not None
    found: dict[str, list[str]] = {}
    for edit in edits(source):
        altered = edit.applied(source.text)
        assert fingerprint(altered) is not None, altered
        found.setdefault(edit.kind, []).append(altered.decode())
    return {kind: sorted(texts) for kind, texts in found.items()}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("if f(a):\n b", "negate_condition", ["if not f(a):\n b"]),
        ("if a < b:\n c", "negate_condition", ["if not (a < b):\n c"]),
        ("x = a if f(b) else c", "negate_condition", ["x = a if not f(b) else c"]),
        ("x = [a for a in b if c(a)]", "negate_condition", ["x = [a for a in b if not c(a)]"]),
        ("assert f(a), 'words'", "negate_condition", ["assert not f(a), 'words'"]),
        ("match a:\n case b if c:\n  d", "negate_condition", ["match a:\n case b if not c:\n  d"]),
        ("x = not (a or b)", "remove_not", ["x = (a or b)"]),
        ("x = -a", "remove_minus", ["x = a"]),
        ("x = a < b <= c", "swap_comparison", ["x = a < b < c", "x = a <= b <= c"]),
        ("x = a == b", "swap_comparison", ["x = a != b"]),
        ("x = (a) is not (b)", "swap_comparison", ["x = (a) is (b)"]),
        ("x = a not in b", "swap_comparison", ["x = a in b"]),
        ("x = (a  # is it <?\n < b)", "swap_comparison", ["x = (a  # is it <?\n <= b)"]),
        ("x = a and b.c", "swap_boolean", ["x = a or b.c"]),
        ("x = a and b.c", "drop_operand", ["x = a", "x = b.c"]),
        ("x = a or b == 1 or c", "drop_operand", ["x = a or b == 1", "x = a or c", "x = b == 1 or c"]),
        ("x = not (a or b) == c", "swap_boolean", ["x = not (a and b) == c"]),
        ("x = d or (a and\n b)", "swap_boolean", ["x = (d and (a and\n b))", "x = d or ((a or b))"]),
        ("x = a + b // c", "swap_arithmetic", ["x = a + b / c", "x = a - b // c"]),
        ("x = 3", "shift_constant", ["x = 4"]),
        ("x = 0.5", "shift_constant", ["x = 1.5"]),
        ("x = True", "swap_boolean_constant", ["x = False"]),
        ("x = 'a' 'b'", "empty_string", ['x = ""']),
        ("x = b'a'", "empty_string", ['x = b""']),
        ("x = [a], {b}", "empty_collection", ["x = ()", "x = [], {b}", "x = [a], set()"]),
        ("x = {c: d}", "empty_collection", ["x = {}"]),
        ("f(a, (b), c=1, d=2,)", "drop_argument", ["f(a, (b), c=1,)", "f(a, (b), d=2,)"]),
        ("f(c=1)", "drop_argument", ["f()"]),
        ("f(c=1, **d)", "drop_argument", ["f( **d)"]),
        ("def f():\n return a", "drop_return_value", ["def f():\n return None"]),
        ("raise A('x', 3)", "drop_statement", ["pass"]),
        ("f(a)", "drop_statement", ["pass"]),
        ("a.b = c", "drop_statement", ["pass"]),
        ("def f(a):\n a = b", "drop_statement", ["def f(a):\n pass"]),
        ("a += b", "drop_statement", ["pass"]),
        ("for a in b:\n if c:\n  break", "drop_statement", ["for a in b:\n if c:\n  pass"]),
        ("for a in b:\n continue", "drop_statement", ["for a in b:\n pass"]),
        ("def f():\n return", "drop_statement", ["def f():\n pass"]),
        ("x = 'é' + a if b(c) else 1", "shift_constant", ["x = 'é' + a if b(c) else 2"]),
    ],
)  # fmt: skip
def test_an_operator_makes_its_edits(text: str, kind: str, expected: list[str]) -> None:
    assert made(text)[kind] == expected


@pytest.mark.parametrize(
    "text",
    [
        '"""Docstring."""',
        'def f():\n    """Docstring."""',
        "import a",
        "x: 'A[1]'",
        "def f(a: 'B' = None) -> 'C':\n    pass",
        "@a(1, b='c')\ndef f():\n    pass",
        "log.info('x %s', 3)",
        "self._logger.debug('x')",
        "print('x', file=None)",
        "warnings.warn('x', stacklevel=2)",
        "__all__ = ['a', 'b']",
        "if TYPE_CHECKING:\n    x = 1",
        "if __name__ == '__main__':\n    main(1)",
        "x = f'{a + 1} b'",
        "x = ''",
        "x = []",
        "def f():\n    return ''",
        "def f():\n    return []",
        "x = a",
        "while a:\n    break",
        "for a in b:\n    while c:\n        break",
        "a, b = c",
        "x = None",
    ],
)
def test_what_no_test_is_expected_to_notice_is_left_alone(text: str) -> None:
    assert made(text) == {}


def test_the_words_of_an_error_are_left_alone() -> None:
    assert made("raise ValueError('words', 1)") == {"drop_statement": ["pass"]}


@pytest.mark.parametrize(
    "content", [b"x = (", b"\xff", b"x = '\x00'", b"(" * 5_000, b"-" * 200_000 + b"1", b"#" * (LARGEST + 1)]
)
def test_what_is_no_python_or_too_large_has_no_source(content: bytes) -> None:
    assert Source.of(File(path="x.py", content=content)) is None


def test_sources_that_do_the_same_have_one_fingerprint() -> None:
    assert fingerprint(b"x = 1  # a\n\n\ny = (2)") == fingerprint(b"x = 1\ny = 2")
    assert fingerprint(b"x = 1") != fingerprint(b"x = True")
    assert fingerprint(b"x = 0.0") != fingerprint(b"x = -0.0")
