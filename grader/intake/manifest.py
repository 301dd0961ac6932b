"""`submission.toml` (`grader/submission/1`): what a learner hands in, where it is, and the self-check answers.

Promise: any bytes give a Manifest or one InputInvalid that names the file, the line and the field; nothing is opened.

    schema = "grader/submission/1"
    case = "airline-refund"
    mode = "repo_url"                           # or "file_upload", then with `archive` instead of the next three
    repo_url = "https://github.com/you/airline"
    fix = "main"                                # optional: the branch, tag or commit to grade; default its newest
    base = "starter"                            # optional: only where the case does not pin it
    diagnosis = "repro.json"                    # paths inside what is handed in
    postmortem = "postmortem.md"

    [self_checks]
    F1 = true
    F2 = false

    [force]
    F2 = "why this goes in all the same"
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError, model_validator

from grader.domain.submission import SelfCheckAnswer
from grader.domain.twin import SubmissionMode
from grader.errors import InputInvalid, SubmissionRejected
from grader.intake.admission import Admission, Entry, EntryKind, shown

SCHEMA = "grader/submission/1"
MAX_BYTES = 64 * 1024
PUBLIC_HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
"""Hosts that a manifest by a stranger may name: an address inside the course's own network is none of theirs."""

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this schema",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
}
_PUBLIC = re.compile(r"https://([a-z0-9.-]+)/[A-Za-z0-9._~/-]+")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=400)]
CheckId = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}$")]


class Trust(StrEnum):
    """Whose word the manifest is, which decides where its repository may be."""

    OPERATOR = "operator"
    """Given on the command line by the person who owns the machine: any address, or a folder of theirs."""
    STRANGER = "stranger"
    """Came with a pull request: https addresses on `PUBLIC_HOSTS` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One submission as its learner describes it; `source` is an address, a folder, or the archive's path.

    `fix` and `base` are revisions or empty. `archive`, `diagnosis` and `postmortem` are relative POSIX paths.
    """

    case: str
    mode: SubmissionMode
    source: str
    fix: str = ""
    base: str = ""
    diagnosis: str = ""
    postmortem: str = ""
    self_checks: tuple[SelfCheckAnswer, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    schema_: Annotated[Literal["grader/submission/1"], Field(alias="schema")]
    case: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    mode: SubmissionMode
    repo_url: Text | None = None
    archive: Text | None = None
    fix: Text | None = None
    base: Text | None = None
    diagnosis: Text | None = None
    postmortem: Text | None = None
    self_checks: dict[CheckId, StrictBool] = {}
    force: dict[CheckId, Text] = {}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        match self.mode:
            case SubmissionMode.REPO_URL:
                wanted, unwanted = "repo_url", {"archive": self.archive}
            case SubmissionMode.FILE_UPLOAD:
                wanted, unwanted = "archive", {"repo_url": self.repo_url, "fix": self.fix, "base": self.base}
        if getattr(self, wanted) is None:
            raise ValueError(f"{wanted}: is missing, which mode {self.mode.value!r} needs")
        for name, value in unwanted.items():
            if value is not None:
                raise ValueError(f"{name}: does not go with mode {self.mode.value!r}; remove it")
        for check in self.force:
            if self.self_checks.get(check) is not False:
                raise ValueError(f"force.{check}: only a self-check that is answered false can be forced")
        return self


def read_manifest(content: bytes, *, where: str, trust: Trust) -> Manifest:
    """The manifest in `content`; `where` names the file in messages. Raises InputInvalid and nothing else."""
    if len(content) > MAX_BYTES:
        raise InputInvalid(f"{where}: larger than {MAX_BYTES // 1024} KiB; a manifest is a few lines")
    text = _text(content, where)
    try:
        file = _File.model_validate(_toml(text, where))
    except ValidationError as error:
        raise InputInvalid(f"{where}: {_first(error, text)}") from None
    _check_paths(file, text, where)
    if file.repo_url is not None:
        _check_address(file.repo_url, trust, f"{where}: {_at_line('repo_url', text)}repo_url")
    return _to_domain(file)


def _to_domain(file: _File) -> Manifest:
    force = file.force
    answers = tuple(
        SelfCheckAnswer(id=check, answer=answer, observed=None, forced=check in force, reason=force.get(check, ""))
        for check, answer in sorted(file.self_checks.items())
    )
    return Manifest(
        case=file.case,
        mode=file.mode,
        source=file.repo_url or file.archive or "",
        fix=file.fix or "",
        base=file.base or "",
        diagnosis=file.diagnosis or "",
        postmortem=file.postmortem or "",
        self_checks=answers,
    )


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputInvalid(f"{where}: not UTF-8 (byte {error.start})") from None


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        line = f"line {place[1]} column {place[2]}: " if place and place[1] else "at its end: " if place else ""
        raise InputInvalid(f"{where}: {line}not TOML: {_PLACE.sub('', message)}") from None
    except (RecursionError, ValueError, OverflowError):  # nested too deeply, or a number beyond Python's limits
        raise InputInvalid(f"{where}: not TOML: a value is nested too deeply or beyond the limits") from None


def _check_paths(file: _File, text: str, where: str) -> None:
    for field in ("archive", "diagnosis", "postmortem"):
        path = getattr(file, field)
        try:
            if path is not None:
                Admission().admit(Entry(path=path.encode("utf-8", "surrogatepass"), kind=EntryKind.FILE))
        except SubmissionRejected as refused:
            raise InputInvalid(f"{where}: {_at_line(field, text)}{field}: {refused}") from None


def _check_address(address: str, trust: Trust, place: str) -> None:
    """The fetching adapter checks an address for everybody; this is about whose word it is."""
    match trust:
        case Trust.OPERATOR:
            return
        case Trust.STRANGER:
            pass
    found = _PUBLIC.fullmatch(address)
    if found is None or found[1] not in PUBLIC_HOSTS:
        raise InputInvalid(
            f"{place}: {shown(address)} is not a public address; expected https://HOST/owner/name with HOST one of "
            f"{', '.join(sorted(PUBLIC_HOSTS))}"
        )


def _first(error: ValidationError, text: str) -> str:
    """The first thing wrong, with its line where one can be told."""
    first = error.errors()[0]
    if first["type"] == "value_error":  # from `_agree`, which begins with the field
        message = str(first["ctx"]["error"])
        return f"{_at_line(message.split(':')[0].rpartition('.')[2], text)}{message}"
    keys = [shown(str(part))[1:-1] for part in first["loc"] if part != "[key]"]
    words = _WORDS.get(first["type"], first["msg"])
    return f"{_at_line(keys[-1] if keys else '', text)}{'.'.join(keys)}: {words}"


def _at_line(key: str, text: str) -> str:
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*(=|\.)")
    lines = (number for number, line in enumerate(text.split("\n"), start=1) if key and pattern.match(line))
    number = next(lines, None)
    return f"line {number}: " if number else ""
