"""Removes what a grader that was killed left behind; of this installation only."""

from typing import Final

from docker import errors

from grader.adapters.docker_sandbox.engine import Engine, blaming_the_engine, knock
from grader.adapters.docker_sandbox.owner import INSTALLATION, Owner, is_abandoned

GONE: Final = 404
ALREADY_GOING: Final = 409


def reap(engine: Engine, owner: Owner) -> int:
    """Remove this installation's abandoned containers and give their number; raises SandboxUnavailable."""
    with blaming_the_engine("list containers"):
        mine = engine.api.containers(all=True, filters={"label": f"{INSTALLATION}={owner.installation}"})
    abandoned = [str(container["Id"]) for container in mine if is_abandoned(container.get("Labels") or {})]
    for container in abandoned:
        remove(engine, container)
    return len(abandoned)


def remove(engine: Engine, container: str) -> None:
    """Kill and remove; one that is gone or going is fine. Raises SandboxUnavailable when the engine cannot."""
    with blaming_the_engine("remove a container"):
        knock(engine.where)
        try:
            engine.api.remove_container(container, force=True, v=True)
        except errors.APIError as error:
            if error.status_code not in {GONE, ALREADY_GOING}:
                raise
