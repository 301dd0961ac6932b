"""Several walks at the same time, of which one thinks while the others wait for their runs."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Lock, local
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Whose turn it is to think.

    One at a time, for CPython's parser fails when two threads are in it ("AST constructor recursion depth mismatch").
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._mine = local()

    def together(self, walks: Sequence[Callable[[], T]], stop: Callable[[BaseException], BaseException]) -> list[T]:
        """What the walks give, in their order; when one fails, raises what `stop` makes of its error."""
        with self.resting(), ThreadPoolExecutor(max(1, len(walks)), "grader-walk") as walkers:
            started = [walkers.submit(self._in_turn, walk) for walk in walks]
            try:
                done, _ = wait(started, return_when=FIRST_EXCEPTION)
                for failed in (walk.exception() for walk in done):
                    if failed is not None:
                        raise failed
                return [walk.result() for walk in started]
            except BaseException as error:  # noqa: BLE001 - it is raised, or what it follows from
                raise stop(error) from None

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While this walk waits, another one may think."""
        held = getattr(self._mine, "turn", False)
        if held:
            self._mine.turn = False
            self._turn.release()
        try:
            yield
        finally:
            if held:
                self._turn.acquire()
                self._mine.turn = True

    def _in_turn(self, walk: Callable[[], T]) -> T:
        with self._turn:
            self._mine.turn = True
            try:
                return walk()
            finally:
                self._mine.turn = False
