"""A tree is canonical: the order in which files were given never shows."""

from grader.domain.tree import File, Tree

A, B = File(path="a.py", content=b"1"), File(path="b/c.py", content=b"2", executable=True)


def test_order_does_not_show_in_digest_or_tar() -> None:
    assert Tree.of([A, B]).digest == Tree.of([B, A]).digest
    assert Tree.of([A, B]).to_tar() == Tree.of([B, A]).to_tar()


def test_mode_path_and_content_show_in_the_digest() -> None:
    trees = [
        Tree.of([A]),
        Tree.of([File(path="a.py", content=b"1", executable=True)]),
        Tree.of([File(path="a.pyi", content=b"1")]),
        Tree.of([File(path="a.py", content=b"2")]),
    ]
    assert len({tree.digest for tree in trees}) == 4


def test_laying_over_and_taking_away() -> None:
    tree = Tree.of([A, B]).with_files([File(path="a.py", content=b"3")]).without(["b/c.py", "absent"])
    assert [(f.path, f.content) for f in tree.files] == [("a.py", b"3")]
