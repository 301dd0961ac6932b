"""The safe client against a server that fails in every way that GitHub does: nothing twice, nothing lost."""

import time
from collections.abc import Iterator

import pytest

from grader.adapters.github_host.api import Conflict, GitHubApi, NotThere, Patience
from grader.errors import CodeHostUnavailable, SettingsInvalid
from tests.fakes.github.server import SECONDARY, Fault, GitHubServer, serving
from tests.fakes.github.world import World

REPO = "octo/cohort"
COMMENTS = f"/repos/{REPO}/issues/7/comments"
FAST = Patience(timeout=5, tries=4, backoff=0.01, between_writes=0, secondary_limit=0.05, longest_wait=2)


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    world = World()
    world.pull(REPO, 7, "learner", "a" * 40)
    with serving(world) as running:
        yield running


def client(server: GitHubServer, token: str = "ghs_all", **more: int) -> GitHubApi:
    return GitHubApi(token=token, base_url=server.url, patience=FAST, **more)


def create(api: GitHubApi, server: GitHubServer) -> None:
    def find() -> object:
        return next((c for c in api.pages(COMMENTS) if c["body"] == "marker"), None)

    api.post_once(COMMENTS, {"body": "marker"}, find=find)
    assert [c["body"] for c in server.world.bot_comments(REPO, 7)] == ["marker"]


FAULTS = {
    "502 before": Fault(match="POST .*comments"),
    "502 after commit": Fault(match="POST .*comments", after_commit=True),
    "500 twice, after commit": Fault(match="POST .*comments", status=500, after_commit=True, times=2),
    "secondary limit": Fault(match="POST .*comments", status=403, body=SECONDARY),
    "secondary limit with Retry-After": Fault(
        match="POST .*comments", status=403, body=SECONDARY, headers={"Retry-After": "1"}
    ),
    "429": Fault(match="POST .*comments", status=429, body=SECONDARY),
    "dropped before": Fault(match="POST .*comments", status=0),
    "dropped after commit": Fault(match="POST .*comments", status=0, after_commit=True),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_comment_is_made_once_whatever_happens(server: GitHubServer, fault: Fault) -> None:
    server.faults = [fault]
    create(client(server), server)
    assert server.contract.violations == []


@pytest.mark.parametrize("status", [500, 502, 503, 0, 403, 429])
@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
def test_idempotent_methods_are_repeated(server: GitHubServer, method: str, status: int) -> None:
    api = client(server)
    create(api, server)
    (comment,) = server.world.bot_comments(REPO, 7)
    server.faults = [Fault(match=f"^{method} ", status=status, body=SECONDARY, times=2)]
    path = f"/repos/{REPO}/issues/comments/{comment['id']}"
    if method == "GET":
        assert api.get(path)["id"] == comment["id"]
    else:
        api.write(method, path, {"body": "new"} if method == "PATCH" else None)
    assert [c["body"] for c in server.world.bot_comments(REPO, 7)] == {
        "GET": ["marker"], "PATCH": ["new"], "DELETE": [],
    }[method]  # fmt: skip


def test_a_delete_that_had_committed_answers_not_there(server: GitHubServer) -> None:
    api = client(server)
    create(api, server)
    (comment,) = server.world.bot_comments(REPO, 7)
    server.faults = [Fault(match="^DELETE ", after_commit=True)]
    with pytest.raises(NotThere):
        api.write("DELETE", f"/repos/{REPO}/issues/comments/{comment['id']}")
    assert server.world.bot_comments(REPO, 7) == []


def test_a_server_that_stays_down_is_ours_and_never_a_score(server: GitHubServer) -> None:
    server.faults = [Fault(match=".*", times=1000)]
    with pytest.raises(CodeHostUnavailable, match="GitHub"):
        client(server).get(f"/repos/{REPO}")


def test_a_long_wait_ends_the_run_at_once(server: GitHubServer) -> None:
    server.faults = [Fault(match="^GET", status=429, body=SECONDARY, headers={"Retry-After": "3600"})]
    started = time.monotonic()
    with pytest.raises(CodeHostUnavailable, match="3600 s"):
        client(server).get(f"/repos/{REPO}")
    assert time.monotonic() - started < 2


def test_a_slow_answer_times_out_and_is_asked_again(server: GitHubServer) -> None:
    server.faults = [Fault(match="^GET", status=200, delay=1.3)]
    impatient = Patience(timeout=1, tries=6, backoff=0.2, between_writes=0, longest_wait=2)
    api = GitHubApi(token="ghs_all", base_url=server.url, patience=impatient)
    assert api.get(f"/repos/{REPO}")["full_name"] == REPO


def test_a_missing_permission_names_itself_and_is_not_repeated(server: GitHubServer) -> None:
    server.tokens["ghs_read"] = {"pull-requests": "read"}
    with pytest.raises(SettingsInvalid, match=r"may not POST .*docs/github.md"):
        client(server, "ghs_read").post(COMMENTS, {"body": "x"})
    assert len(server.log) == 1


def test_a_wrong_token_says_so_without_showing_it(server: GitHubServer) -> None:
    with pytest.raises(SettingsInvalid) as error:
        client(server, "ghs_wrong").get(f"/repos/{REPO}")
    assert "ghs_wrong" not in str(error.value)


def test_404_and_lost_races_are_answers(server: GitHubServer) -> None:
    api = client(server)
    with pytest.raises(NotThere):
        api.get(f"/repos/{REPO}/git/ref/grader/none")
    commit = server.world.store_commit(REPO, server.world.store_tree(REPO, None, {}), [], "one")
    api.post(f"/repos/{REPO}/git/refs", {"ref": "refs/grader/x", "sha": commit})
    with pytest.raises(Conflict):
        api.post(f"/repos/{REPO}/git/refs", {"ref": "refs/grader/x", "sha": commit})
    other = server.world.store_commit(REPO, server.world.store_tree(REPO, None, {}), [], "two")
    with pytest.raises(Conflict):
        api.write("PATCH", f"/repos/{REPO}/git/refs/grader/x", {"sha": other, "force": False})
    assert server.contract.violations == []


@pytest.mark.parametrize("count", [0, 1, 30, 31, 99, 100, 101, 250])
def test_lists_are_read_over_all_pages(server: GitHubServer, count: int) -> None:
    for number in range(count):
        server.world.comment(REPO, 7, "learner", f"comment {number}")
    assert [c["body"] for c in client(server).pages(COMMENTS)] == [f"comment {n}" for n in range(count)]


def test_the_clock_is_the_servers(server: GitHubServer) -> None:
    api = client(server)
    assert api.now == server.world.now
    server.world.tick(minutes=5)
    api.get(f"/repos/{REPO}")
    assert api.now == server.world.now


def test_a_run_has_a_budget_and_counts_what_is_left(server: GitHubServer) -> None:
    api = client(server, budget=3)
    for _ in range(3):
        api.get(f"/repos/{REPO}")
    assert (api.requests, api.remaining) == (3, 997)
    with pytest.raises(CodeHostUnavailable, match="its limit"):
        api.get(f"/repos/{REPO}")


def test_a_post_is_no_plain_write(server: GitHubServer) -> None:
    with pytest.raises(ValueError, match="post_once"):
        client(server).write("POST", COMMENTS, {"body": "x"})
