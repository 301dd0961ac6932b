"""A service and whoever joins it, in containers that share one network namespace with nothing but loopback in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from grader.adapters.docker_sandbox.container import Specification
from grader.adapters.docker_sandbox.dialogue import ContainerDialogue
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.pool import WarmPool
from grader.adapters.docker_sandbox.run import Held, finish, hold
from grader.domain.sandbox import SandboxOrder, SandboxOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPod:
    """See `grader.ports.Pod`; `specify` turns an order and a network into a container's specification."""

    engine: Engine
    service: ContainerDialogue
    network: str
    specify: Callable[[SandboxOrder, str], Specification]
    pool: WarmPool

    def expect(self, orders: Iterable[SandboxOrder]) -> None:
        """See the port."""
        specified = [self.specify(order, self.network) for order in orders]
        counts = Counter(wanted.kind for wanted in specified)
        for wanted in {wanted.kind: wanted for wanted in specified}.values():
            self.pool.keep(wanted, counts[wanted.kind])

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """See the port."""
        wanted = self.specify(order, self.network)
        with closing(self._held(wanted)) as held:
            return finish(self.engine, wanted, held.running, order.payload)

    @contextmanager
    def dialogue(self, order: SandboxOrder) -> Iterator[ContainerDialogue]:
        """See the port."""
        wanted = self.specify(order, self.network)
        with closing(self._held(wanted)) as held:
            yield ContainerDialogue(self.engine, wanted, held.running, order.payload)

    def _held(self, wanted: Specification) -> Held:
        return self.pool.take(wanted) or hold(self.engine, wanted)
