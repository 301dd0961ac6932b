"""Trees: configuration from base, tests from the change, hooks from nowhere; and which modules are run."""

from grader.domain.observation import TestId
from grader.domain.tree import File, Tree
from grader.execution.trees import Layout, Material, lay_out, sources
from grader.intake.change import change, classify

BASE = {
    "app/a.py": "x = 1\n",
    "tests/conftest.py": "import pytest\n\ndef pytest_configure(config): pass\n",
    "tests/test_old.py": "def test_old(): assert 1\ndef test_gone(): assert [1, 2] == sorted([2, 1])\n",
    "tests/test_deleted.py": "def test_moved(): pass\n",
    "setup.cfg": "[tool:pytest]\n",
}
FIX = {
    "app/a.py": "x = 2\n",
    "tests/conftest.py": "import pytest\n\n@pytest.fixture\ndef two(): return 2\n\n"
    "def pytest_runtest_makereport(item): pass\n",
    "tests/test_old.py": "def test_old(): assert 1\ndef test_here(): assert [1, 2] == sorted([2, 1, 0][:2])\n",
    "tests/test_new.py": "def test_moved(): pass\n",
    "tests/helper.py": "y = 1\n",
    "tests/odd.py": "class TestOdd:\n    def test_x(self): pass\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\n",
    "pytest.ini": "[pytest]\n",
    "CHANGELOG.md": "fixed\n",
}


def layout(asked: tuple[str, ...] = ()) -> Layout:
    base, fix = (Tree.of(File(path=p, content=c.encode()) for p, c in files.items()) for files in (BASE, FIX))
    classes = {path: classify(path) for path in base.by_path.keys() | fix.by_path.keys()}
    return lay_out(Material(base=base, fix=fix, change=change(base, fix), classes=classes, asked=asked))


def test_configuration_is_base_s_in_every_tree() -> None:
    made = layout()
    for tree in (made.before, made.after, made.base_tests_on_fix):
        assert tree.by_path["setup.cfg"].content == BASE["setup.cfg"].encode()
        assert "pytest.ini" not in tree.by_path
    assert ("configuration_from_base", "pytest.ini: left out of every run") in [(f.id, f.detail) for f in made.flags]


def test_fixtures_of_a_conftest_are_taken_and_its_hooks_are_not() -> None:
    made = layout()
    text = made.before.by_path["tests/conftest.py"].content.decode()
    assert made.after.by_path["tests/conftest.py"].content.decode() == text
    assert "def two" in text
    assert "pytest_configure" in text
    assert "makereport" not in text
    assert [flag.detail for flag in made.flags if flag.id == "conftest_hook"] == [
        "tests/conftest.py: left out pytest_runtest_makereport"
    ]


def test_product_is_the_tree_s_own_and_tests_are_the_change_s() -> None:
    made = layout()
    assert (made.before.by_path["app/a.py"].content, made.after.by_path["app/a.py"].content) == (b"x = 1\n", b"x = 2\n")
    assert "tests/helper.py" in made.before.by_path
    assert made.before.by_path["CHANGELOG.md"] == made.after.by_path["CHANGELOG.md"]
    assert "tests/test_deleted.py" not in made.before.by_path
    assert "tests/test_deleted.py" in made.base_tests_on_fix.by_path


def test_modules_are_those_that_are_named_so() -> None:
    made = layout()
    assert made.touched == ("tests/test_new.py", "tests/test_old.py")
    assert made.deleted == ("tests/test_deleted.py",)
    assert made.rest == ()
    assert made.source_files == ("app/a.py",)
    assert layout(("tests/helper.py",)).touched == ("tests/helper.py",)


def test_a_module_of_another_name_counts_where_no_other_is_touched() -> None:
    base = Tree.of([File(path="a.py", content=b"")])
    fix = base.with_files([File(path="tests/odd.py", content=FIX["tests/odd.py"].encode())])
    classes = {path: classify(path) for path in fix.by_path}
    assert lay_out(Material(base=base, fix=fix, change=change(base, fix), classes=classes)).touched == ("tests/odd.py",)


def test_renamed_and_moved_tests_are_still_defined() -> None:
    known = sources(layout())
    assert known.is_unchanged(TestId("tests/test_old.py::test_old[a]"))
    assert known.is_defined(TestId("tests/test_old.py::test_gone"))
    assert known.is_defined(TestId("tests/test_deleted.py::test_moved"))
    assert not known.is_unchanged(TestId("tests/test_old.py::test_here"))
