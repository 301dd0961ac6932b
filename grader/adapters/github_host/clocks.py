"""Server times from GitHub, one function per source. A date that Git or a person wrote is never asked.

What could not be tried against github.com is marked "unverified"; nothing but the function that says so depends on it.
"""

from datetime import UTC, datetime
from typing import Final

from grader.adapters.github_host.api import GitHubApi, NotThere
from grader.domain.conversation import PullRequest
from grader.errors import SettingsInvalid

READY_EVENTS: Final = frozenset({"ready_for_review", "reopened"})


def moment(text: str) -> datetime:
    """A time of the API, `2026-11-23T09:00:00Z`, whole seconds."""
    return datetime.fromisoformat(text).astimezone(UTC)


def now(api: GitHubApi) -> datetime:
    """The `Date` header of the latest answer: the "now" of a run, instead of the runner's clock."""
    return api.now


def pushed_by_activity(api: GitHubApi, repository: str, commit: str, *, ref: str = "") -> datetime | None:
    """The first push that made `commit` the tip of a branch (of `ref`, if given); None when activity does not tell.

    A commit that came in the middle of a push is no tip and not found. Deleting and making a repository anew can only
    make the time later. Unverified: how long GitHub keeps activity, and whether a job's token may read it elsewhere.
    """
    query = {"ref": ref} if ref else {}
    try:
        pushes = [each for each in api.pages(f"/repos/{repository}/activity", **query) if each["after"] == commit]
    except (NotThere, SettingsInvalid):
        return None
    return min((moment(each["timestamp"]) for each in pushes), default=None)


def carried_by_run(api: GitHubApi, repository: str, pull: PullRequest) -> datetime | None:
    """When the first workflow run that carries the head was created: an upper bound of its push, kept by re-runs.

    Unverified: that runs of `pull_request_target` are listed under the head of the pull request.
    """
    try:
        runs = api.get(f"/repos/{repository}/actions/runs", head_sha=pull.head, per_page=100)["workflow_runs"]
    except (NotThere, SettingsInvalid):
        return None
    return min((moment(run["created_at"]) for run in runs if run["head_sha"] == pull.head), default=None)


def made_ready(api: GitHubApi, repository: str, pull: PullRequest) -> datetime:
    """When the pull request was last opened, reopened or marked as ready, from its timeline.

    `committed` entries of the timeline carry Git dates and are not looked at.
    """
    events = api.pages(f"/repos/{repository}/issues/{pull.number}/timeline")
    times = [moment(event["created_at"]) for event in events if event.get("event") in READY_EVENTS]
    return max([pull.created_at, *times])
