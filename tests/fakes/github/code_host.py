"""The `CodeHost` and `Shelves` ports straight over the world, without HTTP: fast, and it can stumble at every step."""

import copy
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from grader.adapters.github_host.host import shown_seq
from grader.domain.conversation import Account, CheckRun, Comment, Pinned, PullRequest, Reaction, Shelf, StickyComment
from grader.errors import InputInvalid, StreamMoved
from tests.fakes.github.world import BOT, BOT_ID, Json, Refusal, World

Step = Callable[[str], None]
"""Called before and after each write with its name; may raise to stop the run there."""


def parsed(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


class FakeCodeHost:
    """One repository of a world."""

    def __init__(self, world: World, repository: str, step: Step = lambda _name: None) -> None:
        self.world = world
        self.name = repository
        self._step = step

    @property
    def _repo(self) -> Any:
        return self.world.repository(self.name)

    def now(self) -> dt.datetime:
        return self.world.now

    def pull(self, number: int) -> PullRequest:
        self._step("read")
        if number not in self._repo.issues:
            raise InputInvalid(f"{self.name} has no pull request {number}")
        found = self._repo.issues[number]
        return PullRequest(
            number=number,
            author=_account(found["user"]),
            head=found["head"]["sha"],
            head_ref=found["head"]["ref"],
            head_repository=found["head"]["repo"]["full_name"],
            draft=found["draft"],
            open=found["state"] == "open",
            created_at=parsed(found["created_at"]),
            labels=frozenset(self._repo.labels[number]),
        )

    def waiting(self, label: str) -> tuple[int, ...]:
        return tuple(
            n for n, p in sorted(self._repo.issues.items()) if label in self._repo.labels[n] and p["state"] == "open"
        )

    def changed_files(self, number: int) -> tuple[str, ...]:
        return tuple(self._repo.changed[number])

    def comments(self, number: int) -> tuple[Comment, ...]:
        self._step("read")
        return tuple(
            Comment(
                id=found["id"],
                node=found["node_id"],
                author=_account(found["user"]),
                body=found["body"],
                created_at=parsed(found["created_at"]),
                url=found["html_url"],
                edited=found["updated_at"] != found["created_at"],
                reactions=frozenset(k for k, n in self.world.reactions_to(self.name, found["id"]).items() if n),
            )
            for found in self.world.comments_of(self.name, number)
            if found["user"]["id"] != BOT_ID
        )

    def edited(self, comments: tuple[Comment, ...]) -> frozenset[int]:
        return frozenset(each.id for each in comments if each.id in self.world.last_edit)

    def pinned(self, repository: str, revision: str) -> Pinned | None:
        name = repository.removeprefix("https://github.com/")
        commit = self.world.revisions.get((name, revision or "HEAD"))
        pushes = [e["timestamp"] for e in self.world.repository(name).activity if e["after"] == commit]
        return Pinned(commit=commit, pushed_at=parsed(min(pushes)) if pushes else None) if commit else None

    def role(self, login: str) -> str | None:
        return self._repo.roles.get(login, "read") if login in self.world.users else None

    def file(self, path: str, revision: str) -> bytes | None:
        return self._repo.files.get((revision or "main", path))

    def pushed_at(self, pull: PullRequest) -> dt.datetime:
        activity = self.world.repository(str(pull.head_repository)).activity
        runs = [r["created_at"] for r in self.world.runs.values() if r["head_sha"] == pull.head]
        times = [e["timestamp"] for e in activity if e["after"] == pull.head] or runs
        return parsed(min(times)) if times else self.now()

    def readied_at(self, pull: PullRequest) -> dt.datetime:
        events = [e for e in self._repo.timeline[pull.number] if e["event"] in ("ready_for_review", "reopened")]
        return max([pull.created_at, *(parsed(e["created_at"]) for e in events)])

    def react(self, comment: int, reaction: Reaction) -> None:
        self._step("before react")
        if comment in self._repo.comments and not any(r[:2] == (comment, reaction.value) for r in self._repo.reactions):
            self._repo.reactions.append((comment, reaction.value, self.world.next_id()))

    def show_comment(self, number: int, comment: StickyComment) -> None:
        body = f"<!-- grader:sticky pr={number} seq={comment.seq} -->\n{comment.body}"
        if not self._ours(number):
            self._step("before show_comment")
            self.world.comment(self.name, number, BOT, body)
            self._step("after show_comment")
        oldest, *younger = self._ours(number)
        for each in younger:
            self.world.delete(self.name, each["id"])
        if shown_seq(oldest["body"]) <= comment.seq and oldest["body"] != body:
            self._step("before show_comment")
            self.world.edit(self.name, oldest["id"], body, by=BOT)
            self._step("after show_comment")

    def update_check_run(self, check: CheckRun) -> bool:
        wanted = (check.head, check.external_id)
        ours = [c for c in self._repo.checks.values() if (c["head_sha"], c["external_id"]) == wanted]
        if not ours:
            return False
        self._step("before update_check_run")
        self._fill(ours[0], check)
        self._step("after update_check_run")
        return True

    def make_check_run(self, check: CheckRun) -> None:
        self._step("before make_check_run")
        made = copy.deepcopy(self.world.examples["check-run"])
        made.update(id=self.world.next_id(), head_sha=check.head, external_id=check.external_id, name="grader")
        made["output"]["annotations_count"] = 0
        self._repo.checks[made["id"]] = made
        self._fill(made, check)
        self._step("after make_check_run")

    def _fill(self, made: Json, check: CheckRun) -> None:
        kept = max(made["output"]["annotations_count"], len(check.annotations))
        text = {"title": check.title, "summary": check.summary, "text": check.text or None}
        made["output"].update(text, annotations_count=kept)
        made["conclusion"] = check.conclusion.value if check.conclusion else None
        made["status"] = "completed" if check.conclusion else "in_progress"

    def label(self, number: int, *, add: frozenset[str], remove: frozenset[str]) -> None:
        self._step("before label")
        self._repo.labels[number] = (self._repo.labels[number] | add) - remove

    def start_grading(self, number: int) -> None:
        self._step("before dispatch")
        self._repo.dispatched.append(("grade.yml", {"ref": "main", "inputs": {"pr": str(number)}}))

    def keep_file(self, path: str, content: bytes, message: str) -> None:
        self._repo.files[("main", path)] = content

    def _ours(self, number: int) -> list[Json]:
        return [c for c in self.world.bot_comments(self.name, number) if c["body"].startswith("<!-- grader:sticky ")]


class FakeShelves:
    """Shelves in the same world, as commits on refs."""

    def __init__(self, world: World, repository: str, step: Step = lambda _name: None) -> None:
        self.world = world
        self.name = repository
        self._step = step

    def load(self, name: str) -> Shelf:
        self._step("read")
        repo = self.world.repository(self.name)
        version = repo.refs.get(f"refs/grader/{name}", "")
        return Shelf(name=name, version=version, contents=self._contents(version))

    def read(self, shelf: Shelf, path: str) -> bytes:
        return bytes(self.world.repository(self.name).blobs[shelf.contents[path]])

    def replace(self, shelf: Shelf, files: Mapping[str, bytes], message: str) -> Shelf:
        self._step("before replace")
        repo, ref = self.world.repository(self.name), f"refs/grader/{shelf.name}"
        with self.world.lock:
            if repo.refs.get(ref, "") != shelf.version:
                raise StreamMoved(f"another run wrote to {shelf.name} first")
            blobs = {path: self.world.store_blob(self.name, content) for path, content in files.items()}
            tree = self.world.store_tree(self.name, None, {**shelf.contents, **blobs})
            commit = self.world.store_commit(self.name, tree, [shelf.version] if shelf.version else [], message)
            repo.refs[ref] = commit
        self._step("after replace")
        return Shelf(name=shelf.name, version=commit, contents=self._contents(commit))

    def _contents(self, version: str) -> dict[str, str]:
        repo = self.world.repository(self.name)
        return dict(repo.trees[repo.commits[version]["tree"]]) if version else {}


def _account(user: Json) -> Account:
    return Account(id=user["id"], login=user["login"], is_person=user["type"] == "User")


__all__ = ["FakeCodeHost", "FakeShelves", "Refusal"]
