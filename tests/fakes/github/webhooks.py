"""Webhook payloads as GitHub sends them to a workflow, checked against its published description."""

import copy
import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.fakes.github.world import REACTIONS, SLICE, Json, World


@cache
def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SLICE / "webhooks.json").read_bytes())
    return found


def problems(name: str, payload: Json) -> list[str]:
    """What is wrong with a payload, by GitHub's own schema (`issue-comment-created`)."""
    root = {**_schemas()["schemas"][name], "components": _schemas()["components"]}
    return [f"{'/'.join(map(str, e.path))}: {e.message[:120]}" for e in Draft202012Validator(root).iter_errors(payload)]


def issue_comment(world: World, repository: str, number: int, comment: Json, action: str = "created") -> Json:
    """Somebody wrote, changed or deleted a comment in a pull request."""
    pull = world.repository(repository).issues[number]
    issue = copy.deepcopy(world.examples["issue"])
    for key in ("number", "user", "state", "body", "title", "created_at"):
        issue[key] = pull[key]
    issue.update(labels=[], assignee=None, assignees=[], pull_request={"url": pull["url"], "merged_at": None})
    for key in ("milestone", "closed_by"):
        issue[key] = None
    none = {"url": comment["url"], "total_count": 0, **dict.fromkeys(REACTIONS, 0)}
    payload = {
        "action": action,
        "issue": {
            **issue,
            "reactions": none,
            "author_association": "NONE",
            "locked": False,
            "active_lock_reason": None,
        },
        "comment": {**comment, "reactions": none, "performed_via_github_app": None},
        "repository": _repository(world, repository),
        "sender": comment["user"],
    }
    if action == "edited":
        payload["changes"] = {"body": {"from": "before"}}
    return payload


def pull_request(world: World, repository: str, number: int, action: str) -> Json:
    """A pull request was opened, pushed to, or marked as ready."""
    pull = copy.deepcopy(world.repository(repository).issues[number])
    payload = {
        "action": action,
        "number": number,
        "pull_request": pull,
        "repository": _repository(world, repository),
        "sender": pull["user"],
    }
    if action == "synchronize":
        payload.update(before="0" * 40, after=pull["head"]["sha"])
    return payload


def _repository(world: World, name: str) -> Json:
    return world.repository_object(name)
