"""The `CodeHost` port on GitHub: one repository, as the account of a job's token."""

import base64
import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from grader.adapters.github_host import clocks
from grader.adapters.github_host.api import Conflict, GitHubApi, NotThere
from grader.domain.conversation import Account, CheckRun, Comment, Pinned, PullRequest, Reaction, StickyComment
from grader.errors import CodeHostUnavailable, InputInvalid, SettingsInvalid

BOT: Final = "github-actions[bot]"
"""Who a job's own token is; `GET /user` is refused to it, so it cannot be asked."""
CHECK_NAME: Final = "grader"
MOST_ANNOTATIONS: Final = 50
LARGEST_FILE: Final = 20 * 1024 * 1024
_MARKER = re.compile(r"<!-- grader:sticky pr=([0-9]+) seq=([0-9]+) -->")
_EDITS = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { databaseId lastEditedAt } } }"


class GitHubHost:
    """Our comment is known by its author and the marker on its first line: a marker alone proves nothing."""

    def __init__(self, api: GitHubApi, repository: str, *, bot: str = BOT, grade_workflow: str = "grade.yml") -> None:
        """`repository` is `owner/name`; `bot` is the login under which the token writes."""
        self._api = api
        self._repository = repository
        self._root = f"/repos/{repository}"
        self._bot = bot
        self._grade_workflow = grade_workflow
        self._branch = ""

    def now(self) -> datetime:
        """The `Date` header of GitHub's latest answer."""
        return clocks.now(self._api)

    def pull(self, number: int) -> PullRequest:
        """One request."""
        try:
            found = self._api.get(f"{self._root}/pulls/{number}")
        except NotThere:
            raise InputInvalid(f"{self._repository} has no pull request {number}") from None
        head = found["head"]
        return PullRequest(
            number=number,
            author=_account(found["user"]),
            head=head["sha"],
            head_ref=head["ref"],
            head_repository=head["repo"]["full_name"] if head["repo"] else None,
            draft=bool(found["draft"]),
            open=found["state"] == "open",
            created_at=clocks.moment(found["created_at"]),
            labels=frozenset(label["name"] for label in found["labels"]),
        )

    def waiting(self, label: str) -> tuple[int, ...]:
        """Issues that are pull requests."""
        issues = self._api.pages(f"{self._root}/issues", labels=label, state="open")
        return tuple(sorted(issue["number"] for issue in issues if "pull_request" in issue))

    def changed_files(self, number: int) -> tuple[str, ...]:
        """Removed files are left out."""
        files = self._api.pages(f"{self._root}/pulls/{number}/files")
        return tuple(file["filename"] for file in files if file["status"] != "removed")

    def comments(self, number: int) -> tuple[Comment, ...]:
        """One list, over all pages."""
        found = self._api.pages(f"{self._root}/issues/{number}/comments")
        theirs = sorted((each for each in found if not self._is_ours(each)), key=lambda each: int(each["id"]))
        return tuple(
            Comment(
                id=each["id"],
                node=each["node_id"],
                author=_account(each["user"]),
                body=each["body"] or "",
                created_at=clocks.moment(each["created_at"]),
                url=each["html_url"],
                edited=each["updated_at"] != each["created_at"],
                reactions=frozenset(name for name, count in (each.get("reactions") or {}).items() if count),
            )
            for each in theirs
        )

    def edited(self, comments: tuple[Comment, ...]) -> frozenset[int]:
        """One GraphQL query for a hundred: `updated_at` alone does not show an edit within the first second."""
        found = {each.id for each in comments if each.edited}
        for first in range(0, len(comments), 100):
            ids = [each.node for each in comments[first : first + 100]]
            nodes = self._api.query(_EDITS, {"ids": ids})["nodes"]
            found.update(node["databaseId"] for node in nodes if node and node["lastEditedAt"])
        return frozenset(found)

    def pinned(self, repository: str, revision: str) -> Pinned | None:
        """Only of repositories on this GitHub. Unverified: that a job's token may read other public ones.

        If it may not, this answers None, and learners are told to hand in archives.
        """
        address = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", repository)
        if address is None:
            return None
        try:
            found = self._api.get(f"/repos/{address[1]}/commits/{quote(revision or 'HEAD', safe='')}")
        except (NotThere, SettingsInvalid):
            return None
        pushed_at = clocks.pushed_by_activity(self._api, address[1], found["sha"])
        return Pinned(commit=found["sha"], pushed_at=pushed_at)

    def role(self, login: str) -> str | None:
        """The role's name: `write`, `maintain`, `admin`, or one of the organisation's own."""
        try:
            answer = self._api.get(f"{self._root}/collaborators/{quote(login)}/permission")
        except (NotThere, CodeHostUnavailable):
            return None
        return str(answer["role_name"])

    def file(self, path: str, revision: str) -> bytes | None:
        """The content interface leaves out what is larger than 1 MB; such a file is read as a blob.

        Unverified: that a commit of a fork's pull request can be read by its name from this repository.
        """
        try:
            at = {"ref": revision} if revision else {}
            found = self._api.get(f"{self._root}/contents/{quote(path)}", **at)
            if not isinstance(found, dict) or found.get("type") != "file":
                return None
            if found["size"] > LARGEST_FILE:
                raise InputInvalid(f"{path} has {found['size']} bytes; at most {LARGEST_FILE} are read")
            if found["encoding"] == "none":
                found = self._api.get(f"{self._root}/git/blobs/{found['sha']}")
        except NotThere:
            return None
        return base64.b64decode(found["content"])

    def pushed_at(self, pull: PullRequest) -> datetime:
        """Activity of the branch, else the first run that carries the head, else now."""
        source, ref = pull.head_repository, f"refs/heads/{pull.head_ref}"
        by_activity = clocks.pushed_by_activity(self._api, source, pull.head, ref=ref) if source else None
        return by_activity or clocks.carried_by_run(self._api, self._repository, pull) or self.now()

    def readied_at(self, pull: PullRequest) -> datetime:
        """One request."""
        return clocks.made_ready(self._api, self._repository, pull)

    def react(self, comment: int, reaction: Reaction) -> None:
        """GitHub keeps one reaction of a kind per account, so repeating it is harmless."""
        try:
            self._api.post(f"{self._root}/issues/comments/{comment}/reactions", {"content": reaction.value})
        except NotThere:
            return

    def show_comment(self, number: int, comment: StickyComment) -> None:
        """Edit the oldest of ours, remove any younger; an older state never replaces a later one."""
        body = f"<!-- grader:sticky pr={number} seq={comment.seq} -->\n{comment.body}"
        ours = self._ours(number)
        if not ours:
            self._api.post_once(
                f"{self._root}/issues/{number}/comments",
                {"body": body},
                find=lambda: next(iter(self._ours(number)), None),
            )
            ours = self._ours(number)
        for younger in ours[1:]:
            self._remove(younger["id"])
        oldest = ours[0]
        if shown_seq(oldest["body"]) > comment.seq or oldest["body"] == body:
            return
        self._api.write("PATCH", f"{self._root}/issues/comments/{oldest['id']}", {"body": body})

    def update_check_run(self, check: CheckRun) -> bool:
        """GitHub adds the annotations of each request to those it has, so only the next ones are sent, 50 at a time.

        Unverified: that a completed check run goes back to "in progress" when it is asked to.
        """
        known = self._check_run(check)
        if known is None:
            return False
        shown = int(known["output"]["annotations_count"])
        while not _same_check(known, _check_body(check, after=shown)):
            self._api.write("PATCH", f"{self._root}/check-runs/{known['id']}", _check_body(check, after=shown))
            shown += MOST_ANNOTATIONS
            if shown >= len(check.annotations):
                break
        return True

    def make_check_run(self, check: CheckRun) -> None:
        """A reply that was lost is no reason to make another one."""
        names = {"name": CHECK_NAME, "head_sha": check.head, "external_id": check.external_id}
        self._api.post_once(
            f"{self._root}/check-runs", {**names, **_check_body(check, after=0)}, find=lambda: self._check_run(check)
        )

    def label(self, number: int, *, add: frozenset[str], remove: frozenset[str]) -> None:
        """Nothing is asked for that is not needed."""
        if add:
            self._api.post(f"{self._root}/issues/{number}/labels", {"labels": sorted(add)})
        for name in sorted(remove):
            try:
                self._api.write("DELETE", f"{self._root}/issues/{number}/labels/{quote(name, safe='')}")
            except NotThere:
                continue

    def start_grading(self, number: int) -> None:
        """Dispatch the grading workflow; of the events a job's token causes only this kind starts one."""
        self._branch = self._branch or str(self._api.get(self._root)["default_branch"])
        path = f"{self._root}/actions/workflows/{self._grade_workflow}/dispatches"
        self._api.post(path, {"ref": self._branch, "inputs": {"pr": str(number)}})

    def keep_file(self, path: str, content: bytes, message: str) -> None:
        """Compare, write, and compare again when somebody else wrote in between."""
        for _ in range(3):
            known = self._stored(path)
            if known and base64.b64decode(known["content"]) == content:
                return
            body = {"message": message, "content": base64.b64encode(content).decode()}
            try:
                self._api.write("PUT", f"{self._root}/contents/{quote(path)}", body | _replacing(known))
            except Conflict:
                continue
            return
        raise CodeHostUnavailable(f"{path} is being written by others; the next run tries again")

    def _check_run(self, check: CheckRun) -> Any:  # noqa: ANN401 - JSON
        query = {"check_name": CHECK_NAME, "filter": "all", "per_page": 100}
        found = self._api.get(f"{self._root}/commits/{check.head}/check-runs", **query)["check_runs"]
        ours = [each for each in found if each["external_id"] == check.external_id]
        return min(ours, key=lambda each: int(each["id"]), default=None)

    def _stored(self, path: str) -> Any:  # noqa: ANN401 - JSON
        try:
            return self._api.get(f"{self._root}/contents/{quote(path)}")
        except NotThere:
            return None

    def _is_ours(self, comment: Any) -> bool:  # noqa: ANN401 - JSON
        return bool(comment["user"] and comment["user"]["login"] == self._bot and comment["user"]["type"] == "Bot")

    def _ours(self, number: int) -> list[Any]:
        """Our sticky comments, oldest first."""
        found = self._api.pages(f"{self._root}/issues/{number}/comments")
        ours = [each for each in found if self._is_ours(each) and _MARKER.match(each["body"] or "")]
        return sorted(ours, key=lambda each: int(each["id"]))

    def _remove(self, comment: int) -> None:
        try:
            self._api.write("DELETE", f"{self._root}/issues/comments/{comment}")
        except NotThere:
            return


def shown_seq(body: str) -> int:
    """The ledger's length that a sticky comment shows; 0 when it has no marker."""
    marker = _MARKER.match(body)
    return int(marker[2]) if marker else 0


def _account(user: Any) -> Account:  # noqa: ANN401 - JSON
    """A deleted account is `ghost`, who may do nothing."""
    if not user:
        return Account(id=0, login="ghost", is_person=False)
    return Account(id=user["id"], login=user["login"], is_person=user["type"] == "User")


def _check_body(check: CheckRun, *, after: int) -> dict[str, Any]:
    """The request's body, with the annotations that follow on the `after` ones that are known."""
    output: dict[str, Any] = {"title": check.title, "summary": check.summary}
    if check.text:
        output["text"] = check.text
    if left := check.annotations[after : after + MOST_ANNOTATIONS]:
        output["annotations"] = [
            {
                "path": each.path,
                "start_line": each.first_line,
                "end_line": each.last_line,
                "annotation_level": each.level.value,
                "title": each.title,
                "message": each.message,
            }
            for each in left
        ]
    if check.conclusion is None:
        return {"status": "in_progress", "output": output}
    return {"status": "completed", "conclusion": check.conclusion.value, "output": output}


def _same_check(known: Any, body: dict[str, Any]) -> bool:  # noqa: ANN401 - JSON
    shown = known["output"]
    parts = ("title", "summary", "text")
    same_text = all((shown.get(part) or "") == (body["output"].get(part) or "") for part in parts)
    same_state = (known["status"], known["conclusion"]) == (body["status"], body.get("conclusion"))
    return same_text and same_state and "annotations" not in body["output"]


def _replacing(known: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    return {"sha": known["sha"]} if known else {}
