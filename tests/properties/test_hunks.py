"""Putting every hunk back gives base; putting one back touches its lines only; blocks are what differs."""

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File
from grader.execution.hunks import HUNK_REVERT, hunks, reverts
from grader.execution.lines import changed_blocks

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"d\n", b"e\n"]), max_size=30)


@given(LINES, LINES)
def test_between_the_blocks_both_sides_are_equal(base: list[bytes], fix: list[bytes]) -> None:
    rebuilt: list[bytes] = []
    at = 0
    for block in changed_blocks(base, fix):
        assert fix[at : block.fix_from] == base[len(rebuilt) : block.base_from]
        rebuilt += [*fix[at : block.fix_from], *base[block.base_from : block.base_to]]
        at = block.fix_to
    assert [*rebuilt, *fix[at:]] == base


@given(LINES, LINES)
def test_a_hunk_put_back_changes_no_line_outside_it(base: list[bytes], fix: list[bytes]) -> None:
    files = [File(path="a", content=b"".join(lines)) for lines in (base, fix)]
    change = Change(
        files=(ChangedFile(path="a", file_class=FileClass.PRODUCT, base=files[0], fix=files[1]),)
        if files[0] != files[1]
        else ()
    )
    by_number = {hunk.number: hunk for hunk in hunks(change)}
    for variation in reverts(change):
        assert variation.result is not None
        assert variation.result != files[1]
        if variation.kind == HUNK_REVERT:
            hunk = by_number[variation.hunk]
            altered = variation.result.content.splitlines(keepends=True)
            assert altered[: hunk.first - 1] == fix[: hunk.first - 1]
            tail = len(fix) - (hunk.end - 1)
            assert altered[len(altered) - tail :] == fix[len(fix) - tail :]
