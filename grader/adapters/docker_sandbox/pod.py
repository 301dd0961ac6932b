"""A service and whoever joins it, in containers that share one network namespace with nothing but loopback in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.adapters.docker_sandbox.container import Specification
from grader.adapters.docker_sandbox.dialogue import ContainerDialogue
from grader.adapters.docker_sandbox.engine import Engine
from grader.adapters.docker_sandbox.run import run_once, started
from grader.domain.sandbox import SandboxOrder, SandboxOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPod:
    """See `grader.ports.Pod`; `specify` turns an order and a network into a container's specification."""

    engine: Engine
    service: ContainerDialogue
    network: str
    specify: Callable[[SandboxOrder, str], Specification]

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        """See the port."""
        return run_once(self.engine, self.specify(order, self.network), order.payload)

    @contextmanager
    def dialogue(self, order: SandboxOrder) -> Iterator[ContainerDialogue]:
        """See the port."""
        wanted = self.specify(order, self.network)
        with started(self.engine, wanted) as running:
            yield ContainerDialogue(self.engine, wanted, running, order.payload)
