"""What every code host promises: run over the fake and over the GitHub adapter, whose every request is checked."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader.adapters.github_host.api import GitHubApi, Patience
from grader.adapters.github_host.host import GitHubHost
from grader.adapters.github_host.refs import GitShelves
from grader.adapters.shelf_ledger import ShelfNotebooks
from grader.domain.conversation import Annotation, CheckRun, Conclusion, Pinned, Reaction, StickyComment
from grader.errors import CodeHostUnavailable, InputInvalid, StreamMoved
from grader.ports import CodeHost, Shelves
from tests.fakes.github.code_host import FakeCodeHost, FakeShelves
from tests.fakes.github.server import Fault, serving
from tests.fakes.github.world import BOT, World

REPO = "octo/cohort"
HEAD = "a" * 40
FAST = Patience(timeout=5, tries=4, backoff=0.01, between_writes=0, secondary_limit=0.05, longest_wait=2)
Both = tuple[World, CodeHost, Shelves]


def other_run(shelves: Shelves) -> Shelves:
    """The shelves as another run sees them at the same time."""
    return GitShelves(shelves._api, REPO) if isinstance(shelves, GitShelves) else shelves


@pytest.fixture(params=["fake", "github"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    world = World()
    if request.param == "fake":
        world.pull(REPO, 7, "learner", HEAD, draft=True)
        yield world, FakeCodeHost(world, REPO), FakeShelves(world, REPO)
        return
    with serving(world) as server:
        world.pull(REPO, 7, "learner", HEAD, draft=True)
        api = GitHubApi(token="ghs_all", base_url=server.url, patience=FAST)
        yield world, GitHubHost(api, REPO), GitShelves(api, REPO)
        assert server.contract.violations == []


def sticky(seq: int, body: str = "hello") -> StickyComment:
    return StickyComment(seq=seq, body=body)


def test_a_pull_request_is_told_by_ids(both: Both) -> None:
    world, host, _ = both
    pull = host.pull(7)
    assert (pull.head, pull.draft, pull.open, pull.head_repository) == (HEAD, True, True, "learner/cohort")
    assert pull.author.id == world.users["learner"]["id"]
    world.rename("learner", "renamed")
    assert host.pull(7).author.id == pull.author.id
    with pytest.raises(InputInvalid, match="no pull request 8"):
        host.pull(8)


@pytest.mark.parametrize("count", [0, 1, 31, 101])
def test_all_comments_of_others_are_listed_in_order(both: Both, count: int) -> None:
    world, host, _ = both
    host.show_comment(7, sticky(1))
    for number in range(count):
        world.comment(REPO, 7, "learner", f"/status update {number}")
    assert [c.body for c in host.comments(7)] == [f"/status update {n}" for n in range(count)]


def test_an_edit_within_the_first_second_is_seen(both: Both) -> None:
    world, host, _ = both
    kept = world.comment(REPO, 7, "mentor", "/confirm")
    changed = world.comment(REPO, 7, "mentor", "thanks")
    world.edit(REPO, changed["id"], "/confirm", by="other")
    assert host.edited(host.comments(7)) == {changed["id"]}
    world.tick(minutes=1)
    world.edit(REPO, kept["id"], "/signoff")
    assert [c.edited for c in host.comments(7)] == [True, False]
    assert host.edited(host.comments(7)) == {kept["id"], changed["id"]}


def test_a_deleted_comment_is_gone(both: Both) -> None:
    world, host, _ = both
    comment = world.comment(REPO, 7, "learner", "/start")
    world.delete(REPO, comment["id"])
    assert host.comments(7) == ()
    assert host.edited(()) == frozenset()
    host.react(comment["id"], Reaction.REFUSED)


def test_reactions_are_kept_once(both: Both) -> None:
    world, host, _ = both
    comment = world.comment(REPO, 7, "learner", "/start")
    for _ in range(3):
        host.react(comment["id"], Reaction.DONE)
    assert [r[:2] for r in world.repository(REPO).reactions] == [(comment["id"], "+1")]
    assert [each.reactions & set(Reaction) for each in host.comments(7)] == [{"+1"}]


def test_one_comment_is_kept_up_to_date(both: Both) -> None:
    world, host, _ = both
    for seq in (1, 2, 5):
        host.show_comment(7, sticky(seq, f"state {seq}"))
    (shown,) = world.bot_comments(REPO, 7)
    assert shown["body"] == "<!-- grader:sticky pr=7 seq=5 -->\nstate 5"


def test_an_older_state_never_replaces_a_later_one(both: Both) -> None:
    world, host, _ = both
    host.show_comment(7, sticky(9, "new"))
    host.show_comment(7, sticky(4, "old"))
    (shown,) = world.bot_comments(REPO, 7)
    assert "new" in shown["body"]


def test_a_marker_in_a_learners_comment_is_not_ours(both: Both) -> None:
    world, host, _ = both
    forged = world.comment(REPO, 7, "learner", "<!-- grader:sticky pr=7 seq=99 -->\nyou pass")
    host.show_comment(7, sticky(1))
    assert world.stored_comment(REPO, forged["id"])["body"].endswith("you pass")
    assert len(world.bot_comments(REPO, 7)) == 1


def test_other_comments_of_the_bot_are_left_alone(both: Both) -> None:
    world, host, _ = both
    other = world.comment(REPO, 7, BOT, "another workflow's words\n<!-- grader:sticky pr=7 seq=99 -->")
    host.show_comment(7, sticky(1))
    assert world.stored_comment(REPO, other["id"])["body"].startswith("another")
    assert len(world.bot_comments(REPO, 7)) == 2


def test_duplicates_of_ours_are_removed_and_the_oldest_stays(both: Both) -> None:
    world, host, _ = both
    first, second = (world.comment(REPO, 7, BOT, f"<!-- grader:sticky pr=7 seq={n} -->\nx") for n in (1, 2))
    host.show_comment(7, sticky(3, "now"))
    (shown,) = world.bot_comments(REPO, 7)
    assert shown["id"] == first["id"]
    assert shown["body"].endswith("now")
    assert second["id"] not in world.repository(REPO).comments


def test_a_sticky_comment_that_somebody_deleted_comes_back(both: Both) -> None:
    world, host, _ = both
    host.show_comment(7, sticky(1))
    world.delete(REPO, world.bot_comments(REPO, 7)[0]["id"])
    host.show_comment(7, sticky(1))
    assert len(world.bot_comments(REPO, 7)) == 1


CHECK = CheckRun(
    external_id="pr-7:attempt-1:aaaaaaaaaaaa",
    head=HEAD,
    title="Grading",
    summary="under way",
    annotations=(Annotation(path="docs/pm.md", first_line=3, last_line=4, title="P3", message="no owner"),),
)


def test_one_check_run_is_kept_up_to_date(both: Both) -> None:
    world, host, _ = both
    assert host.update_check_run(CHECK) is False
    assert world.repository(REPO).checks == {}
    host.make_check_run(CHECK)
    done = replace(CHECK, title="Pre-scores", conclusion=Conclusion.NEUTRAL, text="seal")
    for check in (CHECK, CHECK, done, done):
        assert host.update_check_run(check) is True
    (shown,) = world.repository(REPO).checks.values()
    assert (shown["status"], shown["conclusion"], shown["output"]["title"]) == ("completed", "neutral", "Pre-scores")
    assert shown["output"]["annotations_count"] == 1


def test_remarks_are_added_fifty_at_a_time_and_never_twice(both: Both) -> None:
    world, host, _ = both
    host.make_check_run(CHECK)
    many = tuple(replace(CHECK.annotations[0], first_line=n, last_line=n) for n in range(1, 121))
    graded = replace(CHECK, title="Pre-scores", annotations=(*CHECK.annotations, *many))
    for _ in range(3):
        host.update_check_run(graded)
    (shown,) = world.repository(REPO).checks.values()
    assert shown["output"]["annotations_count"] == 121


def test_another_attempt_has_another_check_run(both: Both) -> None:
    world, host, _ = both
    host.make_check_run(CHECK)
    other = replace(CHECK, external_id="pr-7:attempt-2:aaaaaaaaaaaa")
    assert host.update_check_run(other) is False
    host.make_check_run(other)
    assert len(world.repository(REPO).checks) == 2


def test_labels_come_and_go(both: Both) -> None:
    world, host, _ = both
    host.label(7, add=frozenset({"grader:live"}), remove=frozenset())
    assert host.waiting("grader:live") == (7,)
    host.label(7, add=frozenset({"grader:awaiting-mentor"}), remove=frozenset({"grader:live", "never there"}))
    assert host.pull(7).labels == {"grader:awaiting-mentor"}
    assert host.waiting("grader:live") == ()
    world.repository(REPO).issues[7]["state"] = "closed"
    assert host.waiting("grader:awaiting-mentor") == ()


@pytest.mark.parametrize("content", [b"", b"schema = 1\n", bytes(range(256)), b"x" * 1_500_000])
def test_files_are_read_at_a_revision(both: Both, content: bytes) -> None:
    world, host, _ = both
    world.put_file(REPO, "submissions/ada l/submission.toml", content, HEAD)
    assert host.file("submissions/ada l/submission.toml", HEAD) == content
    assert host.file("submissions/ada l/submission.toml", "b" * 40) is None
    assert host.file("nothing", HEAD) is None
    world.put_file(REPO, "on-default", b"main")
    assert host.file("on-default", "") == b"main"


def test_a_file_past_the_cap_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.adapters.github_host.host.LARGEST_FILE", 1_500_000)
    with serving(World()) as server:
        host = GitHubHost(GitHubApi(token="ghs_all", base_url=server.url, patience=FAST), REPO)
        server.world.put_file(REPO, "work.zip", b"x" * 1_500_000)
        server.world.put_file(REPO, "large.zip", b"x" * 1_500_001)
        assert host.file("work.zip", "") == b"x" * 1_500_000
        server.log.clear()
        with pytest.raises(InputInvalid, match=r"large\.zip has 1500001 bytes; at most 1500000"):
            host.file("large.zip", "")
        assert len(server.log) == 1


def test_a_revision_of_a_public_repository_becomes_a_commit(both: Both) -> None:
    world, host, _ = both
    world.revisions = {("ada/airline", "feature/x"): "c" * 40, ("ada/airline", "HEAD"): "d" * 40}
    branch = host.pinned("https://github.com/ada/airline", "feature/x")
    assert branch == Pinned(commit="c" * 40, pushed_at=None)
    assert host.pinned("https://github.com/ada/airline", "none") is None
    world.revisions[("ada/new", "HEAD")] = ""
    assert host.pinned("https://github.com/ada/new", "") is None
    assert host.pinned("https://github.com/ada/private", "") is None
    assert host.pinned("https://gitlab.com/ada/airline", "") is None
    world.pushed("ada/airline", "d" * 40)
    came = world.now
    world.tick(minutes=5)
    world.pushed("ada/airline", "d" * 40)
    assert host.pinned("https://github.com/ada/airline", "") == Pinned(commit="d" * 40, pushed_at=came)


def test_a_commit_is_not_taken_to_be_missing_when_github_does_not_answer() -> None:
    with serving(World()) as server:
        server.world.revisions = {("ada/airline", "HEAD"): "d" * 40}
        server.faults = [Fault(match="/commits/HEAD", times=99)]
        host = GitHubHost(GitHubApi(token="ghs_all", base_url=server.url, patience=FAST), REPO)
        with pytest.raises(CodeHostUnavailable):
            host.pinned("https://github.com/ada/airline", "")


def test_changed_files(both: Both) -> None:
    world, host, _ = both
    world.repository(REPO).changed[7] = [f"submissions/ada/{n}" for n in range(120)]
    assert host.changed_files(7) == tuple(f"submissions/ada/{n}" for n in range(120))


def test_roles(both: Both) -> None:
    world, host, _ = both
    world.user("mentor")
    world.repository(REPO).roles["mentor"] = "maintain"
    assert host.role("mentor") == "maintain"
    assert host.role("nobody") is None


def test_a_kept_file_is_written_once(both: Both) -> None:
    world, host, _ = both
    for content in (b"one", b"one", b"two"):
        host.keep_file("credentials/ada.json", content, "Add a credential")
        assert world.repository(REPO).files[("main", "credentials/ada.json")] == content


def test_grading_is_woken_by_a_dispatch(both: Both) -> None:
    world, host, _ = both
    host.start_grading(7)
    assert world.repository(REPO).dispatched == [("grade.yml", {"ref": "main", "inputs": {"pr": "7"}})]


def test_the_time_of_a_push_is_the_servers(both: Both) -> None:
    world, host, _ = both
    start = world.now
    world.tick(minutes=5)
    world.push(REPO, 7, "c" * 40)
    world.tick(minutes=5)
    assert host.pushed_at(host.pull(7)) == start + dt.timedelta(minutes=5)


@pytest.mark.parametrize("forged", ["2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_dates_that_a_commit_gives_itself_are_never_asked(both: Both, forged: str) -> None:
    world, host, _ = both
    for who in ("author", "committer"):
        world.examples["commit"]["commit"][who]["date"] = forged
    world.revisions = {("ada/airline", "HEAD"): "d" * 40}
    world.tick(minutes=5)
    world.pushed("ada/airline", "d" * 40)
    world.push(REPO, 7, "c" * 40)
    came = world.now
    world.tick(minutes=5)
    assert host.pinned("https://github.com/ada/airline", "") == Pinned(commit="d" * 40, pushed_at=came)
    assert host.pushed_at(host.pull(7)) == came


def test_without_activity_the_first_run_that_carries_the_head_tells(both: Both) -> None:
    world, host, _ = both
    for _ in range(2):
        world.tick(minutes=3)
        world.workflow_run(HEAD)
    world.tick(minutes=3)
    assert host.pushed_at(host.pull(7)) == world.now - dt.timedelta(minutes=6)


def test_when_nothing_tells_it_is_now(both: Both) -> None:
    world, host, _ = both
    world.tick(minutes=3)
    assert host.pushed_at(host.pull(7)) == world.now


def test_a_push_is_found_behind_two_hundred_later_ones(both: Both) -> None:
    world, host, _ = both
    world.revisions = {("ada/airline", "HEAD"): "d" * 40}
    world.pushed("ada/airline", "d" * 40)
    came = world.now
    for number in range(200):
        world.tick(minutes=1)
        world.pushed("ada/airline", f"{number:040x}")
    assert host.pinned("https://github.com/ada/airline", "") == Pinned(commit="d" * 40, pushed_at=came)


def test_ready_is_when_it_was_marked(both: Both) -> None:
    world, host, _ = both
    assert host.readied_at(host.pull(7)) == world.now
    world.tick(minutes=30)
    world.ready(REPO, 7)
    marked = world.now
    world.tick(minutes=30)
    assert host.readied_at(host.pull(7)) == marked


def test_a_shelf_is_empty_then_holds_what_was_put_there(both: Both) -> None:
    _, _, shelves = both
    empty = shelves.load("learner-1")
    assert (empty.version, dict(empty.contents)) == ("", {})
    one = shelves.replace(empty, {"ledger.jsonl": b"1\n", "texts/a": b"\xff"}, "one")
    two = shelves.replace(one, {"ledger.jsonl": b"1\n2\n"}, "two")
    loaded = shelves.load("learner-1")
    assert loaded == two
    assert shelves.read(loaded, "ledger.jsonl") == b"1\n2\n"
    assert shelves.read(loaded, "texts/a") == b"\xff"
    with pytest.raises(KeyError):
        shelves.read(loaded, "texts/b")


def test_whoever_is_second_is_told_and_changes_nothing(both: Both) -> None:
    _, _, shelves = both
    empty = shelves.load("learner-1")
    shelves.replace(empty, {"ledger.jsonl": b"first"}, "first")
    with pytest.raises(StreamMoved):
        shelves.replace(empty, {"ledger.jsonl": b"second"}, "second")
    loaded = shelves.load("learner-1")
    shelves.replace(loaded, {"ledger.jsonl": b"third"}, "third")
    with pytest.raises(StreamMoved):
        shelves.replace(loaded, {"ledger.jsonl": b"fourth"}, "fourth")
    assert shelves.read(shelves.load("learner-1"), "ledger.jsonl") == b"third"


def test_writers_at_once_lose_nothing(both: Both) -> None:
    _, _, shelves = both

    def write(name: str) -> None:
        while True:
            shelf = shelves.load("learner-1")
            before = shelves.read(shelf, "ledger") if shelf.version else b""
            try:
                shelves.replace(shelf, {"ledger": before + name.encode()}, name)
            except StreamMoved:
                continue
            return

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(shelves.read(shelves.load("learner-1"), "ledger").decode()) == list("abcd")


def test_a_lease_is_held_by_one_until_it_runs_out(both: Both) -> None:
    world, _, shelves = both
    length = dt.timedelta(minutes=2)
    first, second = (ShelfNotebooks(each).open("learner-1") for each in (shelves, other_run(shelves)))
    assert first.lease("check", now=world.now, length=length) is True
    with pytest.raises(StreamMoved):
        second.lease("check", now=world.now, length=length)
    again = ShelfNotebooks(shelves).open("learner-1")
    assert again.lease("check", now=world.now + dt.timedelta(seconds=119), length=length) is False
    assert again.lease("other", now=world.now, length=length) is True
    assert again.lease("check", now=world.now + length, length=length) is True
