"""Unified diffs applied in memory: exactly, found by content, with the place of what does not fit."""

import pytest

from grader.domain.patch import apply
from grader.domain.tree import File, Tree

TREE = Tree.of([File(path="a.py", content=b"one\ntwo\nthree\n"), File(path="b/c.py", content=b"x = 1\n")])
CHANGE = "why: an example\n\n--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"


def text(tree: Tree, path: str) -> str:
    return tree.by_path[path].content.decode()


def test_a_line_is_replaced() -> None:
    assert text(apply(TREE, CHANGE), "a.py") == "one\n2\nthree\n"


def test_the_place_is_found_by_content() -> None:
    moved = TREE.with_files([File(path="a.py", content=b"zero\nhalf\none\ntwo\nthree\n")])
    assert text(apply(moved, CHANGE), "a.py") == "zero\nhalf\none\n2\nthree\n"


def test_files_are_added_and_removed() -> None:
    diff = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,1 @@\n+y = 2\n--- a/b/c.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n"
    tree = apply(TREE, diff)
    assert text(tree, "new.py") == "y = 2\n"
    assert "b/c.py" not in tree.by_path


def test_a_missing_line_feed_at_the_end_is_kept() -> None:
    diff = "--- a/b/c.py\n+++ b/b/c.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n\\ No newline at end of file\n"
    assert text(apply(TREE, diff), "b/c.py") == "x = 2"


@pytest.mark.parametrize(
    ("diff", "message"),
    [(CHANGE.replace("-two", "-tow"), r"a\.py: hunk 1 does not fit"), (CHANGE.replace("a.py", "z.py"), "no such file")],
)
def test_what_does_not_fit_is_named(diff: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        apply(TREE, diff)
