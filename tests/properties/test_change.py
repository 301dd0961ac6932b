"""A change holds exactly the paths that differ, applying it to the base gives the fix, and substrings do not count."""

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.change import FileClass
from grader.domain.tree import File, Tree
from grader.intake.change import change, classify

PARTS = st.sampled_from(["a", "tests", "contest", "test_a.py", "latest.py", "conftest.py", "x.md", "docs", ".ci"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
FILES = st.builds(File, path=PATHS, content=st.sampled_from([b"", b"1"]), executable=st.booleans())
TREES = st.lists(FILES, max_size=6).map(Tree.of)


@given(TREES, TREES)
def test_a_change_is_the_difference_and_nothing_else(base: Tree, fix: Tree) -> None:
    found = change(base, fix)
    applied = base.without(f.path for f in found.files).with_files(f.fix for f in found.files if f.fix is not None)
    assert applied == fix
    assert all(f.base != f.fix for f in found.files)
    assert [f.path for f in found.files] == sorted({f.path for f in found.files})


@given(st.from_regex(r"[a-z]{1,8}test[a-z]{1,8}", fullmatch=True))
def test_a_name_that_merely_contains_test_is_no_test(word: str) -> None:
    assert classify(f"{word}/{word}.py") is FileClass.PRODUCT


@given(st.text(max_size=30))
def test_every_path_has_a_class(path: str) -> None:
    assert classify(path) in FileClass
