"""The fake over HTTP on loopback: tokens, pages, rate headers, faults, and the contract on every exchange."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.fakes.github.contract import Contract
from tests.fakes.github.routes import ROUTES, Call, Page
from tests.fakes.github.world import Json, Refusal, World, iso

SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
EVERYTHING = {"contents": "write", "checks": "write", "pull-requests": "write", "actions": "write"}


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with the next `times` matching requests. Status 0 drops the connection."""

    match: str
    status: int = 502
    after_commit: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=lambda: {"message": "Bad gateway"})
    delay: float = 0.0
    times: int = 1


class GitHubServer:
    """Serves one world. `log` has every request, `contract.violations` must stay empty."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contract = Contract()
        self.tokens: dict[str, dict[str, str]] = {}
        self.faults: list[Fault] = []
        self.log: list[tuple[str, str]] = []
        self.remaining = 1000
        handler = type("Handler", (_Handler,), {"server_side": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        world.base = self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, body: bytes, token: str) -> tuple[int, Any, dict[str, str]]:
        """One request, under the world's lock: faults, permission, route, contract."""
        with self.world.lock:
            self.log.append((method, target))
            self.remaining -= 1
            fault = self._fault(f"{method} {target}")
            request = self.contract.request(method, target, body)
            if fault and not fault.after_commit:
                return fault.status, fault.body, fault.headers
            try:
                status, answer = self._route(method, target, body, token)
            except Refusal as refusal:
                status, answer = refusal.status, {"message": refusal.message, "status": str(refusal.status)}
            headers = {}
            if isinstance(answer, Page):
                answer, headers = self._page(target, answer)
            self.contract.response(request, status, answer)
            if fault:
                return fault.status, fault.body, fault.headers
            return status, answer, headers

    def _fault(self, line: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.match, line):
                fault.times -= 1
                if fault.delay:
                    threading.Event().wait(fault.delay)
                return fault if fault.status != 200 else None
        return None

    def _route(self, method: str, target: str, body: bytes, token: str) -> tuple[int, Any]:
        if token not in self.tokens:
            raise Refusal(401, "Bad credentials")
        parts = urlsplit(target)
        document = json.loads(body) if body else {}
        if parts.path == "/graphql":
            return 200, self._graphql(document["variables"])
        if parts.path == "/rate_limit":
            return 200, self.world.examples.get("rate-limit-overview", {})
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        for wanted, pattern, needs, function in ROUTES:
            match = pattern.fullmatch(unquote(parts.path))
            if match and wanted == method:
                self._permit(token, needs)
                return function(Call(self.world, match[1], match.groups()[1:], query, document))
        raise Refusal(404, "Not Found")

    def _permit(self, token: str, needs: str) -> None:
        name, _, level = needs.partition(":")
        if needs and self.tokens[token].get(name) not in ("write", level):
            raise Refusal(403, "Resource not accessible by integration")

    def _page(self, target: str, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
        """Activity goes by a cursor and knows no page numbers; every other list is numbered."""
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        name, first = ("after", 0) if parts.path.endswith("/activity") else ("page", 1)
        size, page = int(query.get("per_page", "30")), int(query.get(name, first)) - first
        cut = list(items[page * size : (page + 1) * size])
        if len(items) <= (page + 1) * size:
            return cut, {}
        others = "".join(f"&{key}={quote(value)}" for key, value in query.items() if key not in (name, "per_page"))
        link = f'<{self.url}{parts.path}?per_page={size}&{name}={page + 1 + first}{others}>; rel="next"'
        return cut, {"Link": link}

    def _graphql(self, variables: Json) -> Json:
        """Answers the one query the grader asks: when, and by whom, comments were edited."""
        nodes: list[Json | None] = []
        for node_id in variables["ids"]:
            number = int(node_id.removeprefix("IC_"))
            stored = any(number in repo.comments for repo in self.world.repositories.values())
            at, by = self.world.last_edit.get(number, (None, None))
            edited = {"lastEditedAt": iso(at) if at else None, "editor": {"login": by} if by else None}
            nodes.append({"databaseId": number, **edited} if stored else None)
        return {"data": {"nodes": nodes}}


class _Handler(BaseHTTPRequestHandler):
    server_side: GitHubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = (self.headers.get("Authorization") or "").rpartition(" ")[2]
        side = self.server_side
        status, answer, headers = side.answer(self.command, self.path, body, token)
        if status == 0:
            self.close_connection = True
            self.connection.close()
            return
        data = b"" if answer is None else json.dumps(answer).encode()
        self.send_response_only(status)
        defaults = {
            "Date": side.world.now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(data)),
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(side.remaining),
        }
        for name, value in {**defaults, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve


@contextlib.contextmanager
def serving(world: World) -> Iterator[GitHubServer]:
    """A server for the length of a test; `ghs_all` may do everything that a job's token may."""
    server = GitHubServer(world)
    server.tokens["ghs_all"] = EVERYTHING
    try:
        yield server
    finally:
        server.close()
