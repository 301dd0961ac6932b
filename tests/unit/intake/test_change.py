"""Files are classed by whole components and names; only what differs is in the change."""

import pytest

from grader.domain.change import FileClass
from grader.domain.tree import File, Tree
from grader.intake.change import change, classify

T, S, C, P, D = FileClass.TEST, FileClass.TEST_SUPPORT, FileClass.CONFIGURATION, FileClass.PRODUCT, FileClass.DOCUMENT


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test_x.py", T),
        ("x_test.py", T),
        ("tests/test_x.py", T),
        ("pkg/test/test_x.py", T),
        ("pkg/test_x.py", T),
        ("Tests/test_x.py", T),
        ("tests/tests.py", T),
        ("app/tests.py", P),
        ("tests/__init__.py", S),
        ("tests/helpers.py", S),
        ("tests/data/a.json", S),
        ("tests/README.md", S),
        ("test/Tools.py", S),
        ("latest.py", P),
        ("contest/x.py", P),
        ("src/pkg/testing.py", P),
        ("testing/x.py", P),
        ("src/attest/protest.py", P),
        ("pkg/_test.pyx", P),
        ("tests", P),
        ("conftest.py", C),
        ("tests/conftest.py", C),
        ("tests/sub/pytest.ini", C),
        ("tox.ini", C),
        ("setup.cfg", C),
        ("pyproject.toml", C),
        ("x.pth", C),
        ("sitecustomize.py", C),
        ("tests/usercustomize.py", C),
        (".coveragerc", C),
        (".github/workflows/test.yml", C),
        ("evil.dist-info/entry_points.txt", C),
        ("requirements-dev.txt", C),
        ("README.md", D),
        ("postmortem.md", D),
        ("docs/conf.py", D),
        ("docs/img/a.png", D),
        ("incident/diagnosis.txt", D),
        ("app/README.md", D),
        ("app/prompts/system.md", P),
        ("app/data.json", P),
        ("app/answer.py", P),
        ("readme.py", P),
    ],
)
def test_each_file_is_classed_by_component_and_name(path: str, expected: FileClass) -> None:
    assert classify(path, code=frozenset({"app"})) is expected


def test_the_bases_own_patterns_for_test_modules_count() -> None:
    assert classify("checks/check_x.py", test_modules=("check_*.py",)) is T
    assert classify("checks/test_x.py", test_modules=("check_*.py",)) is P


def test_only_differences_are_in_the_change() -> None:
    base = Tree.of(
        [File(path="a.py", content=b"1"), File(path="b.py", content=b"1"), File(path="same.py", content=b"")]
    )
    fix = Tree.of([File(path="a.py", content=b"1", executable=True), File(path="test_c.py", content=b"1")])
    found = change(base, fix.with_files([base.by_path["same.py"]]))
    assert [(f.path, f.file_class, f.base is None, f.fix is None) for f in found.files] == [
        ("a.py", P, False, False),
        ("b.py", P, False, True),
        ("test_c.py", T, True, False),
    ]
    assert [f.path for f in found.of(P)] == ["a.py", "b.py"]


def test_prose_beneath_product_code_is_product() -> None:
    fix = Tree.of([File(path=path, content=b"x") for path in ("app/a.py", "app/prompts/system.txt", "notes/why.txt")])
    assert [f.file_class for f in change(Tree.of([]), fix).files] == [P, P, D]
