"""Runs a case's interviews and test suites in pods: a few pods at a time, each used for one container after another."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Lock, Semaphore
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter

from grader.domain.case import Case, ProbeObservation
from grader.domain.observation import Ended, SuiteObservation
from grader.domain.sandbox import ImageId, SandboxOrder
from grader.execution.probes import (
    Interview,
    app_order,
    ask_again,
    ask_all,
    environment,
    is_alive,
    is_late,
    load,
    model_order,
)
from grader.execution.suite import Extent, Setting, SuiteRun, run_suite
from grader.execution.turns import Turns
from grader.ports import Cache, Pod, Pods

AT_ONCE = 2
"""Pods at a time: the machine this is made for has two cores."""
MOST_ALONE = 3
"""Late results that are made again, each alone; more of them are no accident of a busy machine."""
MOST_LATE = 2
"""Late answers of one interview up to which it is made again."""
T = TypeVar("T")
U = TypeVar("U")
_PROBES = TypeAdapter(tuple[ProbeObservation, ...])
_SUITE = TypeAdapter(SuiteObservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuite:
    """One suite run beside the scripted model."""

    run: SuiteRun
    profile: str = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[T]):
    """Something to do in a pod. `key` names all that its result depends on; `order` the container that it uses."""

    key: str
    order: SandboxOrder
    make: Callable[[Pod], T]
    kind: "TypeAdapter[T]"
    came_to_its_end: Callable[[T], bool]
    is_late: Callable[[T], bool]
    again: Callable[[Pod, T], T]
    """Mends a late result with more patience, while nothing else runs."""


@dataclass(slots=True, kw_only=True)
class Lanes(AbstractContextManager["Lanes"]):
    """Pods of one case; any number of threads may ask. What was asked before is not run again.

    While one run goes on in a pod, the container of the next is started beside it and imports what all of them import.
    Results of equal runs are taken from the cache where there is one; `made` counts those that were not.
    """

    pods: Pods
    case: Case
    image: ImageId
    seed: int = 0
    disorder: int | None = None
    """A hash seed under which everything is made, in a random order; None for Python's 0 and the order of the files."""
    cache: Cache | None = None
    count: Callable[[int], None] = lambda _: None
    """Hears how many runs were made, from any thread but one at a time."""
    made: int = 0
    _free: "SimpleQueue[tuple[Pod, ExitStack]]" = field(default_factory=SimpleQueue)
    _lock: Any = field(default_factory=Lock)
    _turns: Turns = field(default_factory=Turns)
    _slots: Any = field(default_factory=lambda: Semaphore(AT_ONCE))
    _alone_lock: Any = field(default_factory=Lock)
    _repeats: int = 0
    _stopped: BaseException | None = None
    _known: dict[str, "Future[Any]"] = field(default_factory=dict)
    _ahead: Counter[SandboxOrder] = field(default_factory=Counter)
    _workers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "grader-lane"))
    _served: str = field(init=False)
    """What of the case a run can notice: what an author writes beside it spoils no remembered answer."""

    def __post_init__(self) -> None:
        """Digest what the scripted model and the application are given."""
        given = [self.case.model, self.case.module, self.case.warm, environment(self.case)]
        self._served = hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()

    def __exit__(self, *_: object) -> None:
        """Finish what has begun, begin nothing more, and let go of every pod."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        with suppress(Empty):
            while True:
                self._free.get_nowait()[1].close()

    def both(self, first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
        """Two walks at the same time: while one waits for its last run, the other keeps the pods busy."""
        found = self.together((first, second))
        return cast("T", found[0]), cast("U", found[1])

    def together(self, walks: Sequence[Callable[[], T]]) -> list[T]:
        """Any number of walks at the same time, in their order; when one fails, no further run is begun for any."""
        return self._turns.together(walks, self._stopped_by)

    def _stopped_by(self, error: BaseException) -> BaseException:
        """Begin nothing more; gives what stopped the lanes first, which the errors of other walks only follow from."""
        with self._lock:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._stopped = self._stopped or error
            return self._stopped

    def interviews(self, wanted: Mapping[str, Interview]) -> dict[str, tuple[ProbeObservation, ...]]:
        """All interviews, by name; raises SandboxUnavailable when the engine fails any of them."""
        return self._all({name: self._interview(interview) for name, interview in wanted.items()})

    def suites(self, wanted: Mapping[str, CaseSuite]) -> dict[str, SuiteObservation]:
        """All suite runs, by name, in an order that their names do not show."""
        return self._all({name: self._suite(suite) for name, suite in wanted.items()})

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        """All suite runs, beside the scripted model under the profile that learners see."""
        return self.suites({name: CaseSuite(run=run) for name, run in wanted.items()})

    def _interview(self, interview: Interview) -> Job[tuple[ProbeObservation, ...]]:
        if self.disorder is not None:
            interview = interview.disordered(self.disorder)
        asked = hashlib.sha256(repr(interview.probes).encode()).hexdigest()
        return Job(
            key=self._key("interview", interview.tree.digest, interview.profile, str(interview.hash_seed), asked),
            order=app_order(self.image, interview),
            make=lambda pod: ask_all(pod, self.image, interview),
            kind=_PROBES,
            came_to_its_end=lambda found: not any(observation.reply.error for observation in found),
            is_late=lambda found: 0 < sum(map(is_late, found)) <= MOST_LATE,
            again=lambda pod, found: ask_again(pod, self.image, interview, found),
        )

    def _suite(self, suite: CaseSuite) -> Job[SuiteObservation]:
        run = suite.run

        def make(pod: Pod, setting: Setting) -> SuiteObservation:
            load(pod.service, self.case, suite.profile)
            return run_suite(pod, setting, run)

        limits = self.setting.limits
        patient = replace(self.setting, limits=replace(limits, wall_seconds=2 * limits.wall_seconds))
        what = (run.tree.digest, suite.profile, *run.modules, "only", *(run.only or ()), str(run.repeat), run.extent)
        return Job(
            key=self._key("suite", *what),
            order=self.setting.order(run),
            make=lambda pod: make(pod, self.setting),
            kind=_SUITE,
            came_to_its_end=lambda found: found.ended is Ended.EXITED,
            is_late=lambda found: found.ended is Ended.WALL_LIMIT and run.extent is Extent.ALL,
            again=lambda pod, _: make(pod, patient),
        )

    @property
    def setting(self) -> Setting:
        """What is the same for all suite runs of the case."""
        beside = tuple(environment(self.case).items())
        return Setting(
            image=self.image, seed=self.seed, disorder=self.disorder, environment=beside, warm=self.case.warm
        )

    def _key(self, *what: str) -> str:
        order = () if self.disorder is None else ("disorder", str(self.disorder))
        return hashlib.sha256(
            "\x1f".join((self._served, self.image, str(self.seed), *order, *what)).encode()
        ).hexdigest()

    def _all(self, jobs: Mapping[str, Job[T]]) -> dict[str, T]:
        blinded = sorted(jobs, key=lambda name: hashlib.sha256(f"{self.seed} {name}".encode()).digest())
        coming = {name: self._result(jobs[name]) for name in blinded}
        with self._turns.resting():
            return {name: coming[name].result() for name in jobs}

    def _result(self, job: Job[T]) -> "Future[T]":
        """The job's result: known, on its way for somebody else, or now begun."""
        with self._lock:
            known: Future[T] | None = self._known.get(job.key)
            if known is None or (known.done() and known.exception() is not None):
                known = self._remembered(job) or self._begin(job)
                self._known[job.key] = known
            return known

    def _remembered(self, job: Job[T]) -> "Future[T] | None":
        content = self.cache.get(job.key) if self.cache is not None else None
        if content is None:
            return None
        future: Future[T] = Future()
        future.set_result(job.kind.validate_json(content))
        return future

    def _begin(self, job: Job[T]) -> "Future[T]":
        self._ahead[job.order] += 1
        return self._workers.submit(self._run, job)

    def _run(self, job: Job[T]) -> T:
        with self._lock:
            self._ahead[job.order] -= 1
            following = [order for order, count in self._ahead.most_common(1) if count > 0]
        with self._pod() as pod:
            with self._slots:
                pod.expect((job.order, *following))
                found = job.make(pod)
            if job.is_late(found) and self._may_repeat():
                with self._alone():
                    found = job.again(pod, found)
        with self._lock:
            self.made += 1
            self.count(self.made)
        if not job.came_to_its_end(found):
            self._forget(job)
        elif self.cache is not None:
            self.cache.put(job.key, job.kind.dump_json(found))
        return found

    def _may_repeat(self) -> bool:
        with self._lock:
            self._repeats += 1
            return self._repeats <= MOST_ALONE

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nothing else runs in any lane."""
        with self._alone_lock, ExitStack() as taken:
            for _ in range(AT_ONCE):
                taken.enter_context(self._slots)
            yield

    def _forget(self, job: Job[Any]) -> None:
        """A machine that was too busy just now must not be remembered as the answer."""
        with self._lock:
            self._known.pop(job.key, None)

    @contextmanager
    def _pod(self) -> Iterator[Pod]:
        pod, stack = self._idle() or self._another()
        try:
            yield pod
        except BaseException:
            stack.close()
            raise
        self._free.put((pod, stack))

    def _idle(self) -> tuple[Pod, ExitStack] | None:
        """A pod that is there and still answers; one may have been brought down, or have reached its time limit."""
        while True:
            try:
                pod, stack = self._free.get_nowait()
            except Empty:
                return None
            if is_alive(pod.service):
                return pod, stack
            stack.close()

    def _another(self) -> tuple[Pod, ExitStack]:
        stack = ExitStack()
        return stack.enter_context(self.pods.pod(model_order(self.image))), stack
