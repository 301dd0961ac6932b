"""Mutants lie on the fix's lines, stay within the limit, are spread over its hunks, and follow from the seed."""

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File
from grader.execution.mutants import plan
from grader.execution.variation import Variation

OLD = b"""\
def first(a):
    return a


def untouched(a):
    return a + 1 if a > 3 else a


def second(items):
    return items
"""
NEW = b"""\
def first(a):
    if a is None or a == "":
        raise ValueError("empty")
    return a.strip(1)


def untouched(a):
    return a + 1 if a > 3 else a


def second(items):
    return sorted(items, key=len, reverse=True)[:10]
"""


def change(
    old: bytes | None = OLD, new: bytes = NEW, path: str = "app/x.py", kind: FileClass = FileClass.PRODUCT
) -> Change:
    base = File(path=path, content=old) if old is not None else None
    return Change(files=(ChangedFile(path=path, file_class=kind, base=base, fix=File(path=path, content=new)),))


def ids(variations: tuple[Variation, ...]) -> list[str]:
    return [variation.id for variation in variations]


def test_mutants_lie_on_the_lines_of_the_fix_and_say_what_they_change() -> None:
    made = plan(change(), limit=100)
    assert {v.line for v in made} == {2, 3, 4, 12}
    assert {v.kind for v in made} >= {"hunk_revert", "file_revert", "drop_operand", "swap_boolean", "drop_argument"}
    assert len(set(ids(made))) == len(made)
    [swapped] = (v for v in made if v.kind == "swap_boolean")
    assert '-    if a is None or a == "":' in swapped.diff.splitlines()
    assert '+    if a is None and a == "":' in swapped.diff.splitlines()
    assert all(v.result is not None and v.result.content != NEW for v in made)


def test_the_limit_holds_and_the_hunks_take_turns() -> None:
    for limit in (1, 2, 5, 8):
        made = plan(change(), limit=limit)
        assert len(made) == limit
        if limit >= 5:
            assert {v.hunk for v in made if "revert" not in v.kind} == {0, 1}
    assert plan(change(), limit=0) == ()


def test_the_same_seed_gives_the_same_mutants_and_another_gives_others() -> None:
    assert plan(change(), limit=8, seed=4) == plan(change(), limit=8, seed=4)
    assert len({tuple(ids(plan(change(), limit=8, seed=seed))) for seed in range(6)}) > 3


def test_an_added_module_is_one_hunk() -> None:
    made = plan(change(old=None), limit=100)
    assert [v.result for v in made if v.kind == "hunk_revert"] == [None]
    assert "swap_arithmetic" in {v.kind for v in made}


def test_a_revert_that_leaves_no_python_is_known_to_be_invalid() -> None:
    old = b"x = [\n    1,\n    2,\n    3,\n]\n"
    made = plan(change(old, old.replace(b"[", b"(").replace(b"]", b")")), limit=100)
    assert {v.line: v.compiles for v in made if v.kind == "hunk_revert"} == {1: False, 5: False}
    assert [v.compiles for v in made if v.kind == "file_revert"] == [True]


def test_only_python_product_code_is_edited() -> None:
    assert [v.kind for v in plan(change(b"{}", b'{"a": 1}', "app/data.json"))] == ["hunk_revert"]
    assert plan(change(kind=FileClass.TEST)) == ()
    assert [v.kind for v in plan(change(OLD, b"x = (", "app/x.py"))] == ["hunk_revert"]


def test_a_byte_order_mark_and_windows_line_ends_survive() -> None:
    made = plan(change(b"\xef\xbb\xbfx = 1\r\n", b"\xef\xbb\xbfx = 2\r\n"))
    assert [v.result.content for v in made if v.result and v.kind == "shift_constant"] == [b"\xef\xbb\xbfx = 3\r\n"]
