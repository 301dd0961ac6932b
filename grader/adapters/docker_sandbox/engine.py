"""The container engine: one connection, a deadline on every call, and one kind of error."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import docker
import requests
import urllib3
from docker import errors
from docker.constants import MINIMUM_DOCKER_API_VERSION
from docker.context import ContextAPI
from docker.utils import kwargs_from_env

from grader.adapters.docker_sandbox.transport import tidy
from grader.errors import SandboxUnavailable

CREATE_SECONDS = 10
START_SECONDS = 15
KILL_SECONDS = 15
BUILD_SECONDS = 900
"""Deadlines of single calls; a call that exceeds one means that the engine is sick, never that a learner failed."""

NO_ENGINE = (
    "no container engine answers at {where}: "
    "install one (`apt-get install docker.io`) or start it (`systemctl start docker`)"
)
BROKEN = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""What the SDK lets through when the engine dies, hangs or answers half a message."""


@contextmanager
def blaming_the_engine(doing: str) -> Iterator[None]:
    """Whatever goes wrong inside is the engine's fault: raises SandboxUnavailable with one line."""
    try:
        yield
    except errors.APIError as error:
        raise SandboxUnavailable(f"the container engine refused to {doing}: {error.explanation or error}") from error
    except (errors.DockerException, *BROKEN) as error:
        raise SandboxUnavailable(f"the container engine did not answer when asked to {doing}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A connected engine: `api` for short calls, `builder` for long ones."""

    api: docker.APIClient
    builder: docker.APIClient
    where: str

    def wait_for_exit(self, container: str) -> requests.Response:
        """Ask for the exit status before the container starts; the answer's body comes when it ends."""
        url = self._url(f"containers/{container}/wait")
        response = self.api.post(url, params={"condition": "next-exit"}, stream=True, timeout=KILL_SECONDS)
        response.raise_for_status()
        return response

    def events(self, container: str, since: float) -> frozenset[str]:
        """The names of what happened to a container since a time (seconds since 1970) and until now.

        Asked for by hand: the SDK rounds `until` up to a whole second, and the engine then waits for it to pass.
        """
        wanted = {
            "since": str(int(since)),
            "until": f"{time.time():.9f}",
            "filters": json.dumps({"container": [container]}),
        }
        response = self.api.get(self._url("events"), params=wanted, timeout=KILL_SECONDS)
        response.raise_for_status()
        return frozenset(str(json.loads(line).get("Action", "")) for line in response.text.splitlines())

    def image(self, name: str) -> str | None:
        """The id of an image, None when there is none of that name; raises SandboxUnavailable."""
        with blaming_the_engine(f"look for the image {name}"):
            try:
                found: dict[str, Any] = self.api.inspect_image(name)  # type: ignore[no-untyped-call]
            except errors.ImageNotFound:
                return None
        return str(found["Id"])

    def close(self) -> None:
        """Close the connections."""
        self.api.close()
        self.builder.close()

    def _url(self, path: str) -> str:
        return f"{self.api.base_url}/v{self.api.api_version}/{path}"


def connect(host: str = "") -> Engine:
    """The engine at `host`, else of `DOCKER_HOST`, else of the current docker context.

    Raises SandboxUnavailable when none answers.
    """
    address = {"base_url": host} if host else _address()
    where = str(address.get("base_url") or "unix:///var/run/docker.sock")
    try:
        with closing(_client(address, MINIMUM_DOCKER_API_VERSION, START_SECONDS)) as asking:
            version = str(asking.version(api_version=False)["ApiVersion"])
        api, builder = (_client(address, version, seconds) for seconds in (START_SECONDS, BUILD_SECONDS))
    except (errors.DockerException, KeyError, TypeError, *BROKEN):
        raise SandboxUnavailable(NO_ENGINE.format(where=where)) from None
    return Engine(api=api, builder=builder, where=where)


def _client(address: Mapping[str, Any], version: str, seconds: int) -> docker.APIClient:
    return tidy(docker.APIClient(version=version, timeout=seconds, max_pool_size=32, **address))


def _address() -> Mapping[str, Any]:
    named: dict[str, Any] = {**kwargs_from_env()}
    if "base_url" in named:
        return named
    context = ContextAPI.get_current_context()
    return {**named, "base_url": context.Host} if context is not None and context.Host else named
