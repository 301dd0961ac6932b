"""Containers started ahead for runs that were announced: Python up, the program imported, waiting for its input.

Each is used for one run and then gone, like any other. Nothing is started that was not announced; what is not fetched
in time ends itself, and when this process dies its end of the input closes, which ends them too.
"""

import os
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from grader.adapters.docker_sandbox.container import WARM_SECONDS, Specification
from grader.adapters.docker_sandbox.run import Held
from grader.errors import SandboxUnavailable

AT_ONCE: Final = max(2, os.cpu_count() or 2)
"""Containers of one kind that wait at a time: as many as can run at a time."""
MOST: Final = 2 * AT_ONCE
"""Containers of all kinds that wait at a time: those of this round of runs and of the next."""

Kind = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A container that waits for its input or is being started, and since when (monotonic seconds)."""

    held: Future[Held]
    since: float


class WarmPool:
    """Thread-safe; `start` makes one container and may raise SandboxUnavailable, which then only costs its warmth."""

    def __init__(self, start: Callable[[Specification], Held]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._expected: Counter[Kind] = Counter()
        self._kinds: dict[Kind, Specification] = {}
        self._coming: defaultdict[Kind, deque[Coming]] = defaultdict(deque)
        self._starters = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="grader-warm")

    def expect(self, wanted: Specification, count: int) -> None:
        """Announce `count` runs of this kind."""
        with self._lock:
            self._kinds[wanted.kind] = wanted
            self._expected[wanted.kind] += count
            self._refill()

    def keep(self, wanted: Specification, count: int) -> None:
        """See to it that `count` of this kind wait or are on their way, and are announced no further."""
        with self._lock:
            coming = self._coming[wanted.kind]
            fresh = [one for one in coming if time.monotonic() - one.since < WARM_SECONDS / 2]
            self._kinds[wanted.kind] = wanted
            self._expected[wanted.kind] = max(0, count - len(fresh))
            self._refill()

    def take(self, wanted: Specification) -> Held | None:
        """One that waits, now the caller's to close; None when none was announced or it could not be started."""
        with self._lock:
            coming = self._coming[wanted.kind]
            found = coming.popleft() if coming else None
            if found is None and self._expected[wanted.kind]:
                self._expected[wanted.kind] -= 1  # its turn came before that of being started ahead
            self._refill()
        while found is not None:
            with suppress(SandboxUnavailable):
                held = found.held.result()
                if time.monotonic() - found.since < WARM_SECONDS:
                    return held
                held.close()
            with self._lock:
                found = coming.popleft() if coming else None
        return None

    def close(self) -> None:
        """Remove all that wait or are on the way, and start no more."""
        with self._lock:
            self._expected.clear()
            left = [coming.held for kind in self._coming.values() for coming in kind]
            self._coming.clear()
        self._starters.shutdown(wait=True, cancel_futures=True)
        for held in left:
            with suppress(SandboxUnavailable, CancelledError):
                held.result().close()

    def _refill(self) -> None:
        """Start what is announced, in the order in which it was, as far as the two bounds let it."""
        for kind, wanted in self._kinds.items():
            while self._expected[kind] > 0 and len(self._coming[kind]) < AT_ONCE and self._waiting() < MOST:
                self._expected[kind] -= 1
                started = self._starters.submit(self._start, wanted)
                self._coming[kind].append(Coming(held=started, since=time.monotonic()))

    def _waiting(self) -> int:
        """How many wait or are on their way; what waited too long has ended by itself."""
        oldest = time.monotonic() - WARM_SECONDS
        return sum(one.since > oldest for coming in self._coming.values() for one in coming)
