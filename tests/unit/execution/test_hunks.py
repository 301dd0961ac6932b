"""Hunks carry the fix's line numbers, and putting one back changes nothing else."""

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File, Tree
from grader.execution.hunks import FILE_REVERT, HUNK_REVERT, hunks, reverts
from grader.execution.lines import PASSES, changed_blocks

OLD = b"".join(b"line %d\n" % n for n in range(20))
NEW = OLD.replace(b"line 3\n", b"line three\nand more\n").replace(b"line 12\n", b"").replace(b"line 14\n", b"x\n")


def changed(path: str, base: bytes | None, fix: bytes | None, kind: FileClass = FileClass.PRODUCT) -> ChangedFile:
    def file(content: bytes | None) -> File | None:
        return None if content is None else File(path=path, content=content)

    return ChangedFile(path=path, file_class=kind, base=file(base), fix=file(fix))


def of(*files: ChangedFile) -> Change:
    return Change(files=files)


def test_hunks_have_the_lines_of_the_fix_and_near_ones_are_joined() -> None:
    assert [(h.path, h.first, h.end) for h in hunks(of(changed("a.py", OLD, NEW)))] == [
        ("a.py", 4, 6),
        ("a.py", 14, 16),
    ]


def test_each_hunk_and_each_file_is_put_back_alone() -> None:
    change = of(
        changed("a.py", OLD, NEW), changed("b.py", b"1\n", b"2\n"), changed("test_a.py", b"", b"", FileClass.TEST)
    )
    made = reverts(change)
    assert [v.id for v in made] == [
        "hunk_revert:a.py:4",
        "hunk_revert:a.py:14",
        "hunk_revert:b.py:1",
        "file_revert:a.py",
    ]
    fix = Tree.of([File(path="a.py", content=NEW), File(path="b.py", content=b"2\n")])
    first = made[0].of(fix)
    assert first.by_path["a.py"].content == NEW.replace(b"line three\nand more\n", b"line 3\n")
    assert first.by_path["b.py"].content == b"2\n"
    assert made[3].of(fix).by_path["a.py"].content == OLD
    assert "-line three" in made[0].diff
    assert "+line 3\n" in made[0].diff


def test_an_added_file_goes_a_deleted_one_comes_back_and_a_mode_is_put_back() -> None:
    mode = ChangedFile(
        path="run",
        file_class=FileClass.PRODUCT,
        base=File(path="run", content=b""),
        fix=File(path="run", content=b"", executable=True),
    )
    made = reverts(of(changed("new.py", None, b"1\n"), changed("old.py", b"1\n", None), mode))
    assert [(v.id, v.kind) for v in made] == [
        ("hunk_revert:new.py:1", HUNK_REVERT),
        ("file_revert:old.py", FILE_REVERT),
        ("file_revert:run", FILE_REVERT),
    ]
    fix = Tree.of([File(path="new.py", content=b"1\n"), File(path="run", content=b"", executable=True)])
    assert [f.path for f in made[0].of(fix).files] == ["run"]
    assert [f.path for f in made[1].of(fix).files] == ["new.py", "old.py", "run"]
    assert not made[2].of(fix).by_path["run"].executable


def test_bytes_that_are_no_text_and_a_missing_last_newline_survive() -> None:
    [made] = reverts(of(changed("x.bin", b"\xff\x00\r\n1", b"\xff\x00\r\n2")))
    assert made.result is not None
    assert made.result.content == b"\xff\x00\r\n1"


def test_lines_made_to_take_for_ever_are_bounded() -> None:
    same = [b"x\n"] * 30_000
    assert len(changed_blocks([*same, b"a\n"], [b"b\n", *same])) <= 2
    nested = [b"%d\n" % (n if n < 1000 else 1999 - n) for n in range(2000)]
    shuffled = [nested[(n * 7) % 2000] for n in range(2000)]
    assert changed_blocks(nested * PASSES, shuffled * PASSES)
