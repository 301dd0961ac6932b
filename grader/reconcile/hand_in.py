"""The pull request's files -> a draft that is kept at each push, and the one submission of an attempt.

Read through the API at the head's own name, as data; nothing of it is checked out.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from grader.domain import attempt_commands as do
from grader.domain.attempt import OPEN, Attempt
from grader.domain.conversation import Pinned
from grader.domain.conversation_events import HeadKept
from grader.domain.instant import to_datetime
from grader.domain.ledger import canonical
from grader.domain.twin import SubmissionMode
from grader.errors import InputInvalid
from grader.intake.manifest import Manifest, Trust, read_manifest
from grader.reconcile.scene import Scene
from grader.reconcile.words import told

MANIFEST: Final = re.compile(r"submissions/[^/]+/submission\.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a pull request holds at its head: the manifest as bytes and read, and the archive it names (else empty)."""

    path: str
    raw: bytes
    manifest: Manifest
    archive: bytes
    pinned: Pinned | None


def read_bundle(scene: Scene) -> Bundle:
    """The one submission that the pull request touches; raises InputInvalid with the line that mends it."""
    host, pull = scene.desk.host, scene.pull
    paths = [path for path in host.changed_files(pull.number) if MANIFEST.fullmatch(path)]
    if len(paths) != 1:
        found = "none" if not paths else f"{len(paths)} of them"
        raise InputInvalid(
            f"this pull request should change one submissions/<name>/submission.toml; it changes {found}"
        )
    raw = host.file(paths[0], pull.head)
    if raw is None:
        raise InputInvalid(f"{paths[0]} is not in {pull.head[:10]}")
    manifest = read_manifest(raw, where=paths[0], trust=Trust.STRANGER)
    if manifest.case != scene.course.case:
        raise InputInvalid(f"{paths[0]}: case: this course is about {scene.course.case!r}, not {manifest.case!r}")
    match manifest.mode:
        case SubmissionMode.REPO_URL:
            pinned = _pinned(scene, paths[0], manifest)
            return Bundle(path=paths[0], raw=raw, manifest=manifest, archive=b"", pinned=pinned)
        case SubmissionMode.FILE_UPLOAD:
            archive = _archive(scene, paths[0], manifest)
            return Bundle(path=paths[0], raw=raw, manifest=manifest, archive=archive, pinned=None)


def _pinned(scene: Scene, path: str, manifest: Manifest) -> Pinned:
    """The commit that is handed in. What has no name of its own could be changed after it was handed in."""
    pinned = scene.desk.host.pinned(manifest.source, manifest.fix)
    if pinned is None:
        what = f"no revision {manifest.fix!r}" if manifest.fix else "no commit"
        raise InputInvalid(
            f"{path}: repo_url: GitHub shows {what} at {manifest.source}. Push it to a public repository on "
            'github.com, or hand in an archive (`mode = "file_upload"`)'
        )
    return pinned


def keep_draft(scene: Scene, attempt: Attempt, bundle: Bundle) -> None:
    """Save what is there now, if it is not what was saved last; the twin may hand in the last save at the deadline.

    It counts from when all of it had arrived. A commit whose push GitHub does not tell has arrived by now.
    """
    if attempt.phase not in OPEN:
        return
    handed, draft = _handed(scene, bundle), attempt.draft
    if draft and (draft.content, draft.commit) == (handed.content, handed.commit):
        return
    times = [scene.desk.host.pushed_at(scene.pull), to_datetime(attempt.started.opened_at)]
    if bundle.pinned:
        times.append(bundle.pinned.pushed_at or scene.now)
    at, key = max(times), f"save:{attempt.saves + 1}:{scene.pull.head}"
    outcome = scene.do(attempt.id, do.Save(handed=handed), by=scene.as_learner, at=at, key=key)
    if outcome.refusal is None:
        scene.note(HeadKept(attempt=attempt.id, head=scene.pull.head, content=handed.content), at=at)


def hand_in(scene: Scene, attempt: Attempt, *, asked_at: datetime, key: str) -> tuple[bool, str]:
    """Submit the head. It was received when it was asked for and everything it stands for had arrived."""
    if attempt.phase not in OPEN:
        return False, "there is nothing to hand in now: " + _standing(attempt)
    try:
        bundle = read_bundle(scene)
    except InputInvalid as error:
        return False, str(error)
    times = [asked_at, scene.desk.host.pushed_at(scene.pull)]
    if bundle.pinned and bundle.pinned.pushed_at:
        times.append(bundle.pinned.pushed_at)
    at = max(times)
    handed = _handed(scene, bundle)
    outcome = scene.do(attempt.id, _submit(scene, attempt, bundle, handed), by=scene.as_learner, at=at, key=key)
    if outcome.refusal:
        return False, told(outcome.refusal)
    scene.note(HeadKept(attempt=attempt.id, head=scene.pull.head, content=handed.content), at=at)
    return True, f"handed in {scene.pull.head[:10]}"


@dataclass(slots=True)
class Readiness:
    """Marking a draft as ready after the start hands it in, at that time and before any comment that came later.

    GitHub is asked at most once a run, and only when it matters; each head is tried once for each forced self-check.
    """

    scene: Scene
    _readied_at: datetime | None = None

    def hand_in(self, *, before: datetime) -> str:
        """Hand in what was made ready before `before`, if anything was; why that was refused, if it was."""
        attempt, pull = self.scene.attempt, self.scene.pull
        if attempt is None or attempt.phase not in OPEN or pull.draft or not pull.open:
            return ""
        self._readied_at = self._readied_at or self.scene.desk.host.readied_at(pull)
        if not to_datetime(attempt.started.opened_at) < self._readied_at <= before:
            return ""
        key = f"ready:{pull.head}:{','.join(sorted(attempt.forces))}"
        done, words = hand_in(self.scene, attempt, asked_at=self._readied_at, key=key)
        return "" if done else words


def _handed(scene: Scene, bundle: Bundle) -> do.Handed:
    """The bundle put aside. Its digest covers the head's manifest and archive, so equal content is equal work."""
    keep = scene.notebook.keep
    parts = {"manifest": keep(bundle.raw), "archive": keep(bundle.archive) if bundle.archive else ""}
    content = keep(canonical({**parts, "path": bundle.path, "head": scene.pull.head}).encode())
    return do.Handed(
        mode=bundle.manifest.mode.value,
        content=content,
        commit=bundle.pinned.commit if bundle.pinned else "",
        answers={each.id: each.answer for each in bundle.manifest.self_checks if each.answer is not None},
    )


def _submit(scene: Scene, attempt: Attempt, bundle: Bundle, handed: do.Handed) -> do.Submit:
    """Reasons in the manifest force a check just as `/force` does; only critical ones need it."""
    forces = [
        do.Force(check=each.id, reason=scene.notebook.keep(each.reason.encode()))
        for each in bundle.manifest.self_checks
        if each.forced and each.id in attempt.terms.critical
    ]
    return do.Submit(handed=handed, forces=tuple(forces))


def _standing(attempt: Attempt) -> str:
    if attempt.submission is None:
        return "the attempt expired with nothing handed in"
    return "the one submission of this attempt was taken"


def _archive(scene: Scene, path: str, manifest: Manifest) -> bytes:
    beside = f"{path.rpartition('/')[0]}/{manifest.source}"
    found = scene.desk.host.file(beside, scene.pull.head)
    if found is None:
        raise InputInvalid(f"{path}: archive: there is no {manifest.source!r} beside it")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A bundle as it was put aside."""

    head: str
    path: str
    manifest: bytes
    archive: bytes


def kept(scene: Scene, content: str) -> Kept:
    """The bundle of that digest; raises KeyError when it was never kept."""
    raw = scene.notebook.get(content)
    if raw is None:
        raise KeyError(content)
    parts = json.loads(raw)
    return Kept(
        head=parts["head"],
        path=parts["path"],
        manifest=scene.notebook.get(parts["manifest"]) or b"",
        archive=(scene.notebook.get(parts["archive"]) or b"") if parts["archive"] else b"",
    )
