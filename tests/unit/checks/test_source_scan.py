"""Words that a change brings in: flagged with their line, and only when they are new."""

import pytest

from grader.checks.source_scan import always_equal, knows_tests, scan
from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File


def changed(path: str, base: str | None, fix: str, kind: FileClass) -> Change:
    files = [File(path=path, content=text.encode()) if text is not None else None for text in (base, fix)]
    return Change(files=(ChangedFile(path=path, file_class=kind, base=files[0], fix=files[1]),))


@pytest.mark.parametrize(
    "line",
    ["os._exit(0)", "import atexit", "from inspect import getsource", "f = sys._getframe()", "open(__file__)",
     "x = '.git'", "request.config.pluginmanager.register(x)", "def pytest_runtest_call(item): pass"],
)  # fmt: skip
def test_a_new_word_is_flagged_with_its_line(line: str) -> None:
    [flag, *_] = scan(changed("tests/test_a.py", "x = 1\n", f"x = 1\n{line}\n", FileClass.TEST))
    assert flag.id == "suspicious_code"
    assert "tests/test_a.py:2" in flag.detail
    assert scan(changed("tests/test_a.py", f"{line}\n", f"x = 1\n{line}\n", FileClass.TEST)) == ()
    assert scan(changed("app/a.py", None, f"{line}\n", FileClass.PRODUCT)) == ()


@pytest.mark.parametrize("text", ["def", "x = (" * 5000, "\0"])
def test_what_cannot_be_parsed_is_not_flagged(text: str) -> None:
    assert scan(changed("tests/test_a.py", None, text, FileClass.TEST)) == ()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("    def __eq__(self, other):\n        return True\n", True),
        ("    __eq__ = lambda self, other: 1\n", True),
        ("    def __eq__(self, other):\n        return self.x == other.x\n", False),
        ("    def __eq__(self, other):\n        if other:\n            return True\n        return False\n", False),
    ],
)
def test_a_class_equal_to_everything(body: str, found: bool) -> None:
    change = changed("app/a.py", None, f"class A:\n{body}", FileClass.PRODUCT)
    assert bool(always_equal(change)) is found


def test_a_product_that_looks_for_tests() -> None:
    text = "import os, sys\nx = 'pytest' in sys.modules or os.environ.get('PYTEST_CURRENT_TEST')\n"
    flags = knows_tests(changed("app/a.py", None, text, FileClass.PRODUCT))
    assert [flag.detail.rpartition(" ")[2] for flag in flags] == ["PYTEST_CURRENT_TEST", "pytest"]
