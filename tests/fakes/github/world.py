"""What stands on the fake GitHub: repositories, people, pull requests, comments, Git objects; and its one clock."""

import copy
import datetime as dt
import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SLICE = Path(__file__).parent / "slice"
BOT = "github-actions[bot]"
BOT_ID = 41898282
REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


class Refusal(Exception):
    """The API says no: an HTTP status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def iso(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def git_name(kind: str, content: bytes) -> str:
    """The object name that Git gives."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()


@dataclass
class Repository:
    """One repository. Files are looked up by (revision, path); a revision is a commit name or a branch."""

    full_name: str
    issues: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, tuple[int, Json]] = field(default_factory=dict)
    reactions: list[tuple[int, str, int]] = field(default_factory=list)
    labels: dict[int, set[str]] = field(default_factory=dict)
    changed: dict[int, list[str]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    checks: dict[int, Json] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    commits: dict[str, Json] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    activity: list[Json] = field(default_factory=list)
    timeline: dict[int, list[Json]] = field(default_factory=dict)
    dispatched: list[tuple[str, Json]] = field(default_factory=list)


class World:
    """The state, and what people do to it in a browser. Objects are made from GitHub's own examples."""

    def __init__(self, base: str = "https://api.github.com") -> None:
        specification = json.loads((SLICE / "rest.json").read_bytes())
        self.examples = {name: e["value"] for name, e in specification["components"]["examples"].items()}
        self.base = base
        self.now = dt.datetime(2026, 11, 23, 9, 0, 0, tzinfo=dt.UTC)
        self.lock = threading.RLock()
        self.users: dict[str, Json] = {}
        self.repositories: dict[str, Repository] = {}
        self.runs: dict[int, Json] = {}
        self.revisions: dict[tuple[str, str], str] = {}
        self.last_edit: dict[int, tuple[dt.datetime, str]] = {}
        self._last_id = 1000
        self._last_comment = 1_000_000
        self.user(BOT, kind="Bot", number=BOT_ID)

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _next_comment(self) -> int:
        """People's comments have numbers of their own, so that what we write does not shift them."""
        self._last_comment += 1
        return self._last_comment

    def tick(self, **span: float) -> dt.datetime:
        self.now += dt.timedelta(**span)
        return self.now

    def user(self, login: str, *, kind: str = "User", number: int | None = None) -> Json:
        if login not in self.users:
            user = copy.deepcopy(self.examples["issue-comment"]["user"])
            number = number or self.next_id()
            user.update(login=login, id=number, type=kind, node_id=f"U_{number}")
            self.users[login] = user
        return self.users[login]

    def rename(self, old: str, new: str) -> None:
        """The account keeps its id; what it wrote shows the new login."""
        user = self.users.pop(old)
        user["login"] = new
        self.users[new] = user

    def repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository(name))

    def put_file(self, repository: str, path: str, content: bytes, revision: str = "main") -> None:
        self.repository(repository).files[(revision, path)] = content

    def pull(self, repository: str, number: int, author: str, head: str, *, draft: bool = False) -> Json:
        repo = self.repository(repository)
        pull = copy.deepcopy(self.examples["pull-request"])
        owner = self.user(author)
        fork = f"{author}/{repository.split('/')[1]}"
        pull.update(
            number=number, id=self.next_id(), user=owner, state="open", draft=draft, body="", title="Submission",
            url=f"{self.base}/repos/{repository}/pulls/{number}", labels=[], milestone=None, assignee=None,
            issue_url=f"{self.base}/repos/{repository}/issues/{number}", assignees=[], requested_teams=[],
            created_at=iso(self.now), updated_at=iso(self.now), merged=False, merged_at=None, closed_at=None,
            requested_reviewers=[],
        )  # fmt: skip
        for side, name, sha in (("head", fork, head), ("base", repository, "b" * 40)):
            pull[side].update(sha=sha, repo=self.repository_object(name), user=owner, ref="main", label="x:main")
        repo.issues[number] = pull
        repo.labels.setdefault(number, set())
        repo.changed.setdefault(number, [])
        repo.timeline.setdefault(number, [])
        return pull

    def push(self, repository: str, number: int, head: str) -> None:
        """New commits on the pull request's branch; GitHub notes when."""
        pull = self.repository(repository).issues[number]
        before, pull["head"]["sha"] = pull["head"]["sha"], head
        self.pushed(pull["head"]["repo"]["full_name"], head, before=before, login=pull["user"]["login"])

    def pushed(self, repository: str, after: str, *, before: str = "0" * 40, login: str = "learner") -> None:
        """A push to the main branch of any repository."""
        entry = {
            "id": self.next_id(), "node_id": f"PSH_{after[:8]}", "before": before, "after": after,
            "ref": "refs/heads/main", "timestamp": iso(self.now), "activity_type": "push", "actor": self.user(login),
        }  # fmt: skip
        self.repository(repository).activity.insert(0, entry)

    def ready(self, repository: str, number: int) -> None:
        """Mark a draft as ready for review."""
        repo = self.repository(repository)
        repo.issues[number]["draft"] = False
        self._happened(repository, number, "ready_for_review")

    def _happened(self, repository: str, number: int, event: str) -> None:
        repo = self.repository(repository)
        i = self.next_id()
        repo.timeline[number].append({
            "id": i, "node_id": f"EV_{i}", "url": f"{self.base}/repos/{repository}/issues/events/{i}", "event": event,
            "actor": repo.issues[number]["user"], "commit_id": None, "commit_url": None, "created_at": iso(self.now),
            "performed_via_github_app": None,
        })  # fmt: skip

    def comment(self, repository: str, number: int, login: str, body: str) -> Json:
        with self.lock:
            if len(body) > 65_536:
                raise Refusal(422, "body is too long (maximum is 65536 characters)")
            if number not in self.repository(repository).issues:
                raise Refusal(404, "Not Found")
            comment = copy.deepcopy(self.examples["issue-comment"])
            i = self.next_id() if login == BOT else self._next_comment()
            comment.update(
                id=i, node_id=f"IC_{i}", body=body, user=self.user(login), author_association="NONE",
                created_at=iso(self.now), updated_at=iso(self.now),
                url=f"{self.base}/repos/{repository}/issues/comments/{i}",
                issue_url=f"{self.base}/repos/{repository}/issues/{number}",
                html_url=f"https://github.com/{repository}/pull/{number}#issuecomment-{i}",
            )  # fmt: skip
            self.repository(repository).comments[i] = (number, comment)
            return comment

    def edit(self, repository: str, comment: int, body: str, *, by: str | None = None) -> Json:
        """Change a comment's text; anybody with write access can do that to anybody's comment."""
        if len(body) > 65_536:
            raise Refusal(422, "body is too long (maximum is 65536 characters)")
        stored = self.stored_comment(repository, comment)
        stored.update(body=body, updated_at=iso(self.now))
        self.last_edit[comment] = (self.now, by or stored["user"]["login"])
        return stored

    def delete(self, repository: str, comment: int) -> None:
        self.stored_comment(repository, comment)
        del self.repository(repository).comments[comment]

    def stored_comment(self, repository: str, comment: int) -> Json:
        try:
            return self.repository(repository).comments[comment][1]
        except KeyError:
            raise Refusal(404, "Not Found") from None

    def comments_of(self, repository: str, number: int) -> list[Json]:
        return [c for _, (n, c) in sorted(self.repository(repository).comments.items()) if n == number]

    def reactions_to(self, repository: str, comment: int) -> dict[str, int]:
        """How often each was given."""
        given = Counter(content for number, content, _ in self.repository(repository).reactions if number == comment)
        return {name: given[name] for name in REACTIONS}

    def bot_comments(self, repository: str, number: int) -> list[Json]:
        return [c for c in self.comments_of(repository, number) if c["user"]["id"] == BOT_ID]

    def repository_object(self, name: str) -> Json:
        repo = copy.deepcopy(self.examples["full-repository-default-response"])
        owner, short = name.split("/")
        for key in ("source", "parent", "template_repository", "organization"):
            repo.pop(key, None)
        repo.update(
            full_name=name, name=short, url=f"{self.base}/repos/{name}", default_branch="main",
            security_and_analysis={}, language=None, license=None, private=False,
            id=int(hashlib.sha256(name.encode()).hexdigest()[:7], 16),
        )  # fmt: skip
        repo["owner"].update(login=owner)
        return repo

    def workflow_run(self, head: str, *, event: str = "pull_request_target") -> Json:
        """A run of a workflow, created now."""
        run = copy.deepcopy(self.examples["workflow-run"])
        number = self.next_id()
        run.update(id=number, head_sha=head, event=event, created_at=iso(self.now), run_started_at=iso(self.now))
        run.update(pull_requests=[], repository=run["repository"], conclusion=None, status="in_progress")
        self.runs[number] = run
        return run

    def store_blob(self, repository: str, content: bytes) -> str:
        sha = git_name("blob", content)
        self.repository(repository).blobs[sha] = content
        return sha

    def store_tree(self, repository: str, base: str | None, entries: dict[str, str]) -> str:
        repo = self.repository(repository)
        files = {**(repo.trees[base] if base else {}), **entries}
        sha = git_name("tree", json.dumps(files, sort_keys=True).encode())
        repo.trees[sha] = files
        return sha

    def store_commit(self, repository: str, tree: str, parents: list[str], message: str) -> str:
        repo = self.repository(repository)
        fields = {"tree": tree, "parents": parents, "message": message, "date": iso(self.now)}
        sha = git_name("commit", json.dumps(fields, sort_keys=True).encode())
        repo.commits[sha] = fields
        return sha

    def ancestors(self, repository: str, sha: str) -> set[str]:
        repo, found, todo = self.repository(repository), set(), [sha]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += repo.commits[name]["parents"] if name in repo.commits else []
        return found

    def ref_file(self, repository: str, ref: str, path: str) -> bytes:
        """A file at the head of a ref, as a test looks at it."""
        repo = self.repository(repository)
        return repo.blobs[repo.trees[repo.commits[repo.refs[ref]]["tree"]][path]]
