"""Rewritten modules say the same in other words; what looks at itself is left alone, with the reason."""

import ast
import re

import pytest

from grader.domain.tree import File, Tree
from grader.execution.decoys import refactor_both
from grader.execution.refactor import refactor
from grader.execution.source_map import fingerprint, instructions

SOURCE = '''\
"""Docstring of the module."""

LIMIT = 3  # a comment


def total(items, start=0):
    """Docstring of the function."""
    result = start
    first = 1
    second = 2
    for item in items:
        if item > LIMIT:
            result += item * first
        else:
            result -= second
    return result if items else None
'''


def rewritten(text: str, seed: int = 1, others: str = "") -> str:
    tree = Tree.of([File(path="a.py", content=text.encode()), File(path="b.py", content=others.encode())])
    return refactor(tree, ["a.py"], seed=seed).tree.by_path["a.py"].content.decode()


def run(text: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(text, "a.py", "exec"), names)
    return names


def test_the_text_differs_and_the_answers_do_not() -> None:
    for seed in range(8):
        text = rewritten(SOURCE, seed)
        assert not any(word in text for word in ("result", "item ", "Docstring", "comment"))
        assert all(word in text for word in ("LIMIT", "total", "items", "start"))
        for arguments in ([], [1], [5, 2, 9]):
            for start in (0, 7):
                assert run(text)["total"](arguments, start=start) == run(SOURCE)["total"](arguments, start=start)  # type: ignore[operator]
    assert len({rewritten(SOURCE, seed) for seed in range(8)}) > 4
    assert rewritten(SOURCE, 3) == rewritten(SOURCE, 3)


@pytest.mark.parametrize(
    "body",
    [
        "x = a\n return locals()",
        "x = a\n return eval('x')",
        "x = a\n return vars()",
        "x = a\n return lambda: x",
        "x = a\n return [x for _ in a]",
        "x = a\n class C:\n  y = x\n return C",
        "global x\n x = a",
        "import x\n return x",
        "def x(): pass\n return x",
        "try: a()\n except E as x: return x",
        "match a:\n  case [x, *_]: return x",
        "match a:\n  case {'k': 1, **x}: return x",
        "x = a\n return '{x}'",
        "x = a\n return df.query('b > @x')",
    ],
)
def test_a_variable_that_something_else_may_name_keeps_its_name(body: str) -> None:
    assert "x" in _names(rewritten(f"def f(a, b):\n {body}"))


def _names(text: str) -> set[str]:
    """Every word of the text that is a name, however it is bound."""
    return set(re.findall(r"\w+", text))


def test_a_variable_of_its_own_is_renamed_wherever_it_stands() -> None:
    text = rewritten("def f(a):\n with a as x, a as y:\n  del y\n  x += 1\n  z: int = x\n  return (w := z) + w")
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    assert not names & {"x", "y", "z", "w"}


def test_a_branch_that_declares_a_name_stays_before_the_one_that_uses_it() -> None:
    text = "def f(a):\n if a:\n  global c\n else:\n  c = a\n"
    assert all(fingerprint(rewritten(text, seed).encode()) is not None for seed in range(8))
    assert rewritten(text) != text


def test_docstrings_stay_where_anything_in_the_tree_reads_them() -> None:
    assert "Docstring" not in rewritten(SOURCE)
    assert "Docstring" in rewritten(SOURCE, others="import click")
    assert "Docstring" in rewritten(SOURCE, others="print(total.__doc__)")


def test_names_stay_where_anything_in_the_tree_looks_at_frames() -> None:
    assert "result" in rewritten(SOURCE, others="import sys\nsys._getframe()")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import inspect\ninspect.getsource(f)", "looks at its own source"),
        ("x = (", "not Python"),
        ("x = '\\ud800'\nx = '\ud800'".encode("utf-8", "surrogatepass").decode("latin-1"), ""),
        ("# coding: latin-1\nx = 1", ""),
        ("x = " + "-" * 3000 + "1", "cannot be written back|not Python"),
    ],
)
def test_what_is_left_alone_says_why(text: str, reason: str) -> None:
    made = refactor(Tree.of([File(path="a.py", content=text.encode())]), ["a.py", "gone.py"], seed=0)
    if reason:
        assert made.tree.by_path["a.py"].content == text.encode()
        [(path, why)] = made.left
        assert path == "a.py"
        assert any(part in why for part in reason.split("|"))
    else:
        assert fingerprint(made.tree.by_path["a.py"].content) is not None


def test_tests_and_data_are_not_touched() -> None:
    tree = Tree.of([File(path="a.py", content=SOURCE.encode()), File(path="test_a.py", content=SOURCE.encode())])
    assert refactor(tree, ["a.py"], seed=0).tree.by_path["test_a.py"].content == SOURCE.encode()


BASE = Tree.of([File(path="app/__init__.py", content=b""), File(path="app/x.py", content=b"def f(a):\n    return a\n")])
FIX = BASE.with_files(
    [
        File(
            path="app/x.py",
            content=b"from app.guard import check\n\ndef f(a):\n    guarded = check(a)\n    return guarded\n",
        ),
        File(path="app/guard.py", content=b"def check(a):\n    return a or None\n"),
    ]
)
PATHS = ["app/__init__.py", "app/x.py", "app/guard.py"]


def test_base_and_fix_look_alike_to_whoever_reads_instead_of_running() -> None:
    base, fix = (made.tree for made in refactor_both(BASE, FIX, PATHS, seed=3))
    x_base, x_fix = base.by_path["app/x.py"].content, fix.by_path["app/x.py"].content
    assert len(x_base) == len(x_fix)
    assert x_base.count(b"\n") == x_fix.count(b"\n")
    for words in (b"check(a)", b"guarded", b"from app.guard import check"):
        assert words in x_base
    found = [node for node in ast.walk(ast.parse(x_base)) if isinstance(node, ast.Name) and node.id == "guarded"]
    assert found
    assert [file.path for file in base.files] == [file.path for file in fix.files]


def test_decoys_do_nothing() -> None:
    base, fix = (made.tree for made in refactor_both(BASE, FIX, PATHS, seed=3))
    plain = refactor(BASE, PATHS, seed=3).tree
    assert instructions(base.by_path["app/x.py"].content) == instructions(plain.by_path["app/x.py"].content)
    assert fingerprint(base.by_path["app/guard.py"].content) == fingerprint(b"")
    assert run(fix.by_path["app/guard.py"].content.decode())["check"](0) is None  # type: ignore[operator]


def test_a_program_that_shows_tracebacks_keeps_its_lines_and_gets_its_decoys() -> None:
    shown = b"import traceback\n\ndef f(a):\n    guarded = a\n    return traceback.format_exc()"
    base = BASE.with_files([File(path="app/x.py", content=shown)])
    made, fixed = refactor_both(base, FIX, PATHS, seed=3)
    assert made.tree.by_path["app/x.py"].content.startswith(shown + b"\n")
    assert b"check(a)" in made.tree.by_path["app/x.py"].content
    assert ("app/x.py", "the program shows source lines in tracebacks (format_exc)") in made.left
    assert "app/x.py" in dict(fixed.left)


def test_a_learner_cannot_have_a_module_left_alone_by_a_word() -> None:
    fix = FIX.with_files(
        [File(path="app/x.py", content=b"import linecache\n\ndef f(a):\n    guarded = a\n    return guarded\n")]
    )
    _, made = refactor_both(BASE, fix, PATHS, seed=3)
    assert "app/x.py" in made.changed
