"""Pods and sandboxes in which nothing runs: every test passes, every question gets the same answer; and a cache."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.domain.observation import Ended
from grader.domain.sandbox import EnvironmentRecipe, Finding, ImageId, SandboxOrder, SandboxOutcome
from grader.errors import SandboxUnavailable

NOTHING = "I do not have that information."


class Memory:
    """A cache in memory."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.known.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.known[key] = value


class Talk:
    """The scripted model, or an application that says the same to everything."""

    def __init__(self, says: str = NOTHING) -> None:
        self.says = says

    def ask(self, line: bytes, *, seconds: float) -> bytes | Ended:
        match json.loads(line)["do"]:
            case "journal":
                return b'{"calls": []}'
            case "ask":
                return json.dumps({"reply": {"answer": self.says, "citations": [], "escalate": False}}).encode()
            case _:
                return b'{"ok": true}'


class Engine:
    """Pods and sandboxes in which nothing really runs; after `breaks_after` runs the engine is gone."""

    def __init__(self, breaks_after: int | None = None, says: str = NOTHING) -> None:
        self.runs: list[str] = []
        self.breaks_after = breaks_after
        self.lock = threading.Lock()
        self.says = says
        self.service = Talk()

    def environment(self, recipe: EnvironmentRecipe) -> ImageId:
        return ImageId("sha256:0")

    def doctor(self) -> tuple[Finding, ...]:
        return ()

    def expect(self, orders: Any, count: int = 1) -> None:
        """See the ports; nothing is ever cold here."""

    @contextmanager
    def pod(self, service: SandboxOrder) -> Iterator["Engine"]:
        yield self

    @contextmanager
    def dialogue(self, order: SandboxOrder) -> Iterator[Talk]:
        self._count("interview")
        yield Talk(self.says)

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        self._count(hashlib.sha256(order.payload).hexdigest())
        header = json.loads(order.payload.partition(b"\n")[0])
        ids = [f"{module}::test_it" for module in header["modules"]]
        events: list[dict[str, Any]] = [{"event": "begin"}, {"event": "collected", "ids": ids}]
        for n in range(len(ids)):
            events += [{"event": "start", "n": n}, {"event": "test", "n": n, "outcome": "passed"}]
        events.append({"event": "end", "status": 0, "changed": []})
        said = b"\n".join(json.dumps(event).encode() for event in events)
        return SandboxOutcome(ended=Ended.EXITED, status=0, stdout=said, stderr=b"", seconds=1, runtime="fake")

    def _count(self, what: str) -> None:
        with self.lock:
            if self.breaks_after is not None and len(self.runs) >= self.breaks_after:
                raise SandboxUnavailable("the engine is gone")
            self.runs.append(what)
