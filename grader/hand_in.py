"""WALK: what a learner names (a repository, an archive) -> frozen: one commit, one tree, kept by its digest.

A repository can move on or vanish after the deadline; what is graded is what was kept here.
"""

import json
from dataclasses import dataclass

from grader.domain.attempt import Submission
from grader.domain.attempt_commands import Force, Handed
from grader.domain.instant import Instant
from grader.domain.ledger import canonical
from grader.domain.timeline import Timeline
from grader.domain.twin import SubmissionMode, TwinId
from grader.errors import InputInvalid
from grader.intake.archive import read_archive
from grader.intake.manifest import Manifest
from grader.ports import Contents, Repos

SCHEMA = "grader/handed-in/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What was kept: where it came from, the exact commit (empty for an archive) and the digest of its tar."""

    mode: SubmissionMode
    case: str
    source: str
    commit: str
    base: str
    diagnosis: str
    postmortem: str
    tar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingOrder:
    """All that the grading walk needs of an attempt: what was handed in and when, and what was said meanwhile."""

    handed: HandedIn
    submission: Submission
    deadline: Instant
    twin: TwinId
    timeline: Timeline


def freeze(manifest: Manifest, archive: bytes | None, repos: Repos, contents: Contents) -> Handed:
    """Fetch or read the tree now and keep it; raises what intake and the `Repos` port raise."""
    match manifest.mode:
        case SubmissionMode.REPO_URL:
            with repos.open(manifest.source) as repository:
                commit = str(repository.commit(manifest.fix or "HEAD"))
                base = str(repository.commit(manifest.base)) if manifest.base else ""
                tree = repository.tree(repository.commit(commit))
        case SubmissionMode.FILE_UPLOAD:
            if archive is None:
                raise InputInvalid("an upload needs its archive")
            commit, base, tree = "", "", read_archive(archive)
    document = {
        "schema": SCHEMA,
        "mode": manifest.mode.value,
        "case": manifest.case,
        "source": manifest.source,
        "commit": commit,
        "base": base,
        "diagnosis": manifest.diagnosis,
        "postmortem": manifest.postmortem,
        "tar": contents.keep(tree.to_tar()),
    }
    answers = {check.id: check.answer for check in manifest.self_checks if check.answer is not None}
    content = contents.keep(canonical(document).encode())
    return Handed(mode=manifest.mode.value, content=content, commit=commit, answers=answers)


def forces(manifest: Manifest, contents: Contents) -> tuple[Force, ...]:
    """The self-checks that the manifest forces, with the digest of each reason."""
    forced = [check for check in manifest.self_checks if check.forced]
    return tuple(Force(check=c.id, reason=contents.keep(c.reason.encode()) if c.reason else "") for c in forced)


def look_up(contents: Contents, content: str) -> HandedIn:
    """What was handed in, by the digest in the ledger; raises InputInvalid when it was erased."""
    kept = contents.get(content)
    if kept is None:
        raise InputInvalid(f"what was handed in ({content[:12]}) was erased; there is nothing left to grade")
    document = json.loads(kept)
    document.pop("schema")
    return HandedIn(**{**document, "mode": SubmissionMode(document["mode"])})
