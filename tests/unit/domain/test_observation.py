"""What a test's id tells."""

import pytest

from grader.domain.observation import function_of


@pytest.mark.parametrize(
    ("test", "function"),
    [
        ("t.py::test_a", "t.py::test_a"),
        ("t.py::T::test_a[a[b]]", "t.py::T::test_a"),
        ("t.py::test_a[x::y-[z]]", "t.py::test_a"),
        ("t.py::test_a[x]y", "t.py::test_a[x]y"),
        ("a[b]/t.py::test_a[1]", "a[b]/t.py::test_a"),
        ("a/t.py", "a/t.py"),
    ],
)
def test_a_function_ends_where_its_parameters_begin(test: str, function: str) -> None:
    assert function_of(test) == function
