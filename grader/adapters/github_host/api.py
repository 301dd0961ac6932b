"""PyGithub's transport made safe: what may be retried, how long we wait, how many requests a run may make.

PyGithub 2 retries POST (a 502 that had committed makes a second comment) and never retries PATCH; here it is the other
way round. A POST goes through `post_once`, which looks for its own earlier result before each try.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import github
import requests
from github.Requester import Requester

from grader.errors import CodeHostUnavailable, SettingsInvalid

Found = TypeVar("Found")
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "PATCH"})
PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How the client waits; seconds.

    `between_writes` is GitHub's own advice of one second. `longest_wait` bounds one wait for a rate limit: a run that
    would wait longer ends, and the next event or the sweep takes up where it stopped.
    """

    timeout: int = 20
    tries: int = 5
    backoff: float = 0.5
    between_writes: float = 1.0
    secondary_limit: float = 60.0
    longest_wait: float = 120.0


class NotThere(Exception):
    """An answer, not an error: what was asked for does not exist, is empty, or was taken down."""


class Conflict(Exception):
    """An answer, not an error: 409, or 422 for an update that lost a race."""


class _Retry(github.GithubRetry):
    """Never sleeps longer than asked: a `Retry-After` past the limit ends the call instead."""

    def get_retry_after(self, response: Any) -> float | None:  # noqa: ANN401 - urllib3's type is a union of internals
        seconds = super().get_retry_after(response)
        if seconds is not None and self.max_rate_limit_wait is not None and seconds > self.max_rate_limit_wait:
            raise CodeHostUnavailable(f"GitHub asks to wait {seconds:.0f} s; the next event or the sweep goes on")
        return seconds


class GitHubApi:
    """One job's conversation with the REST and GraphQL interfaces.

    Raises CodeHostUnavailable when GitHub refuses, throttles or times out, SettingsInvalid when the token may not.
    """

    def __init__(self, *, token: str, base_url: str, patience: Patience | None = None, budget: int = 400) -> None:
        """`budget` bounds the requests of one run; a job's token has 1,000 an hour for its repository."""
        self._patience = patience or Patience()
        retry = _Retry(
            total=self._patience.tries,
            backoff_factor=self._patience.backoff,
            secondary_rate_wait=self._patience.secondary_limit,
            max_rate_limit_wait=self._patience.longest_wait,
            allowed_methods=IDEMPOTENT,
            status_forcelist=[403, 429, *range(500, 600)],
            raise_on_status=False,
        )
        client = github.Github(
            auth=github.Auth.Token(token),
            base_url=base_url,
            retry=retry,
            timeout=self._patience.timeout,
            seconds_between_requests=0,
            seconds_between_writes=self._patience.between_writes,
            user_agent="grader",
        )
        self._requester: Requester = client.requester
        self._budget = budget
        self._date: datetime | None = None
        self.requests = 0
        self.remaining: int | None = None

    @property
    def left(self) -> int:
        """How many requests this run may still make, by its own budget and by what GitHub said last."""
        own = self._budget - self.requests
        return own if self.remaining is None else min(own, self.remaining)

    @property
    def now(self) -> datetime:
        """GitHub's clock: the `Date` header of the latest answer; asks once when there was none yet."""
        if self._date is None:
            self.get("/rate_limit")
        if self._date is None:
            raise CodeHostUnavailable("GitHub's answers carry no Date header, so there is no server time to go by")
        return self._date

    def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401 - JSON
        """One object; raises NotThere."""
        return self._call("GET", path, query=query)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
        """Every item of a list, over all pages.

        The next page is where the answer's `Link` says, never a number that we count up: some lists go by a cursor.
        """
        headers, page = self._exchange("GET", path, query={**query, "per_page": PAGE})
        yield from page
        while following := _next(headers):
            headers, page = self._exchange("GET", following)
            yield from page

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """PUT, PATCH or DELETE: repeated after a fault, because doing it twice is doing it once."""
        if method not in IDEMPOTENT:
            raise ValueError(f"{method} goes through post_once or post")
        return self._call(method, path, body=body)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """A POST that may be repeated freely: content-addressed objects, labels, reactions, dispatches, queries."""
        return self.post_once(path, body, find=lambda: None)

    def post_once(self, path: str, body: Mapping[str, Any], *, find: Callable[[], Found | None]) -> Found | Any:  # noqa: ANN401 - JSON
        """Create what `find` does not find; after a fault `find` is asked again before the next try."""
        for attempt in range(self._patience.tries):
            if attempt:
                time.sleep(min(self._patience.backoff * 2**attempt, self._patience.longest_wait))
            if (found := find()) is not None:
                return found
            try:
                return self._call("POST", path, body=body)
            except CodeHostUnavailable as error:
                last = error
        raise last

    def query(self, text: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The data of a GraphQL query."""
        answer = self.post(self._requester.graphql_url, {"query": text, "variables": dict(variables)})
        if answer.get("errors"):
            raise CodeHostUnavailable(f"GitHub's GraphQL refused: {answer['errors'][0].get('message', '')!r:.200}")
        return answer["data"]

    def _call(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        return self._exchange(method, path, query=query, body=body)[1]

    def _exchange(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, str], Any]:
        """One request; the answer's headers, in lower case, and what it says."""
        self.requests += 1
        if self.requests > self._budget:
            raise CodeHostUnavailable(f"this run made {self._budget} requests to GitHub, its limit; run it again later")
        try:
            headers, answer = self._requester.requestJsonAndCheck(
                method,
                path,
                parameters=dict(query or {}) or None,
                input=None if body is None else dict(body),
            )
        except github.GithubException as error:
            self._note(_lower(error.headers or {}))
            raise _as_ours(error, f"{method} {path}") from None
        except (requests.RequestException, ValueError) as error:
            raise CodeHostUnavailable(f"GitHub did not answer {method} {path}: {type(error).__name__}") from None
        told = _lower(headers)
        self._note(told)
        return told, answer

    def _note(self, headers: Mapping[str, str]) -> None:
        if "date" in headers:
            self._date = parsedate_to_datetime(headers["date"]).astimezone(UTC)
        if headers.get("x-ratelimit-remaining", "").isdigit():
            self.remaining = int(headers["x-ratelimit-remaining"])


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    return {key.lower(): str(value) for key, value in headers.items()}


def _next(headers: Mapping[str, str]) -> str | None:
    """The address of the page that follows; None on the last one."""
    links = requests.utils.parse_header_links(headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


_NOTHING_THERE: Final = ("Repository is empty", "Reference does not exist", "No commit found", "access blocked")
"""How GitHub words it where it answers 403, 409 or 422 instead of 404."""


def _as_ours(error: github.GithubException, call: str) -> Exception:
    message = error.data.get("message", "") if isinstance(error.data, dict) else ""
    if error.status in (404, 451) or any(words in message for words in _NOTHING_THERE):
        return NotThere(call)
    match error.status:
        case 409:
            return Conflict(call)
        case 422 if "fast forward" in message or "already exists" in message:
            return Conflict(call)
        case 401:
            return SettingsInvalid("GitHub does not accept the token; give the step `token: ${{ github.token }}`")
        case 403 if "not accessible" in message:
            return SettingsInvalid(
                f"the job's token may not {call}; give the job the permissions that docs/github.md lists"
            )
        case _:
            return CodeHostUnavailable(f"GitHub answered {error.status} to {call}: {message!r:.200}")
