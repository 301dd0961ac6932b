"""Hooks of a conftest, however they are bound, and what counts as the same test."""

import pytest

from grader.domain.tree import File
from grader.execution.test_source import functions, without_new_hooks


def conftest(text: str) -> File:
    return File(path="conftest.py", content=text.encode())


@pytest.mark.parametrize(
    "hook",
    [
        "def pytest_runtest_makereport(item, call): pass",
        "async def pytest_sessionfinish(session): pass",
        "pytest_plugins = ['evil']",
        "if True:\n    def pytest_configure(config): pass",
        "from evil import pytest_configure",
        "from evil import f as pytest_configure",
        "pytest_configure, x = f, 1",
        "(pytest_configure := f)",
    ],
)
def test_a_new_hook_is_left_out(hook: str) -> None:
    merged, refused = without_new_hooks(None, conftest(f"import pytest\nf = g = 1\n{hook}\n"))
    assert merged is not None
    assert b"pytest_" not in merged.content
    assert merged.content.startswith(b"import pytest\n")
    assert refused


def test_a_hook_of_base_stays_as_it_was() -> None:
    base = conftest("def pytest_configure(config): pass\n")
    merged, refused = without_new_hooks(base, conftest("def pytest_configure(config): evil()\nx = 1\n"))
    assert merged is not None
    assert merged.content == b"x = 1\n\ndef pytest_configure(config):\n    pass\n"
    assert refused == ("pytest_configure",)


def test_without_hooks_the_file_is_taken_byte_by_byte() -> None:
    file = conftest("# a comment\nimport pytest\n")
    assert without_new_hooks(None, file) == (file, ())


def test_what_cannot_be_parsed_is_not_taken() -> None:
    base = conftest("x = 1\n")
    assert without_new_hooks(base, conftest("def"))[0] is base
    assert without_new_hooks(None, conftest("def"))[0] is None
    assert functions(conftest("\0")) == {}


def test_functions_are_equal_when_only_comments_and_layout_differ() -> None:
    one = functions(conftest("class TestA:\n    def test_x(self): return 1 # a\n"))
    assert one == functions(conftest("\nclass TestA:\n    def test_x(self):\n        return 1\n"))
    assert list(one) == ["TestA::test_x"]
