"""Shelves on Git refs: each version is a commit, and a ref that only moves forward is the compare-and-swap.

Written through the Git data interface, so that GitHub signs every commit.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from grader.adapters.github_host.api import Conflict, GitHubApi, NotThere
from grader.domain.conversation import Shelf
from grader.errors import StreamMoved

PREFIX: Final = "refs/grader/"


def full_name(shelf: str) -> str:
    """The ref of a shelf. Unverified on github.com: refs outside `refs/heads/`."""
    return f"{PREFIX}{shelf}"


class GitShelves:
    """The `Shelves` port over one repository's refs."""

    def __init__(self, api: GitHubApi, repository: str) -> None:
        """One ref a shelf."""
        self._api = api
        self._git = f"/repos/{repository}/git"
        self._run = uuid4().hex
        self._known: dict[str, Any] = {}

    def load(self, name: str) -> Shelf:
        """Three requests; one when there is nothing yet, or nothing new."""
        try:
            ref = self._api.get(f"{self._git}/ref/{self._ref(name)}")
        except NotThere:
            return Shelf(name=name, version="", contents={})
        version = ref["object"]["sha"]
        tree = self._object("commits", version)["tree"]["sha"]
        return _shelf(name, version, self._object("trees", tree))

    def read(self, shelf: Shelf, path: str) -> bytes:
        """One request, once."""
        return base64.b64decode(self._object("blobs", shelf.contents[path])["content"])

    def replace(self, shelf: Shelf, files: Mapping[str, bytes], message: str) -> Shelf:
        """Two runs that write the same in the same second make two commits, because each names its run: one loses.

        A blob a file, a tree, a commit, and the ref moved forward; only the last can be refused.

        A reply that was lost after the ref had moved looks like a lost race: the caller decides again on what it then
        loads, which holds these files already.
        """
        entries = [{"path": path, "mode": "100644", "type": "blob", "sha": self._blob(files[path])} for path in files]
        tree = self._api.post(f"{self._git}/trees", {"tree": [*_kept(shelf, files), *entries]})
        parents = [shelf.version] if shelf.version else []
        commit = self._api.post(
            f"{self._git}/commits",
            {"message": f"{message}\n\nRun: {self._run}", "tree": tree["sha"], "parents": parents},
        )
        try:
            self._move(shelf, commit["sha"])
        except Conflict:
            raise StreamMoved(f"another run wrote to {shelf.name} first") from None
        return _shelf(shelf.name, commit["sha"], tree)

    def _object(self, kind: str, name: str) -> Any:  # noqa: ANN401 - JSON
        """A Git object's name is what it holds, so it is asked for once."""
        if name not in self._known:
            self._known[name] = self._api.get(f"{self._git}/{kind}/{name}")
        return self._known[name]

    def _blob(self, content: bytes) -> str:
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        return str(self._api.post(f"{self._git}/blobs", body)["sha"])

    def _move(self, shelf: Shelf, commit: str) -> None:
        if shelf.version:
            self._api.write("PATCH", f"{self._git}/refs/{self._ref(shelf.name)}", {"sha": commit, "force": False})
            return
        ref = full_name(shelf.name)

        def made_already() -> object:
            try:
                found = self._api.get(f"{self._git}/ref/{self._ref(shelf.name)}")
            except NotThere:
                return None
            if found["object"]["sha"] != commit:
                raise Conflict(ref)
            return found

        self._api.post_once(f"{self._git}/refs", {"ref": ref, "sha": commit}, find=made_already)

    def _ref(self, name: str) -> str:
        return full_name(name).removeprefix("refs/")


def _kept(shelf: Shelf, files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The other files of the shelf; named one by one, because a base tree would need one more request to know."""
    kept = {path: sha for path, sha in shelf.contents.items() if path not in files}
    return [{"path": path, "mode": "100644", "type": "blob", "sha": sha} for path, sha in kept.items()]


def _shelf(name: str, version: str, tree: Mapping[str, Any]) -> Shelf:
    return Shelf(name=name, version=version, contents={entry["path"]: entry["sha"] for entry in tree["tree"]})
