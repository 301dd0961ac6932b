"""What an environment's recipe may ask for."""

import pytest

from grader.adapters.docker_sandbox.recipe import read
from grader.domain.sandbox import EnvironmentRecipe
from grader.errors import InputInvalid


def test_requirements_are_read_as_pip_reads_them() -> None:
    text = "\ufeff# comment\n"
    text += "requests[socks]>=2 ; python_version > '3' # why\n\nattrs==23.1.0 \\\n  --hash=sha256:00\r\n--pre\n"
    wanted = read(EnvironmentRecipe(requirements=text, installs=("PyTest==8.0",), installs_no_deps=("a.b",)))
    assert wanted.lines == (
        "requests[socks]>=2 ; python_version > '3'",
        "attrs==23.1.0    --hash=sha256:00",
        "--pre",
        "PyTest==8.0",
    )
    assert (wanted.alone, wanted.hashed) == (("a.b",), True)
    assert wanted.names == {"requests", "attrs", "pytest", "a-b"}


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "--editable=.",
        "-r other.txt",
        "-c limits.txt",
        "./package",
        "/etc/passwd",
        "git+https://example.com/x",
        "x @ git+https://example.com/x",
        "x @ file:///etc/x.whl",
        "x @ https://example.com/x.tar.gz",
        "--find-links /etc",
        "--index-url file:///etc",
        "--global-option=x",
        "--pre=x",
        "two words",
        "$(touch x)",
    ],
)
def test_what_would_run_code_or_read_files_is_refused_in_one_line(line: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        read(EnvironmentRecipe(requirements=f"attrs\n{line}\n"))
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    ["--index-url https://example.com/simple", "--extra-index-url=https://example.com/simple", "--trusted-host a",
     "x @ https://example.com/x-1-py3-none-any.whl"],
)  # fmt: skip
def test_other_indexes_and_wheels_by_address_are_fine(line: str) -> None:
    assert read(EnvironmentRecipe(requirements=line)).lines == (line,)
