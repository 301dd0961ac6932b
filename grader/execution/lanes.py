"""Runs a case's interviews and test suites in pods: a few pods at a time, each used for one container after another."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, TypeVar

from pydantic import TypeAdapter

from grader.domain.case import Case, ProbeObservation
from grader.domain.observation import Ended, SuiteObservation
from grader.domain.sandbox import ImageId
from grader.execution.probes import Interview, ask_all, environment, is_alive, load, model_order
from grader.execution.suite import Setting, SuiteRun, run_suite
from grader.ports import Cache, Pod, Pods

AT_ONCE = 2
"""Pods at a time: the machine this is made for has two cores."""
T = TypeVar("T")
_PROBES = TypeAdapter(tuple[ProbeObservation, ...])
_SUITE = TypeAdapter(SuiteObservation)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuite:
    """One suite run beside the scripted model."""

    run: SuiteRun
    profile: str = "A"


@dataclass(slots=True, kw_only=True)
class Lanes(AbstractContextManager["Lanes"]):
    """Pods of one case. Answers of an earlier, equal run are taken from the cache where the caller allows it."""

    pods: Pods
    case: Case
    image: ImageId
    seed: int = 0
    cache: Cache | None = None
    tell: Callable[[str], None] = lambda _: None
    made: int = 0
    _free: "SimpleQueue[tuple[Pod, ExitStack]]" = field(default_factory=SimpleQueue)
    _lock: Any = field(default_factory=Lock)

    def __exit__(self, *_: object) -> None:
        """Let go of every pod."""
        while True:
            try:
                self._free.get_nowait()[1].close()
            except Empty:
                return

    def interviews(self, wanted: Mapping[str, Interview]) -> dict[str, tuple[ProbeObservation, ...]]:
        """All interviews, by name; raises SandboxUnavailable when the engine fails any of them."""
        return self._all(wanted, self._interview)

    def suites(self, wanted: Mapping[str, CaseSuite]) -> dict[str, SuiteObservation]:
        """All suite runs, by name, in an order that their names do not show."""
        return self._all(wanted, self._suite)

    def run_all(self, wanted: Mapping[str, SuiteRun]) -> dict[str, SuiteObservation]:
        """All suite runs, beside the scripted model under the profile that learners see."""
        return self.suites({name: CaseSuite(run=run) for name, run in wanted.items()})

    def _all(self, wanted: Mapping[str, Any], job: Callable[[Any], T]) -> dict[str, T]:
        blinded = sorted(wanted, key=lambda name: hashlib.sha256(f"{self.seed} {name}".encode()).digest())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            started = {name: pool.submit(job, wanted[name]) for name in blinded}
            try:
                return {name: started[name].result() for name in wanted}
            finally:
                pool.shutdown(cancel_futures=True)

    def _interview(self, interview: Interview) -> tuple[ProbeObservation, ...]:
        key = (
            interview.tree.digest,
            interview.profile,
            interview.hash_seed,
            hashlib.sha256(repr(interview.probes).encode()).hexdigest(),
        )
        found = self._recall(("interview", *key), _PROBES)
        if found is None:
            found = self._make(lambda pod: ask_all(pod, self.image, interview))
            if not any(observation.reply.error for observation in found):
                self._keep(("interview", *key), _PROBES, found)
        return found

    def _suite(self, suite: CaseSuite) -> SuiteObservation:
        run = suite.run
        key = (run.tree.digest, suite.profile, *run.modules, "only", *(run.only or ()), str(run.repeat), run.extent)

        def make(pod: Pod) -> SuiteObservation:
            load(pod.service, self.case, suite.profile)
            return run_suite(pod, self.setting, run)

        found = self._recall(("suite", *key), _SUITE)
        if found is None:
            found = self._make(make)
            if found.ended is Ended.EXITED:
                self._keep(("suite", *key), _SUITE, found)
        return found

    @property
    def setting(self) -> Setting:
        """What is the same for all suite runs of the case."""
        return Setting(image=self.image, seed=self.seed, environment=tuple(environment(self.case).items()))

    def _make(self, make: Callable[[Pod], T]) -> T:
        with self._pod() as pod:
            found = make(pod)
        with self._lock:
            self.made += 1
            self.tell(f"{self.made} runs made")
        return found

    def _recall(self, key: Sequence[str], kind: "TypeAdapter[T]") -> T | None:
        known = self.cache.get(self._name(key)) if self.cache is not None else None
        return kind.validate_json(known) if known is not None else None

    def _keep(self, key: Sequence[str], kind: "TypeAdapter[T]", found: T) -> None:
        """Only what came to its end: a machine that was too busy today must not be remembered as the answer."""
        if self.cache is not None:
            self.cache.put(self._name(key), kind.dump_json(found))

    def _name(self, key: Sequence[str]) -> str:
        return hashlib.sha256("\x1f".join((self.case.digest, self.image, str(self.seed), *key)).encode()).hexdigest()

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


def without_cache(lanes: Lanes) -> Lanes:
    """The same pods, but nothing is taken from the cache: for what must be seen twice."""
    return replace(lanes, cache=None)
