"""No source makes the parts that read learner code raise, or take long: it is parsed, altered and written back only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.source_scan import always_equal, scan
from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File, Tree
from grader.execution.decoys import refactor_both
from grader.execution.mutants import plan
from grader.execution.structural import restored
from grader.execution.test_source import functions, without_new_hooks

NASTY = {
    "sum": b"x = " + b"1+" * 5_000 + b"1\n",
    "calls": b"x = " + b"f(" * 150 + b")" * 150 + b"\n",
    "shorter sum": b"x = " + b"1+" * 700 + b"1\n",
    "shorter attributes": b"x = a" + b".b" * 700 + b"\n",
    "shorter minus": b"x = " + b"-" * 150 + b"1\n",
    "attributes": b"x = a" + b".b" * 5_000 + b"\n",
    "minus": b"x = " + b"-" * 5_000 + b"1\n",
    "not": b"x = " + b"not " * 5_000 + b"a\n",
    "parentheses": b"x = " + b"(" * 5_000 + b")" * 5_000,
    "hexadecimal": b"x = 0x" + b"f" * 20_000 + b"\ny = (0x" + b"f" * 20_000 + b", 1)\n",
    "decimal": b"x = " + b"9" * 20_000 + b"\n",
    "power": b"x = 9**9**9**9\n",
    "repeat": b"x = 'a' * 10**10\n",
    "shift": b"x = 1 << 10**10\n",
    "infinite": b"x = 1e999\ny = 1e999j\n",
    "elif": b"if a: pass\n" + b"elif a: pass\n" * 1_000,
    "blocks": b"".join(b" " * n + b"if a:\n" for n in range(99)) + b" " * 99 + b"pass\n",
    "too many blocks": b"".join(b" " * n + b"if a:\n" for n in range(200)) + b" " * 200 + b"pass\n",
    "lambdas": b"x = " + b"lambda: " * 5_000 + b"1\n",
    "format": b"x = f'{a:{b:{c}}}'\n" + b"y = f'" + b"{a}" * 3_000 + b"'\n",
    "surrogate": b"x = '\\ud800'\n",
    "null": b"x = 1\0\n",
    "escapes": b"x = '\\d'\n",
    "wide": b"x = [" + b"1, " * 3_000 + b"]\n",
    "boolean": b"x = " + b"a and " * 1_000 + b"a\n",
    "compared": b"x = " + b"a < " * 1_000 + b"a\n",
    "statements": b"x = 1;" * 2_000 + b"\n",
    "return": b"return 1\n",
    "star": b"from a import *\n",
    "cookie": b"# coding: utf-7\nx = '+AAo-'\n",
    "unknown cookie": b"# coding: rot13\nk = 1\n",
}


def use(base: bytes, fix: bytes) -> None:
    """Everything that reads learner code in this process."""
    files = File(path="m.py", content=base), File(path="m.py", content=fix)
    change = Change(files=(ChangedFile(path="m.py", file_class=FileClass.PRODUCT, base=files[0], fix=files[1]),))
    for variation in plan(change, limit=4, seed=1):
        assert variation.result is None or variation.result.content != fix
    trees = Tree.of([files[0]]), Tree.of([files[1]])
    for made in refactor_both(*trees, ["m.py"], seed=1):
        assert [file.path for file in made.tree.files] == ["m.py"]
    assert isinstance(functions(files[1]), dict)
    without_new_hooks(*files)
    restored(trees[1], change)
    tests = Change(files=(ChangedFile(path="m.py", file_class=FileClass.TEST, base=files[0], fix=files[1]),))
    assert not any("\n" in flag.id for flag in (*scan(tests), *always_equal(change)))


@pytest.mark.parametrize("name", NASTY)
def test_nasty_source_is_survived(name: str) -> None:
    nasty = NASTY[name]
    inside = b"def test_a():\n" + b"".join(b"    " + line for line in nasty.splitlines(keepends=True))
    for fix in (nasty, inside):
        use(b"x = 2\n", fix)
        use(fix, b"x = 2\n")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_survived(base: bytes, fix: bytes) -> None:
    if base != fix:
        use(base, fix)
