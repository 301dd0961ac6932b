"""The walk of `grader check` over local subprocesses: the matrix as a whole, and an engine that dies under it."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from grader.check import CheckOrder, Tools, check
from grader.domain.comparison import CheckReport, CheckVerdict
from grader.domain.observation import Ended, Outcome
from grader.domain.sandbox import SandboxOrder, SandboxOutcome
from grader.domain.tree import File, Tree
from grader.domain.verdict import MutantStatus
from grader.errors import InputInvalid
from grader.ports import CommitId, Repository
from tests.fakes.sandboxes import LocalSandboxes

BASE = {"app/__init__.py": "", "app/a.py": "def half(x):\n    return x // 2\n\n\ndef name():\n    return 'a'\n"}
FIX = {**BASE, "app/a.py": BASE["app/a.py"].replace("x // 2", "x / 2")}
HONEST = (
    "from app.a import half, name\n\ndef test_half():\n    assert half(3) == 1.5\n\n"
    "def test_name():\n    assert name()\n"
)


class TwoTrees:
    """A repository of two commits, `base` and `fix`."""

    def __init__(self, base: Mapping[str, str], fix: Mapping[str, str]) -> None:
        self.trees = {
            revision: Tree.of(File(path=path, content=text.encode()) for path, text in files.items())
            for revision, files in (("base", base), ("fix", fix))
        }

    def open(self, source: str) -> AbstractContextManager[Repository]:
        return nullcontext(self)

    def commit(self, revision: str) -> CommitId:
        return CommitId(revision)

    def tree(self, commit: CommitId) -> Tree:
        return self.trees[commit]


def judged(
    base: Mapping[str, str], fix: Mapping[str, str], *, dies_after: int | None = None, **given: int
) -> CheckReport:
    order = replace(CheckOrder(repository="r", base="base", fix="fix", mutants=0), **given)
    return check(order, Tools(repos=TwoTrees(base, fix), sandboxes=LocalSandboxes(dies_after=dies_after)))


def test_an_honest_change_and_how_much_its_test_guards() -> None:
    report = judged(BASE, {**FIX, "tests/test_a.py": HONEST}, mutants=2)
    assert report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert report.fail_to_pass == ("tests/test_a.py::test_half",)
    assert report.flags == ()
    assert {mutant.kind for mutant in report.mutants} >= {"hunk_revert"}
    assert all(mutant.status is MutantStatus.KILLED for mutant in report.mutants)


def test_every_container_is_announced_once_and_ahead() -> None:
    class Watched(LocalSandboxes):
        """Notes how many runs were announced when each was made."""

        def __init__(self) -> None:
            super().__init__()
            self.announced: Counter[SandboxOrder] = Counter()
            self.ahead: tuple[int, ...] = ()

        def expect(self, order: SandboxOrder, count: int) -> None:
            self.announced[order] += count

        def run(self, order: SandboxOrder) -> SandboxOutcome:
            self.ahead += (self.announced.total(),)
            return super().run(order)

    watched = Watched()
    trees = TwoTrees(BASE, {**FIX, "tests/test_a.py": HONEST})
    check(CheckOrder(repository="r", base="base", fix="fix", mutants=0), Tools(repos=trees, sandboxes=watched))
    made = Counter(replace(order, payload=b"") for order in watched.orders)
    assert watched.announced == made
    assert watched.ahead == (made.total(),) * made.total()


def test_an_engine_that_dies_in_the_middle_is_our_fault_and_no_verdict() -> None:
    report = judged(BASE, {**FIX, "tests/test_a.py": HONEST}, dies_after=2)
    assert (report.verdict, report.reason) == (CheckVerdict.INFRA, "the engine is gone")
    assert report.fail_to_pass == ()


def test_a_test_that_compares_byte_code_is_rejected() -> None:
    names: dict[str, Any] = {}
    exec(BASE["app/a.py"], names)  # our own text
    code = names["half"].__code__.co_code
    test = f"from app.a import half\n\ndef test_x():\n    assert half.__code__.co_code != {code!r}\n"
    report = judged(BASE, {**FIX, "tests/test_a.py": test}, repeats=1)
    assert report.verdict is CheckVerdict.REJECTED
    assert "tells_trees_apart" in {flag.id for flag in report.flags}


def test_a_new_name_with_old_behaviour_is_structural() -> None:
    test = "from app.a import half, HalfError\n\ndef test_half():\n    assert half(3) == 1.5 and HalfError\n"
    fix = {**FIX, "app/a.py": FIX["app/a.py"] + "\n\nclass HalfError(Exception):\n    pass\n"}
    report = judged(BASE, {**fix, "tests/test_a.py": test}, repeats=1)
    assert report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER
    assert [flag.id for flag in report.flags] == ["structural"]
    assert report.tests[0].before is Outcome.NOT_COLLECTED


def test_what_depends_on_hashing_is_unstable() -> None:
    test = (
        "from app.a import half\n\ndef test_half():\n"
        "    words = {f'{n}' for n in range(50)}\n    assert half(3) == 1.5 and next(iter(words)) == WORD\n"
    )
    program = "print(next(iter({f'{n}' for n in range(50)})))"
    word = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True
    ).stdout.strip()
    report = judged(BASE, {**FIX, "tests/test_a.py": test.replace("WORD", repr(word))})
    assert report.verdict is CheckVerdict.UNSTABLE


def test_a_fix_that_breaks_another_module_fails_after() -> None:
    old = {"tests/test_old.py": "from app.a import half\n\ndef test_old():\n    assert isinstance(half(4), int)\n"}
    report = judged({**BASE, **old}, {**FIX, **old, "tests/test_a.py": HONEST})
    assert (report.verdict, report.pass_to_fail) == (CheckVerdict.FAILS_AFTER, ("tests/test_old.py::test_old",))


def test_base_and_fix_must_differ() -> None:
    with pytest.raises(InputInvalid, match="nothing differs"):
        judged(BASE, BASE)


def test_a_run_that_came_late_is_made_again_alone() -> None:
    class Busy(LocalSandboxes):
        """The second run does not end in time."""

        def run(self, order: SandboxOrder) -> SandboxOutcome:
            outcome = super().run(order)
            if order is not self.orders[min(1, len(self.orders) - 1)] or self.orders[0] is order:
                return outcome
            begun = outcome.stdout.partition(b"\n")[0]
            return replace(outcome, ended=Ended.WALL_LIMIT, status=None, stdout=begun)

    order = CheckOrder(repository="r", base="base", fix="fix", mutants=0, repeats=1)
    trees = TwoTrees(BASE, {**FIX, "tests/test_a.py": HONEST})
    report = check(order, Tools(repos=trees, sandboxes=Busy()))
    assert report.verdict is CheckVerdict.FAIL_BEFORE_PASS_AFTER


LONG = "".join(f"# {n} a line of a long test module, whose asserts take long to explain\n" for n in range(400))


def test_the_asserts_of_a_long_module_are_not_rewritten_for_each_mutant() -> None:
    watched = LocalSandboxes()
    trees = TwoTrees(BASE, {**FIX, "tests/test_a.py": HONEST + LONG})
    order = CheckOrder(repository="r", base="base", fix="fix", mutants=2, repeats=1)
    report = check(order, Tools(repos=trees, sandboxes=watched))
    assert [mutant.status for mutant in report.mutants] == [MutantStatus.KILLED] * 2
    headers = [json.loads(made.payload.partition(b"\n")[0]) for made in watched.orders]
    plain = [header for header in headers if "--assert=plain" in header["args"]]
    assert [header["stop_at_failure"] for header in plain] == [False, True, True]


def test_a_test_that_reads_the_text_of_a_failed_assert_is_not_taken_for_a_killer() -> None:
    test = (
        "import pytest\nfrom app.a import half\n\ndef test_half():\n    assert half(3) == 1.5\n"
        "    with pytest.raises(AssertionError, match='assert 1.5 == 2'):\n        assert half(3) == 2\n"
    )
    fix = {**FIX, "app/a.py": FIX["app/a.py"].replace("return 'a'", "return 'b'")}
    report = judged(BASE, {**fix, "tests/test_a.py": test + LONG}, mutants=8, repeats=1)
    elsewhere = {mutant.status for mutant in report.mutants if "x /" not in mutant.diff}
    assert elsewhere == {MutantStatus.SURVIVED}
