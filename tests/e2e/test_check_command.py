"""`grader check` as installed, on real engines and hostile input: every exit code, and one line for each bad input."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mdurl
import pytest

from tests.fakes.git_history import GitHistory

GRADER = (str(Path(sys.executable).absolute().with_name("grader")), "check")
APP = {"app/__init__.py": "", "app/a.py": "def double(x):\n    return x + 1\n"}
FIXED = {**APP, "app/a.py": "def double(x):\n    return x + x\n"}
TEST = {"tests/test_a.py": "from app.a import double\n\ndef test_double():\n    assert double(3) == 6\n"}
Files = Mapping[str, bytes | str]


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*GRADER, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, **environment})


@pytest.fixture
def history(tmp_path: Path) -> Callable[[Files, Files], tuple[object, ...]]:
    """Two commits in a new repository, as arguments of the command."""

    def made(base: Files, fix: Files) -> tuple[object, ...]:
        repository = GitHistory(tmp_path / "repo.git")
        return repository.folder, "--base", repository.commit(base), "--fix", repository.commit(fix)

    return made


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


@pytest.mark.docker
def test_a_real_regression_test_exits_0_and_says_all_of_it(history: Any) -> None:
    done = run(*history(APP, {**FIXED, **TEST}), "--json", "-")
    answer = document(done)
    assert done.returncode == 0
    assert answer["verdict"] == "fail_before_pass_after"
    assert answer["fail_to_pass"] == ["tests/test_a.py::test_double"]
    assert answer["source_files"] == ["app/a.py"]
    [test] = answer["tests"]
    assert (test["original"], test["before"], test["after"]) == ("not_collected", "failed", "passed")
    assert test["before_cause"] == "assertion"
    assert answer["strength"]["killed"] >= 1
    assert next(iter(answer)) == "schema"


@pytest.mark.docker
def test_the_same_inputs_and_seed_give_the_same_answer(history: Any) -> None:
    arguments = (*history(APP, {**FIXED, **TEST}), "--seed", 7, "--json", "-")
    first, second = (document(run(*arguments)) for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


LIBRARY = Path(mdurl.__file__).parent
ESCAPES = "all(c in hexdigits for c in string[i + 1 : i + 3])"
LIBRARY_TESTS = """
import pytest
from mdurl import URL, encode, format


@pytest.mark.parametrize("text", ["%20", "%zz", "a%2Fb c", "%"])
def test_what_is_escaped_stays(text):
    assert encode(text) == text.replace(" ", "%20").replace("%zz", "%25zz") if len(text) > 1 else "%25"


class TestFormat:
    def test_an_ipv6_address_is_bracketed(self):
        assert format(URL("http:", True, None, "80", "::1", None, None, "/")) == "http://[::1]:80/"

    def test_a_host(self):
        assert format(URL("http:", True, "me", None, "a.example", "#x", None, "/")) == "http://me@a.example/#x"
"""


@pytest.mark.docker
@pytest.mark.slow
def test_a_library_s_repository_gives_the_same_answers_in_whatever_order_it_is_asked(tmp_path: Path) -> None:
    """Two fixes of a real library, a file each, judged twice: first one then the other, and the other way round."""
    whole = {f"src/mdurl/{path.name}": path.read_text(encoding="utf-8") for path in LIBRARY.glob("*.py")}
    escapes, brackets = "src/mdurl/_encode.py", "src/mdurl/_format.py"
    broken = {
        escapes: whole[escapes].replace(ESCAPES, "string[i + 1].isalnum()"),
        brackets: whole[brackets].replace('"[" + url.hostname + "]"', "url.hostname"),
    }
    repository = GitHistory(tmp_path / "repo.git")
    first = repository.commit({**whole, **broken})
    tests = LIBRARY_TESTS.replace("[::1]", "a.test").replace("::1", "a.test")
    second = repository.commit({**whole, **broken, escapes: whole[escapes], "tests/test_encode.py": tests})
    third = repository.commit({**whole, "tests/test_encode.py": LIBRARY_TESTS})
    steps = ((first, second), (second, third))
    answers = [
        document(run(repository.folder, "--base", base, "--fix", fix, "--seed", 5, "--mutant-limit", 6, "--json", "-"))
        for base, fix in (*steps, *reversed(steps))
    ]
    assert [answer["verdict"] for answer in answers] == ["fail_before_pass_after"] * 4
    assert all(answer["strength"]["killed"] for answer in answers)
    one, other, other_again, one_again = ({**answer, "seconds": None} for answer in answers)
    assert (one, other) == (one_again, other_again)


@pytest.mark.docker
def test_an_async_test_runs_with_the_plugin_that_its_caller_installs(history: Any) -> None:
    ini = {"pytest.ini": "[pytest]\nasyncio_mode = auto\naddopts = --strict-markers -p no:terminal\n"}
    test = {"tests/test_a.py": "from app.a import double\n\nasync def test_double():\n    assert double(3) == 6\n"}
    done = run(*history({**APP, **ini}, {**FIXED, **ini, **test}), "--install", "pytest-asyncio", "--json", "-")
    assert document(done)["verdict"] == "fail_before_pass_after", done.stdout


@pytest.mark.docker
def test_another_verdict_exits_1_on_one_screen(history: Any) -> None:
    done = run(*history({**FIXED}, {**FIXED, **TEST}))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("passes before")
    assert "Next: " in done.stdout
    assert done.stdout.count("\n") < 24


@pytest.mark.docker
def test_requirements_that_do_not_resolve(history: Any, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("no-such-package-of-anybody==0.0.0.1\n")
    done = run(*history(APP, {**FIXED, **TEST}), "--requirements", tmp_path / "r.txt")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_no_engine_exits_3_and_says_how_to_mend_it(history: Any) -> None:
    arguments = history(APP, {**FIXED, **TEST})
    done = run(*arguments, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "no container engine" in done.stderr
    done = run(*arguments, "--json", "-", DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert (done.returncode, document(done)["verdict"], done.stderr.count("\n")) == (3, "infra", 1)


def test_a_change_without_tests_needs_no_engine(history: Any) -> None:
    arguments = (*history(APP, {**FIXED, "README.md": "x"}), "--json", "-")
    done = run(*arguments, DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert (done.returncode, document(done)["verdict"]) == (1, "no_test")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"120000:link": "app/a.py"}, "symbolic link"),
        ({"160000:sub": ""}, "submodule"),
        ({"big.bin": b"\0" * (30 * 1024 * 1024)}, "big.bin"),
        ({f"data/{n}.txt": "x" for n in range(3_000)}, "2,000 files"),
        ({"a\nb.py": ""}, "line break"),
        ({"APP/a.py": ""}, "collides"),
    ],
)
def test_a_tree_that_is_refused_is_rejected_in_one_line(history: Any, bad: Files, words: str) -> None:
    arguments = history(APP, {**FIXED, **TEST, **bad})
    done = run(*arguments, "--json", "-")
    answer = document(done)
    assert (done.returncode, answer["verdict"], answer["flags"][0]["id"]) == (1, "rejected", "intake")
    assert words in answer["reason"]
    assert "\n" not in answer["reason"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--base", "nope", "--fix", "main"), "nope"),
        (("--base", "main", "--fix", "main"), "same commit"),
        (("--base", "main", "--fix", "again"), "nothing differs"),
        (("--base", "main"), "--fix"),
        (("--base", "main~1", "--fix", "main", "--test", "tests/nope.py"), "tests/nope.py"),
        (("--base", "main~1", "--fix", "main", "--src", "lib"), "--src lib"),
        (("--base", "main~1", "--fix", "main", "--src", "app/a.py"), "--src app/a.py"),
        (("--base", "main~1", "--fix", "main", "--src", "../app"), "--src ../app"),
        (("--base", "main~1", "--fix", "main", "--requirements", "/nonexistent"), "/nonexistent"),
        (("--base", "main~1", "--fix", "main", "--repeat", "0"), "--repeat"),
        (("--base", "main~1", "--fix", "main", "--sneed", "0"), "--sneed"),
        (("--base", "--upload-pack=x", "--fix", "main"), "upload-pack"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    repository = GitHistory(tmp_path / "repo.git")
    repository.commit(APP)
    tip = repository.commit({**FIXED, **TEST})
    repository.commit({**FIXED, **TEST}, branch="again", parent=tip)
    done = run(repository.folder, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr


def test_what_is_not_a_repository(tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "absent"):
        done = run(wrong, "--base", "a", "--fix", "b")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
