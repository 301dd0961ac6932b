"""One run of a test suite over one tree: the order to the sandbox, and its answer read as hostile input."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Protocol

from grader.domain.observation import Canary, Ended, Outcome, SuiteObservation, TestId, TestObservation
from grader.domain.sandbox import MIB, ImageId, Limits, Reuse, SandboxOrder, SandboxOutcome
from grader.domain.tree import FIXED_MTIME, File, Tree
from grader.errors import SandboxUnavailable
from grader.execution.claims import MESSAGE, Claims, events

PROGRAM = "suite"
FINISHED = frozenset({0, 1, 5})
"""pytest's statuses for a session that came to its end: all green, some red, nothing collected."""
DEFAULT_LIMITS = Limits(
    wall_seconds=60,
    memory=512 * MIB,
    processes=128,
    work=96 * MIB,
    tmp=64 * MIB,
    output_kept=8 * MIB,
    output_killed=16 * MIB,
)


class Extent(StrEnum):
    """How far a run goes."""

    ALL = "all"
    FIRST_FAILURE = "first_failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is the same for all runs of one check."""

    image: ImageId
    sources: tuple[str, ...] = (".",)
    """Folders that go on the import path."""
    pytest_args: tuple[str, ...] = ()
    seed: int = 0
    limits: Limits = field(default=DEFAULT_LIMITS)
    environment: tuple[tuple[str, str], ...] = ()
    """What tests find in their environment besides the usual: where a case's scripted model is."""
    disorder: int | None = None
    """The hash seed of first runs, which then go in a random order; None for Python's 0 and the order of the files."""
    warm: tuple[str, ...] = ()
    """Modules that are imported before the tree is there, because tests will import them anyway."""

    def shuffle(self, run: "SuiteRun") -> int | None:
        """The number that a run's order of tests and its hash seed come from; None for the order of the files."""
        return self.seed + run.repeat + (self.disorder or 0) if run.repeat else self.disorder

    def order(self, run: "SuiteRun", payload: bytes = b"") -> SandboxOrder:
        """The order for a run; without a payload that of the container which can be started ahead for it."""
        return SandboxOrder(
            image=self.image,
            program=PROGRAM,
            payload=payload,
            limits=self.limits,
            reuse=run.reuse,
            warm=self.warm,
            hash_seed=(self.shuffle(run) or 0) % 2**32,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """One run to make: modules of a tree, optionally only some ids. `repeat` > 0 changes order and hash seed."""

    tree: Tree
    modules: tuple[str, ...]
    test_files: frozenset[str]
    only: tuple[TestId, ...] | None = None
    repeat: int = 0
    extent: Extent = Extent.ALL
    reuse: Reuse = Reuse.NEVER


@dataclass(frozen=True, slots=True)
class CanaryTests:
    """The grader's own two tests, under names that nobody can foresee."""

    module: str
    passes: TestId
    fails: TestId

    @staticmethod
    def for_run(run: SuiteRun, seed: int) -> "CanaryTests":
        """Beside the first module, so that what is done to its neighbours is done to it."""
        names = hashlib.sha256(f"canary {seed} {run.tree.digest} {run.repeat}".encode()).hexdigest()
        folder = PurePosixPath(run.modules[0]).parent
        module = str(folder / f"test_{names[:10]}.py")
        return CanaryTests(module, TestId(f"{module}::test_{names[10:20]}"), TestId(f"{module}::test_{names[20:30]}"))

    def file(self) -> File:
        """Their module; which of the two comes first depends on their names."""
        bodies = {self.passes: "    value = 1\n    assert value\n", self.fails: "    value = 0\n    assert value\n"}
        text = "\n\n".join(f"def {name.rpartition('::')[2]}():\n{body}" for name, body in sorted(bodies.items()))
        return File(path=self.module, content=text.encode())


class RunsOrders(Protocol):
    """Whatever runs an order to its end: all sandboxes, or one pod."""

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """As `Sandboxes.run`."""
        ...


def run_suite(sandboxes: RunsOrders, setting: Setting, run: SuiteRun) -> SuiteObservation:
    """Run once in a fresh sandbox and read what it said; raises SandboxUnavailable when the fault is ours."""
    canary = CanaryTests.for_run(run, setting.seed) if run.extent is Extent.ALL else None
    tree = run.tree.with_files([canary.file()]) if canary else run.tree
    payload = _header(setting, run, canary, tree) + b"\n" + tree.to_tar()
    return read(sandboxes.run(setting.order(run, payload)), run, canary)


def _header(setting: Setting, run: SuiteRun, canary: CanaryTests | None, tree: Tree) -> bytes:
    modules, only = list(run.modules), list(run.only) if run.only is not None else None
    if canary:
        modules.append(canary.module)
        if only is not None:
            only += [canary.passes, canary.fails]
    header: dict[str, Any] = {
        "modules": modules,
        "only": only,
        "test_files": sorted(run.test_files),
        "src": [source for source in setting.sources if source in tree.folders],
        "args": list(setting.pytest_args),
        "seed": setting.seed,
        "order": setting.shuffle(run),
        "stop_at_failure": run.extent is Extent.FIRST_FAILURE,
        "env": dict(setting.environment),
        "mtime": FIXED_MTIME,
        "max_files": len(tree.files),
        "max_bytes": sum(len(file.content) for file in tree.files),
    }
    return json.dumps(header).encode()


def read(outcome: SandboxOutcome, run: SuiteRun, canary: CanaryTests | None) -> SuiteObservation:
    """What one run says of itself, with every contradiction noted. Any bytes give an answer.

    Raises SandboxUnavailable when the runner did not come as far as pytest, where no learner code has run yet.
    """
    claims = Claims()
    for event in events(outcome.stdout):
        claims.take(event)
    if not claims.begun:
        raise SandboxUnavailable(f"the test runner did not start: {_last_line(outcome.stderr)}")
    if outcome.ended is Ended.EXITED and outcome.status not in FINISHED:
        claims.explain(_last_line(outcome.stderr))
    tests = tuple(claims.observations(outcome.ended))
    if run.extent is Extent.FIRST_FAILURE:
        tests = tuple(test for test in tests if test.id in claims.started)
    theirs, seen = _without(tests, canary)
    return SuiteObservation(
        tree_digest=run.tree.digest,
        ended=outcome.ended,
        status=outcome.status,
        tests=theirs,
        collection_errors=tuple(claims.errors),
        seconds=outcome.seconds,
        skipped_modules=tuple(claims.skipped_modules),
        changed_files=tuple(claims.changed),
        reads=tuple(claims.reads),
        disagreements=(*claims.problems, *_disagreements(claims, outcome, tests)),
        canary=seen,
        runtime=outcome.runtime,
        only=frozenset(run.only) if run.only is not None else None,
    )


def _disagreements(claims: Claims, outcome: SandboxOutcome, tests: tuple[TestObservation, ...]) -> Iterator[str]:
    if outcome.ended is not Ended.EXITED:
        return
    if claims.ended is None:
        if outcome.status in FINISHED:
            yield f"the process ended with status {outcome.status} before its session did"
        return
    if claims.ended != outcome.status:
        yield f"the session ended with status {claims.ended}, the process with {outcome.status}"
    elif claims.ended in (0, 1) and not claims.errors:
        red = any(test.outcome in _RED for test in tests)
        if red and claims.ended == 0:
            yield "the session ended with status 0, but tests failed"


_RED = frozenset({Outcome.FAILED, Outcome.SETUP_ERROR, Outcome.KILLED, Outcome.TIMEOUT})


def _without(
    tests: tuple[TestObservation, ...], canary: CanaryTests | None
) -> tuple[tuple[TestObservation, ...], Canary]:
    """The tests that are not the grader's, and what became of the grader's."""
    if canary is None:
        return tests, Canary.ABSENT
    outcomes = {test.id: test.outcome for test in tests if test.id in (canary.passes, canary.fails)}
    theirs = tuple(test for test in tests if test.id not in outcomes)
    if not outcomes:
        return theirs, Canary.ABSENT
    forged = outcomes.get(canary.fails) in _NOT_RED or outcomes.get(canary.passes) in _NOT_GREEN
    return theirs, Canary.DISAGREES if forged else Canary.AGREES


_NOT_RED = frozenset({Outcome.PASSED, Outcome.XFAILED, Outcome.XPASSED})
_NOT_GREEN = frozenset({Outcome.FAILED, Outcome.XFAILED, Outcome.XPASSED})
"""What the two cannot have done unless somebody meddled; a set-up error or a skip is a neighbour's fixture."""


def _last_line(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr[-20_000:].decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E ", "ERROR", "INTERNALERROR"))]
    return (errors or lines or ["it said nothing"])[-1][:MESSAGE]
