"""Checks every request and answer against GitHub's published description; violations are collected, not raised."""

import json
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from graphql import build_schema, parse, validate
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.fakes.github.world import SLICE

JSON = "application/json"


@cache
def _description() -> OpenAPI:
    return OpenAPI.from_dict(json.loads((SLICE / "rest.json").read_bytes()))


@cache
def _schema() -> Any:
    return build_schema((SLICE / "schema.graphql").read_text())


_WELL: set[tuple[str, int]] = set()


def _well(request: MockRequest) -> None:
    """Raises for what the description forbids, and for a parameter that it does not know: GitHub would ignore it."""
    found = _description().unmarshal_request(request)
    found.raise_for_errors()
    unknown = set(request.parameters.query) - set(found.parameters.query)
    if unknown:
        raise ValueError(f"unknown parameters {sorted(unknown)}")


class Contract:
    """Collects what broke the description, on either side."""

    def __init__(self) -> None:
        self.violations: list[str] = []

    def request(self, method: str, target: str, body: bytes) -> MockRequest | None:
        """Check a request; None for GraphQL, which has its own schema."""
        if target == "/graphql":
            self._graphql(body)
            return None
        parts = urlsplit(target)
        # parameters that hold slashes (git/ref/{ref}, contents/{path}) match only when these are escaped
        path = re.sub(r"(/git/refs?/|/contents/)(.+)$", lambda m: m[1] + m[2].replace("/", "%2F"), parts.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        request = MockRequest(
            "https://api.github.com", method.lower(), path, args=query, data=body or None, content_type=JSON
        )
        where = f"request {method} {target}"
        self._check(lambda: _well(request), where, body)
        return request

    def response(self, request: MockRequest | None, status: int, answer: Any) -> None:
        """Check an answer to a checked request; refusals are free in form."""
        if request is None or status >= 400:
            return
        data = b"" if answer is None else json.dumps(answer).encode()
        response = MockResponse(data, status_code=status, content_type=JSON)
        where = f"answer {status} to {request.method.upper()} {request.path}"
        self._check(lambda: _description().validate_response(request, response), where, data)

    def _check(self, check: Any, where: str, content: bytes) -> None:
        """What was found well once is not looked at again: checking takes far longer than serving."""
        same = (where, hash(content))
        if same in _WELL:
            return
        try:
            check()
            _WELL.add(same)
        except Exception as error:  # noqa: BLE001 - whatever openapi-core raises is a violation
            cause = error.__cause__ or error
            details = [
                f"{e.message[:160]} at {'/'.join(map(str, e.path))}" for e in getattr(cause, "schema_errors", [])
            ]
            self.violations.append(f"{where}: {cause!r:.300} {details[:4]}")

    def _graphql(self, body: bytes) -> None:
        for error in validate(_schema(), parse(json.loads(body)["query"])):
            self.violations.append(f"GraphQL: {error.message}")
