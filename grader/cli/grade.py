"""`grader grade`: a submission to a case -> pre-scores with their evidence, for people and for programs."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from grader import wiring
from grader.cli.grade_screen import show
from grader.cli.output import json_option, write_json
from grader.config import Settings
from grader.domain.case import CaseId
from grader.domain.mentor import MentorView
from grader.domain.record import Record
from grader.domain.timeline import Timeline
from grader.domain.twin import SubmissionMode, Twin
from grader.errors import InputInvalid
from grader.grade import GradeOrder, Tools, grade_for_mentor
from grader.intake.admission import AdmissionLimits
from grader.intake.archive import upload_cap
from grader.intake.manifest import MAX_BYTES as MAX_MANIFEST
from grader.intake.manifest import Manifest, Trust, read_manifest
from grader.intake.timeline import MAX_BYTES as MAX_TIMELINE
from grader.intake.timeline import read_timeline
from grader.report import exports
from grader.report.comment import comment
from grader.report.mentor_page import mentor_document, mentor_page
from grader.report.page import page
from grader.report.record_file import encode


@click.command("grade")
@click.option("--case", "case_id", required=True, metavar="CASE", help="The case; `grader case list` shows them.")
@click.option("--repo", metavar="URL|PATH", help="The learner's repository.")
@click.option("--base", metavar="REV", help="Where the learner started; only compared, the case pins the base.")
@click.option("--fix", metavar="REV", help="The commit to grade; default: the newest of the default branch.")
@click.option("--upload", metavar="FILE", help="A zip, tar or tar.gz instead of a repository.")
@click.option("--manifest", metavar="FILE", help="A submission.toml, which names one of the two.")
@click.option("--timeline", metavar="FILE", help="The server-timed events of the attempt (grader/timeline/1).")
@click.option("--received-at", metavar="TIME", help="When the server received it, as 2026-03-01T12:00:00Z.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Decides every random choice.")
@click.option("--fresh", is_flag=True, help="Remember nothing of earlier, equal runs.")
@click.option("--out", metavar="DIR", help="Where record.json, comment.md, report.html and the exports go.")
@click.option(
    "--mentor-out", metavar="DIR", help="For mentors only: mentor.html and mentor.json, with hidden questions."
)
@json_option
@click.pass_obj
def grade_command(
    settings: Settings,
    /,
    json_file: str | None,
    out: str | None,
    mentor_out: str | None,
    fresh: bool,
    **given: Any,  # noqa: ANN401
) -> int:
    """Grade one submission to a case: pre-scores that a mentor confirms.

    Exit status: 0 graded, 1 the submission is refused, 2 the call is wrong, 3 our fault (and never a score).
    """
    order = _order(**given)
    _keep_apart(out, mentor_out)
    console = Console(stderr=True)
    with console.status("starting") as status:
        graded = grade_for_mentor(order, tools(settings, fresh=fresh, tell=lambda doing: status.update(f"{doing} …")))
    record = graded.record
    twin = wiring.twins().get(record.twin)
    written = write_all(record, twin, Path(out)) if out is not None else ()
    if mentor_out is not None:
        write_for_mentor(graded.mentor, Path(mentor_out))
    if json_file is not None:
        write_json(encode(record), json_file)
    if json_file != "-":
        show(record, twin, written)
    return 0


def tools(settings: Settings, *, fresh: bool, tell: Callable[[str], None]) -> Tools:
    """The ports of the walk; `fresh` remembers nothing of earlier, equal runs."""
    return wiring.walk_tools(settings, cache=None if fresh else wiring.case_cache(settings), tell=tell)


def write_all(record: Record, twin: Twin, folder: Path) -> tuple[Path, ...]:
    """Every format into a folder; the page comes first. Raises InputInvalid when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            "report.html": page(record, twin),
            "comment.md": comment(record, twin),
            "junit.xml": exports.junit(record, twin),
            "scores.csv": exports.scores_csv(record, twin),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputInvalid(f"--out {folder}: {error.strerror}") from None
    write_json(encode(record), str(folder / "record.json"))
    write_json(exports.gradescope(record, twin), str(folder / "results.json"))
    return tuple(folder / name for name in (*texts, "record.json", "results.json"))


def write_for_mentor(view: MentorView, folder: Path) -> None:
    """The hidden side of a run, readable by its owner only. Raises InputInvalid when the folder cannot be written."""
    content = {"mentor.html": mentor_page(view), "mentor.json": json.dumps(mentor_document(view), indent=2) + "\n"}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in content.items():
            _write_private(folder / name, text)
    except OSError as error:
        raise InputInvalid(f"--mentor-out {folder}: {error.strerror}") from None


def _write_private(path: Path, text: str) -> None:
    """Nobody else may read it at any moment, whatever stood there before."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(0)
        file.write(text)


def _keep_apart(out: str | None, mentor_out: str | None) -> None:
    """What goes to `--out` is handed on to learners, often the whole folder."""
    if out is not None and mentor_out is not None:
        public, hidden = Path(out).resolve(), Path(mentor_out).resolve()
        if public == hidden or public in hidden.parents or hidden in public.parents:
            raise InputInvalid("--mentor-out must not lie in --out or hold it: learners get what is in --out")


def _order(case_id: str, seed: int, **given: Any) -> GradeOrder:  # noqa: ANN401 - one for each option
    manifest, archive = _handed_in(
        case_id, **{name: given[name] for name in ("repo", "base", "fix", "upload", "manifest")}
    )
    timeline, received_at = given["timeline"], given["received_at"]
    return GradeOrder(
        case=CaseId(case_id),
        manifest=manifest,
        archive=archive,
        timeline=timeline_from(Path(timeline)) if timeline is not None else None,
        received_at=_moment(received_at) if received_at is not None else None,
        seed=seed,
    )


def _handed_in(
    case_id: str, repo: str | None, base: str | None, fix: str | None, upload: str | None, manifest: str | None
) -> tuple[Manifest, bytes]:
    if sum(source is not None for source in (repo, upload, manifest)) != 1:
        raise InputInvalid("give exactly one of --repo, --upload and --manifest")
    if repo is None and (base is not None or fix is not None):
        raise InputInvalid("--base and --fix go with --repo only")
    if manifest is not None:
        found = manifest_from(Path(manifest))
        return found, _archive(found.source) if found.mode is SubmissionMode.FILE_UPLOAD else b""
    if upload is not None:
        return Manifest(case=case_id, mode=SubmissionMode.FILE_UPLOAD, source=upload), _archive(upload)
    mode = SubmissionMode.REPO_URL
    return Manifest(case=case_id, mode=mode, source=repo or "", fix=fix or "", base=base or ""), b""


def manifest_from(path: Path) -> Manifest:
    """A manifest of the operator's; a path in it is relative to the manifest's own folder."""
    manifest = read_manifest(_read(path, "--manifest", MAX_MANIFEST), where=str(path), trust=Trust.OPERATOR)
    if "://" in manifest.source:
        return manifest
    return replace(manifest, source=str(path.parent / manifest.source))


def timeline_from(path: Path) -> Timeline:
    """The events in a timeline file."""
    return read_timeline(_read(path, "--timeline", MAX_TIMELINE), where=str(path))


def _archive(path: str) -> bytes:
    return _read(Path(path), "--upload", upload_cap(AdmissionLimits()))


def _read(path: Path, option: str, most: int) -> bytes:
    """At most one byte more than is allowed: the parser says that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise InputInvalid(f"{option} {path}: {error.strerror}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputInvalid(f"--received-at {text}: not a time; write 2026-03-01T12:00:00Z") from None
    if moment.tzinfo is None:
        raise InputInvalid(f"--received-at {text}: needs a time zone, as in 2026-03-01T12:00:00Z")
    return moment.astimezone(UTC)
