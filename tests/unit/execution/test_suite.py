"""One run: what each test did and why, from a real pytest in a subprocess; and every lie about it noted."""

import json
from dataclasses import replace
from typing import Any

import pytest

from grader.domain.observation import Canary, Cause, Ended, Outcome, SuiteObservation, TestId
from grader.domain.sandbox import ImageId, SandboxOutcome
from grader.domain.tree import File, Tree
from grader.errors import SandboxUnavailable
from grader.execution.suite import DEFAULT_LIMITS, Extent, Setting, SuiteRun, read, run_suite
from tests.fakes.sandboxes import LocalSandboxes

PRODUCT = {
    "pkg/__init__.py": "",
    "pkg/m.py": "def divide(a, b):\n    return a / b\n\ndef checked(x):\n    assert x\n    return x\n",
}
SUITE = """
import unittest
import pytest
from pkg import m

@pytest.mark.parametrize("x", ["a b", "[x]", "ü::y"])
def test_param(x):
    assert x == "a b"

def test_crash():
    m.divide(1, 0)

def test_product_assertion():
    m.checked(0)

def test_name():
    m.missing()

def test_does_not_raise():
    with pytest.raises(ValueError):
        m.divide(1, 1)

class TestCase(unittest.TestCase):
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertEqual(i, 0)

    @unittest.skip("no")
    def test_skip(self):
        pass

@pytest.mark.xfail
def test_xfailed():
    assert 0

@pytest.mark.xfail(strict=True)
def test_xpassed():
    pass

@pytest.fixture
def broken():
    raise KeyError("x")

def test_setup(broken):
    pass

def test_teardown(request):
    request.addfinalizer(lambda: 1 / 0)

def test_prints(capsys):
    print('{"event": "end", "status": 0}')
    assert "end" in capsys.readouterr().out
"""


def run(
    files: dict[str, str],
    modules: tuple[str, ...] = ("tests/test_a.py",),
    *,
    seconds: float = 30,
    warm: tuple[str, ...] = (),
    **given: Any,
) -> SuiteObservation:
    tree = Tree.of(File(path=path, content=text.encode()) for path, text in files.items())
    setting = Setting(
        image=ImageId("local"), sources=(".", "src"), limits=replace(DEFAULT_LIMITS, wall_seconds=seconds), warm=warm
    )
    tests = frozenset(path for path in files if "test" in path)
    return run_suite(LocalSandboxes(), setting, SuiteRun(tree=tree, modules=modules, test_files=tests, **given))


@pytest.fixture(scope="module")
def seen() -> SuiteObservation:
    return run({**PRODUCT, "tests/__init__.py": "", "tests/test_a.py": SUITE})


@pytest.mark.parametrize(
    ("test", "outcome", "cause"),
    [
        ("test_param[a b]", Outcome.PASSED, None),
        ("test_param[[x]]", Outcome.FAILED, Cause.ASSERTION),
        ("test_param[\\xfc::y]", Outcome.FAILED, Cause.ASSERTION),
        ("test_crash", Outcome.FAILED, Cause.PRODUCT_ERROR),
        ("test_product_assertion", Outcome.FAILED, Cause.PRODUCT_ERROR),
        ("test_name", Outcome.FAILED, Cause.TEST_ERROR),
        ("test_does_not_raise", Outcome.FAILED, Cause.ASSERTION),
        ("TestCase::test_sub", Outcome.FAILED, Cause.ASSERTION),
        ("TestCase::test_skip", Outcome.SKIPPED, None),
        ("test_xfailed", Outcome.XFAILED, None),
        ("test_xpassed", Outcome.XPASSED, None),
        ("test_setup", Outcome.SETUP_ERROR, Cause.SETUP_ERROR),
        ("test_teardown", Outcome.SETUP_ERROR, Cause.SETUP_ERROR),
        ("test_prints", Outcome.PASSED, None),
    ],
)
def test_outcome_and_cause(seen: SuiteObservation, test: str, outcome: Outcome, cause: Cause | None) -> None:
    found = seen.by_id[TestId(f"tests/test_a.py::{test}")]
    assert (found.outcome, found.cause) == (outcome, cause)


def test_an_honest_run_contradicts_nothing(seen: SuiteObservation) -> None:
    assert (seen.ended, seen.status, seen.disagreements, seen.canary) == (Ended.EXITED, 1, (), Canary.AGREES)


def test_only_some_ids_under_another_order_and_hash_seed() -> None:
    wanted = (TestId("tests/test_a.py::test_param[[x]]"), TestId("tests/test_a.py::test_crash"))
    seen = run({**PRODUCT, "tests/test_a.py": SUITE}, only=wanted, repeat=1)
    assert {test.id for test in seen.tests} == set(wanted)
    assert seen.canary is Canary.AGREES


def test_a_repeat_has_another_hash_seed_and_order() -> None:
    text = "import sys\n" + "".join(f"def test_{n}():\n    assert 0, hash('x')\n" for n in range(8))
    first, second = (run({"tests/test_a.py": text}, repeat=repeat) for repeat in (1, 2))
    assert first.tests[0].message != second.tests[0].message
    assert [test.id for test in first.tests] != [test.id for test in second.tests]


@pytest.mark.parametrize(
    "files",
    [
        {"src/pkg/__init__.py": "", "tests/test_a.py": "import pkg\ndef test_x(): pass\n"},
        {"pkg/__init__.py": "", "tests/test_a.py": "import pkg\ndef test_x(): pass\n"},
        {"tests/__init__.py": "", "tests/h.py": "", "tests/test_a.py": "from . import h\ndef test_x(): pass\n"},
        {"tests/h.py": "", "tests/test_a.py": "import h\ndef test_x(): pass\n"},
        {
            "tests/conftest.py": "import pytest\n@pytest.fixture\ndef f(): return 1\n",
            "tests/test_a.py": "def test_x(f): assert f\n",
        },
        {"pytest.ini": "[pytest]\naddopts = --no-such-option\n", "tests/test_a.py": "def test_x(): pass\n"},
        {"tox.ini": "[pytest]\nrequired_plugins = nope\n", "tests/test_a.py": "def test_x(): pass\n"},
        {"setup.cfg": "[metadata]\nname = x\n", "tests/test_a.py": "def test_x(): pass\n"},
        {
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-n 4'\nfilterwarnings = ['error']\nasyncio = 1\n",
            "tests/test_a.py": "def test_x(): pass\n",
        },
        {
            "setup.cfg": "[tool:pytest]\naddopts = --import-mode importlib --cov\n",
            "tests/a/test_a.py": "",
            "tests/test_a.py": "def test_x(): pass\n",
        },
        {
            "pytest.ini": "[pytest]\npython_functions = check_*\n",
            "tests/test_a.py": "def check_x(): pass\n",
        },
    ],
)
def test_layouts_and_configurations_of_real_repositories(files: dict[str, str]) -> None:
    seen = run(files)
    assert [test.outcome for test in seen.tests] == [Outcome.PASSED], seen.collection_errors


def test_what_is_warm_is_imported_before_the_tree_is_there() -> None:
    text = "import sys\nIMPORTED = 'wave' in sys.modules\ndef test_x(): assert IMPORTED\n"
    tree = {"tests/test_a.py": text, "wave.py": "raise SystemExit\n"}
    assert run(tree).tests[0].outcome is Outcome.FAILED
    seen = run(tree, warm=("no.such_module", "wave"))
    assert (seen.tests[0].outcome, seen.canary, seen.disagreements) == (Outcome.PASSED, Canary.AGREES, ())


def test_a_tree_may_have_modules_that_are_called_like_the_runner_s() -> None:
    names = ("suite", "suite_tree", "suite_options", "suite_recorder")
    text = "".join(f"import {name}\n" for name in names)
    text += "def test_x(): assert all(m.MINE for m in (suite, suite_tree, suite_options, suite_recorder))\n"
    seen = run({"tests/test_a.py": text, **{f"{name}.py": "MINE = True\n" for name in names}})
    assert [test.outcome for test in seen.tests] == [Outcome.PASSED], seen.collection_errors


def test_a_module_that_cannot_be_imported_is_not_collected() -> None:
    seen = run({**PRODUCT, "tests/test_a.py": "from pkg.m import nope\ndef test_x(): pass\n"})
    assert seen.outcome(TestId("tests/test_a.py::test_x")) is Outcome.NOT_COLLECTED
    assert "cannot import name 'nope'" in seen.collection_errors[0].message


def test_a_conftest_that_cannot_be_imported_says_so() -> None:
    seen = run({"tests/conftest.py": "import nope\n", "tests/test_a.py": "def test_x(): pass\n"})
    assert seen.tests == ()
    assert "No module named 'nope'" in seen.collection_errors[0].message


def test_a_test_that_hangs_is_a_timeout() -> None:
    text = "def test_a(): pass\ndef test_b():\n    while True: pass\n"
    seen = run({"tests/test_a.py": text}, seconds=4)
    assert [test.outcome for test in seen.tests] == [Outcome.PASSED, Outcome.TIMEOUT]


def test_the_first_failure_can_end_the_run() -> None:
    text = "def test_a(): assert 0\ndef test_b(): pass\n"
    seen = run({"tests/test_a.py": text}, extent=Extent.FIRST_FAILURE)
    assert [test.outcome for test in seen.tests] == [Outcome.FAILED]
    assert seen.disagreements == ()


def test_reading_source_is_told_but_importing_and_failing_are_not() -> None:
    reads = "import inspect\nfrom pkg import m\ndef test_x(): assert 'divide' in inspect.getsource(m)\n"
    fails = "from pkg import m\ndef test_x(): m.divide(1, 0)\n"
    assert run({**PRODUCT, "tests/test_a.py": reads}).reads == (("tests/test_a.py", "pkg/m.py"),)
    assert run({**PRODUCT, "tests/test_a.py": fails}).reads == ()


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ("import os\nos._exit(0)\n", "ended with status 0 before its session did"),
        ("import os\ndef test_x(): os._exit(1)\n", "ended with status 1 before its session did"),
        (
            "import json, os\ndef test_x():\n"
            "    for fd in range(3, 20):\n"
            '        try: os.write(fd, b\'{"event": "test", "n": 0, "outcome": "passed"}\\n\')\n'
            "        except OSError: pass\n"
            "    assert 0\n",
            "second result",
        ),
        (
            "import pytest\ndef test_x(request, monkeypatch):\n"
            "    from _pytest.runner import CallInfo\n"
            "    import _pytest.python as p\n"
            "    p.Function.runtest = lambda self: None\n",
            "",
        ),
    ],
)
def test_lies_contradict_something(lie: str, words: str) -> None:
    names = "def test_x(): pass\n" if "test_x" not in lie else ""
    seen = run({"tests/test_a.py": lie + names})
    assert words in " ".join(seen.disagreements)
    assert seen.disagreements or seen.canary is Canary.DISAGREES


def test_a_runner_that_never_came_to_pytest_is_our_fault() -> None:
    outcome = SandboxOutcome(ended=Ended.EXITED, status=1, stdout=b"", stderr=b"No space", seconds=1, runtime="x")
    tree = Tree.of([File(path="tests/test_a.py", content=b"")])
    with pytest.raises(SandboxUnavailable, match="No space"):
        read(outcome, SuiteRun(tree=tree, modules=("tests/test_a.py",), test_files=frozenset()), None)


def test_memory_limit_is_not_a_failure() -> None:
    events = [{"event": "begin"}, {"event": "collected", "ids": ["a::b"]}, {"event": "start", "n": 0}]
    stdout = b"\n".join(json.dumps(event).encode() for event in events)
    outcome = SandboxOutcome(ended=Ended.MEMORY_LIMIT, status=None, stdout=stdout, stderr=b"", seconds=1, runtime="x")
    tree = Tree.of([File(path="a", content=b"")])
    seen = read(outcome, SuiteRun(tree=tree, modules=("a",), test_files=frozenset()), None)
    assert [test.outcome for test in seen.tests] == [Outcome.KILLED]


def test_a_message_that_utf_8_cannot_write_is_mended() -> None:
    seen = run({"tests/test_a.py": "def test_x():\n    raise ValueError('\\udce9 \\ud800')\n"})
    assert seen.tests[0].message.encode() == b"ValueError: ? ?"
