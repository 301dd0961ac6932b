"""Removes what a grader leaves behind, killed or not; of this installation only."""

import time
from contextlib import suppress
from typing import Final

from docker import errors

from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine
from grader.adapters.docker_sandbox.owner import INSTALLATION, RUN, Owner, is_abandoned
from grader.errors import SandboxUnavailable

GONE: Final = 404
ALREADY_GOING: Final = 409
SETTLE_SECONDS: Final = 20.0
"""So long a grader that ends sees to it that its containers are gone."""


def reap(engine: Engine, owner: Owner) -> int:
    """Remove this installation's abandoned containers and give their number; raises SandboxUnavailable."""
    abandoned = [identity for identity, labels in _all(engine, owner) if is_abandoned(labels)]
    for container in abandoned:
        remove(engine, container)
    return len(abandoned)


def settle(engine: Engine, owner: Owner) -> None:
    """See to it that the containers of the owner's run and the abandoned ones are gone, at the end of all work.

    An engine can fail at a removal that it had begun by itself (an exited container's, or at its own start what it
    finds), after it has told us that the container is going: what is still listed then is asked for again. Gives up
    after SETTLE_SECONDS, or when the engine is gone itself; the next grader's `reap` finds the rest.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    with suppress(SandboxUnavailable):
        while left := [
            one for one, labels in _all(engine, owner) if labels.get(RUN) == owner.run or is_abandoned(labels)
        ]:
            for container in left:
                with suppress(SandboxUnavailable):
                    remove(engine, container)
            if time.monotonic() > deadline:
                return
            time.sleep(0.05)


def _all(engine: Engine, owner: Owner) -> list[tuple[str, dict[str, str]]]:
    with blaming_the_engine("list containers"):
        mine = engine.api.containers(all=True, filters={"label": f"{INSTALLATION}={owner.installation}"})
    return [(str(container["Id"]), container.get("Labels") or {}) for container in mine]


def remove(engine: Engine, container: str) -> None:
    """Kill and remove; one that is gone or going is fine. Raises SandboxUnavailable when the engine cannot."""
    with blaming_the_engine("remove a container"):
        try:
            engine.api.remove_container(container, force=True, v=True)
        except errors.APIError as error:
            if error.status_code not in {GONE, ALREADY_GOING}:
                raise
