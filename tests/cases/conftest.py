"""The scripted model in this process, with the real openai client in front of it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from grader.adapters.case_files import CaseFiles
from grader.domain.case import Case, CaseId

sys.path.insert(0, str(Path(__file__).parents[2] / "sandboxes"))

import model_server  # type: ignore[import-not-found]
import scripted_model  # type: ignore[import-not-found]


@pytest.fixture(scope="session")
def airline() -> Case:
    return CaseFiles(secret="tests").get(CaseId("airline-refund"))


@pytest.fixture
def serve(airline: Case) -> Iterator[Callable[..., tuple[OpenAI, Any]]]:
    """Serve the airline's script under a profile; gives the client and the server."""
    servers = []

    def start(profile: str = "A", probe: dict[str, Any] | None = None, **more: Any) -> tuple[OpenAI, Any]:
        server = model_server.Server(0)
        spec = {**json.loads(json.dumps(airline.model)), **more}
        server.script = scripted_model.Script(spec, profile)
        server.script.probe = probe
        model_server.start(server)
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        return OpenAI(base_url=url, api_key="kit", max_retries=0, timeout=20), server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
