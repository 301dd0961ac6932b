"""The REST operations of the fake: one function each, over the world."""

import base64
import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.github.world import BOT, Json, Refusal, World, iso


@dataclass
class Call:
    """One request, already authenticated; `words` are the parts of the path that the route names."""

    world: World
    repository: str
    words: tuple[str, ...]
    query: Mapping[str, str]
    body: Json


Answer = tuple[int, Any]
Route = Callable[[Call], Answer]
ROUTES: list[tuple[str, re.Pattern[str], str, Route]] = []
"""Method, path, what the token must be allowed (`checks:write`), function."""


def route(method: str, path: str, needs: str = "") -> Callable[[Route], Route]:
    pattern = re.compile(r"/repos/([^/]+/[^/]+)" + path)

    def register(function: Route) -> Route:
        ROUTES.append((method, pattern, needs, function))
        return function

    return register


class Page(list[Any]):
    """A list that the server cuts into pages."""


@route("GET", "")
def repository(call: Call) -> Answer:
    return 200, call.world.repository_object(call.repository)


@route("GET", r"/pulls/(\d+)", "pull-requests:read")
def pull(call: Call) -> Answer:
    found = _pull(call)
    labels = sorted(call.world.repository(call.repository).labels[found["number"]])
    return 200, {**found, "labels": [_label(call, name) for name in labels]}


@route("GET", r"/pulls/(\d+)/files", "pull-requests:read")
def changed_files(call: Call) -> Answer:
    example = call.world.examples["diff-entry-items"][0]
    paths = call.world.repository(call.repository).changed[_pull(call)["number"]]
    return 200, Page({**example, "filename": path} for path in paths)


@route("GET", "/issues", "pull-requests:read")
def issues(call: Call) -> Answer:
    repo = call.world.repository(call.repository)
    wanted = set(filter(None, call.query.get("labels", "").split(",")))
    state = call.query.get("state", "open")
    numbers = [n for n, p in sorted(repo.issues.items()) if wanted <= repo.labels[n] and state in ("all", p["state"])]
    return 200, Page(_issue(call, number) for number in numbers)


@route("GET", r"/issues/(\d+)/comments", "pull-requests:read")
def comments(call: Call) -> Answer:
    found = call.world.comments_of(call.repository, _pull(call)["number"])
    return 200, Page({**each, "reactions": _reactions(call, each)} for each in found)


@route("POST", r"/issues/(\d+)/comments", "pull-requests:write")
def create_comment(call: Call) -> Answer:
    return 201, call.world.comment(call.repository, int(call.words[0]), BOT, call.body["body"])


@route("GET", r"/issues/comments/(\d+)", "pull-requests:read")
def comment(call: Call) -> Answer:
    return 200, call.world.stored_comment(call.repository, int(call.words[0]))


@route("PATCH", r"/issues/comments/(\d+)", "pull-requests:write")
def edit_comment(call: Call) -> Answer:
    return 200, call.world.edit(call.repository, int(call.words[0]), call.body["body"], by=BOT)


@route("DELETE", r"/issues/comments/(\d+)", "pull-requests:write")
def delete_comment(call: Call) -> Answer:
    call.world.delete(call.repository, int(call.words[0]))
    return 204, None


@route("POST", r"/issues/comments/(\d+)/reactions", "pull-requests:write")
def react(call: Call) -> Answer:
    """The same reaction of the same account again answers 200 and changes nothing."""
    number, content = int(call.words[0]), call.body["content"]
    call.world.stored_comment(call.repository, number)
    reactions = call.world.repository(call.repository).reactions
    known = next((i for c, what, i in reactions if (c, what) == (number, content)), None)
    reaction = copy.deepcopy(call.world.examples["reaction"])
    reaction.update(id=known or call.world.next_id(), content=content, user=call.world.user(BOT))
    if known is None:
        reactions.append((number, content, reaction["id"]))
    return (201 if known is None else 200), reaction


@route("POST", r"/issues/(\d+)/labels", "pull-requests:write")
def add_labels(call: Call) -> Answer:
    labels = call.world.repository(call.repository).labels[_pull(call)["number"]]
    labels.update(call.body["labels"])
    return 200, [_label(call, name) for name in sorted(labels)]


@route("DELETE", r"/issues/(\d+)/labels/(.+)", "pull-requests:write")
def remove_label(call: Call) -> Answer:
    labels = call.world.repository(call.repository).labels[_pull(call)["number"]]
    if call.words[1] not in labels:
        raise Refusal(404, "Label does not exist")
    labels.remove(call.words[1])
    return 200, [_label(call, name) for name in sorted(labels)]


@route("GET", r"/issues/(\d+)/timeline", "pull-requests:read")
def timeline(call: Call) -> Answer:
    return 200, Page(call.world.repository(call.repository).timeline[_pull(call)["number"]])


@route("GET", r"/collaborators/([^/]+)/permission")
def permission(call: Call) -> Answer:
    login = call.words[0]
    if login not in call.world.users:
        raise Refusal(404, "Not Found")
    role = call.world.repository(call.repository).roles.get(login, "read")
    name = "repository-collaborator-permission-response-if-user-has-admin-permissions"
    answer = copy.deepcopy(call.world.examples[name])
    answer.update(permission={"maintain": "write", "triage": "read"}.get(role, role), role_name=role)
    answer["user"].update(login=login, id=call.world.users[login]["id"], role_name=role)
    return 200, answer


@route("GET", r"/commits/([^/]+)/check-runs", "checks:read")
def check_runs(call: Call) -> Answer:
    every = call.world.repository(call.repository).checks.values()
    name = call.query.get("check_name")
    found = [c for c in every if c["head_sha"] == call.words[0] and name in (None, c["name"])]
    return 200, {"total_count": len(found), "check_runs": found}


@route("GET", r"/commits/(.+)", "contents:read")
def resolved_commit(call: Call) -> Answer:
    """A repository whose only revision is "" has no commit yet."""
    named = {revision: sha for (name, revision), sha in call.world.revisions.items() if name == call.repository}
    if not named:
        raise Refusal(404, "Not Found")
    if not any(named.values()):
        raise Refusal(409, "Git Repository is empty.")
    if call.words[0] not in named:
        raise Refusal(422, f"No commit found for SHA: {call.words[0]}")
    sha = named[call.words[0]]
    example = copy.deepcopy(call.world.examples["commit"])
    example.update(sha=sha)
    for file in example["files"]:  # the official example leaves out what the official schema requires
        file.update(sha="f" * 40, contents_url=f"{call.world.base}/x")
    return 200, example


@route("POST", "/check-runs", "checks:write")
def create_check_run(call: Call) -> Answer:
    check = copy.deepcopy(call.world.examples["check-run"])
    check.update(id=call.world.next_id(), pull_requests=[])
    check["url"] = f"{call.world.base}/repos/{call.repository}/check-runs/{check['id']}"
    call.world.repository(call.repository).checks[check["id"]] = _fill_check(call, check)
    return 201, check


@route("PATCH", r"/check-runs/(\d+)", "checks:write")
def edit_check_run(call: Call) -> Answer:
    checks = call.world.repository(call.repository).checks
    if int(call.words[0]) not in checks:
        raise Refusal(404, "Not Found")
    return 200, _fill_check(call, checks[int(call.words[0])])


@route("GET", "/activity", "contents:read")
def activity(call: Call) -> Answer:
    wanted = call.query.get("ref")
    entries = call.world.repository(call.repository).activity
    return 200, Page(entry for entry in entries if wanted in (None, entry["ref"]))


@route("GET", "/contents/(.+)", "contents:read")
def content(call: Call) -> Answer:
    revision = call.query.get("ref", "main")
    found = call.world.repository(call.repository).files.get((revision, call.words[0]))
    if found is None:
        raise Refusal(404, "Not Found")
    example = copy.deepcopy(call.world.examples["content-file-response-if-content-is-a-file"])
    too_big = len(found) > 1_000_000  # GitHub leaves the content of larger files out
    example.update(
        path=call.words[0], name=call.words[0].rpartition("/")[2], size=len(found),
        encoding="none" if too_big else "base64", content="" if too_big else base64.encodebytes(found).decode(),
        sha=call.world.store_blob(call.repository, found),
    )  # fmt: skip
    return 200, example


@route("PUT", "/contents/(.+)", "contents:write")
def put_content(call: Call) -> Answer:
    """Needs the blob's name when the file exists, as the real one does."""
    files = call.world.repository(call.repository).files
    key = (call.body.get("branch", "main"), call.words[0])
    data = base64.b64decode(call.body["content"])
    if key in files and call.body.get("sha") != call.world.store_blob(call.repository, files[key]):
        raise Refusal(409, f"{call.words[0]} does not match {call.body.get('sha')}")
    status = 200 if key in files else 201
    files[key] = data
    example = copy.deepcopy(call.world.examples["file-commit"])
    return status, example


@route("POST", "/git/blobs", "contents:write")
def create_blob(call: Call) -> Answer:
    raw = call.body["content"]
    data = base64.b64decode(raw) if call.body.get("encoding") == "base64" else raw.encode()
    sha = call.world.store_blob(call.repository, data)
    return 201, {"sha": sha, "url": f"{call.world.base}/repos/{call.repository}/git/blobs/{sha}"}


@route("GET", "/git/blobs/([0-9a-f]{40})", "contents:read")
def blob(call: Call) -> Answer:
    sha = call.words[0]
    data = _found(call.world.repository(call.repository).blobs, sha)
    return 200, {
        "sha": sha, "node_id": "B_x", "size": len(data), "encoding": "base64",
        "url": f"{call.world.base}/repos/{call.repository}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
    }  # fmt: skip


@route("POST", "/git/trees", "contents:write")
def create_tree(call: Call) -> Answer:
    entries = {}
    for entry in call.body["tree"]:
        sha = entry.get("sha") or call.world.store_blob(call.repository, entry["content"].encode())
        _found(call.world.repository(call.repository).blobs, sha)
        entries[entry["path"]] = sha
    sha = call.world.store_tree(call.repository, call.body.get("base_tree"), entries)
    return 201, _tree(call, sha)


@route("GET", "/git/trees/([0-9a-f]{40})", "contents:read")
def tree(call: Call) -> Answer:
    return 200, _tree(call, call.words[0])


@route("POST", "/git/commits", "contents:write")
def create_commit(call: Call) -> Answer:
    _found(call.world.repository(call.repository).trees, call.body["tree"])
    parents = call.body.get("parents", [])
    sha = call.world.store_commit(call.repository, call.body["tree"], parents, call.body["message"])
    return 201, _commit(call, sha)


@route("GET", "/git/commits/([0-9a-f]{40})", "contents:read")
def commit(call: Call) -> Answer:
    return 200, _commit(call, call.words[0])


@route("GET", "/git/ref/(.+)", "contents:read")
def ref(call: Call) -> Answer:
    name = "refs/" + call.words[0]
    _found(call.world.repository(call.repository).refs, name)
    return 200, _ref(call, name)


@route("POST", "/git/refs", "contents:write")
def create_ref(call: Call) -> Answer:
    refs, name = call.world.repository(call.repository).refs, call.body["ref"]
    if name in refs:
        raise Refusal(422, "Reference already exists")
    _found(call.world.repository(call.repository).commits, call.body["sha"])
    refs[name] = call.body["sha"]
    return 201, _ref(call, name)


@route("PATCH", "/git/refs/(.+)", "contents:write")
def move_ref(call: Call) -> Answer:
    """Only forward, unless forced: this is what makes a ref a compare-and-swap cell."""
    refs, name, new = call.world.repository(call.repository).refs, "refs/" + call.words[0], call.body["sha"]
    if name not in refs:
        raise Refusal(422, "Reference does not exist")
    if not call.body.get("force") and refs[name] not in call.world.ancestors(call.repository, new):
        raise Refusal(422, "Update is not a fast forward")
    refs[name] = new
    return 200, _ref(call, name)


@route("GET", "/actions/runs", "actions:read")
def workflow_runs(call: Call) -> Answer:
    wanted = call.query.get("head_sha")
    found = [run for run in call.world.runs.values() if wanted in (None, run["head_sha"])]
    return 200, {"total_count": len(found), "workflow_runs": found}


@route("POST", "/actions/workflows/([^/]+)/dispatches", "actions:write")
def dispatch(call: Call) -> Answer:
    call.world.repository(call.repository).dispatched.append((call.words[0], call.body))
    return 204, None


def _reactions(call: Call, comment: Json) -> Json:
    given = call.world.reactions_to(call.repository, comment["id"])
    return {"url": f"{comment['url']}/reactions", "total_count": sum(given.values()), **given}


def _pull(call: Call) -> Json:
    return _found(call.world.repository(call.repository).issues, int(call.words[0]))


def _found(table: Mapping[Any, Any], key: Any) -> Any:
    if key not in table:
        raise Refusal(404, "Not Found")
    return table[key]


def _label(call: Call, name: str) -> Json:
    url = f"{call.world.base}/repos/{call.repository}/labels/{name}"
    return {"id": 1, "node_id": "L", "url": url, "name": name, "description": None, "color": "ededed", "default": False}


def _issue(call: Call, number: int) -> Json:
    found = call.world.repository(call.repository).issues[number]
    issue = copy.deepcopy(call.world.examples["issue"])
    urls = {key: found[key] for key in ("url", "html_url", "diff_url", "patch_url")}
    labels = [_label(call, name) for name in sorted(call.world.repository(call.repository).labels[number])]
    for key in ("number", "user", "state", "body", "title", "created_at"):
        issue[key] = found[key]
    issue.update(labels=labels, pull_request=urls)
    return issue


def _fill_check(call: Call, check: Json) -> Json:
    """Annotations are added to those that are there, as on GitHub."""
    body = call.body
    keys = ("name", "head_sha", "status", "conclusion", "external_id", "details_url")
    check.update({key: body[key] for key in keys if key in body})
    if body.get("conclusion"):
        check.update(status="completed", completed_at=iso(call.world.now))
    if check["status"] != "completed":
        check.update(conclusion=None, completed_at=None)
    check["started_at"] = iso(call.world.now)
    if "output" in body:
        _fill_output(body["output"], check["output"], fresh="name" in body)
    return check


def _fill_output(given: Json, output: Json, *, fresh: bool) -> None:
    for key, limit in (("title", 255), ("summary", 65_535), ("text", 65_535)):
        if len(given.get(key) or "") > limit:
            raise Refusal(422, f"{key} is too long")
        output[key] = given.get(key)
    annotations = given.get("annotations", [])
    if len(annotations) > 50:
        raise Refusal(422, "at most 50 annotations in one request")
    output["annotations_count"] = len(annotations) + (0 if fresh else output["annotations_count"])


def _tree(call: Call, sha: str) -> Json:
    base = f"{call.world.base}/repos/{call.repository}/git"
    repo = call.world.repository(call.repository)
    blob = {"mode": "100644", "type": "blob"}
    entries = [
        {**blob, "path": path, "sha": name, "size": len(repo.blobs[name]), "url": f"{base}/blobs/{name}"}
        for path, name in sorted(_found(repo.trees, sha).items())
    ]
    return {"sha": sha, "url": f"{base}/trees/{sha}", "truncated": False, "tree": entries}


def _commit(call: Call, sha: str) -> Json:
    fields = _found(call.world.repository(call.repository).commits, sha)
    url = f"{call.world.base}/repos/{call.repository}/git/commits/{sha}"
    who = {"name": BOT, "email": "bot@users.noreply.github.com", "date": fields["date"]}
    answer = copy.deepcopy(call.world.examples["git-commit"])
    answer.update(sha=sha, url=url, author=who, committer=who, message=fields["message"])
    answer["tree"] = {"sha": fields["tree"], "url": url}
    answer["parents"] = [{"sha": parent, "url": url, "html_url": url} for parent in fields["parents"]]
    answer["verification"].update(verified=True, reason="valid", verified_at=fields["date"])
    return answer


def _ref(call: Call, name: str) -> Json:
    sha = call.world.repository(call.repository).refs[name]
    base = f"{call.world.base}/repos/{call.repository}/git"
    commit = {"type": "commit", "sha": sha, "url": f"{base}/commits/{sha}"}
    return {"ref": name, "node_id": "REF_x", "url": f"{base}/{name}", "object": commit}
