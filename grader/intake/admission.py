"""Which files may enter: caps on number, size, depth and name. Pure; refuses with a line the learner can act on.

The rules and their numbers are those of docs/threat-model.md, "Intake".
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from grader.domain.sandbox import MIB
from grader.errors import SubmissionRejected

SHOWN = 120
"""How many characters of a path a message repeats."""

_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""File names that Windows gives to devices, with any extension."""
_GIT_FOLDERS = frozenset({".git", "git~1"})
"""Names under which some file system opens a `.git` folder (Git's own verify_path, CVE-2014-9390)."""


class EntryKind(StrEnum):
    """What an entry of a tree or an archive is."""

    FILE = "file"
    EXECUTABLE = "executable"
    FOLDER = "folder"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """Caps on one tree; sizes in bytes. The defaults are those for a submission to a case."""

    files: int = 2_000
    total: int = 20 * MIB
    file: int = 2 * MIB
    depth: int = 16
    path: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry before it is admitted: its raw path, what it is, its size in bytes; None where it is above the cap."""

    path: bytes
    kind: EntryKind
    size: int | None = 0


def shown(path: bytes | str) -> str:
    """A path as a message may show it: quoted, ASCII, one line, cut at `SHOWN` characters."""
    text = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
    return ascii(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


@dataclass(slots=True)
class Admission:
    """Admits the entries of one tree as they stream by, and stops at the first that breaks a rule."""

    limits: AdmissionLimits = field(default_factory=AdmissionLimits)
    _entries: int = 0
    _total: int = 0
    _spellings: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def admit(self, entry: Entry) -> str:
        """The entry's path as text; raises SubmissionRejected naming path, rule and mend."""
        self._count()
        path = _decoded(entry.path, self.limits)
        _check_kind(entry.kind, path)
        for component in path.split("/"):
            _check_component(component, path)
        self._weigh(entry.size, path)
        self._check_collision(path, entry.kind)
        return path

    def _count(self) -> None:
        self._entries += 1
        if self._entries > self.limits.files:
            raise SubmissionRejected(
                f"more than {self.limits.files:,} files; remove generated, vendored and data files and submit again"
            )

    def _weigh(self, size: int | None, path: str) -> None:
        if size is None or size > self.limits.file:
            has = f"{size:,} bytes" if size is not None else f"more than {self.limits.file:,} bytes"
            raise SubmissionRejected(
                f"{shown(path)} has {has}; at most {self.limits.file:,} a file are accepted: make it smaller "
                "or remove it"
            )
        self._total += size
        if self._total > self.limits.total:
            raise SubmissionRejected(
                f"more than {self.limits.total:,} bytes in all (reached at {shown(path)}); remove large files"
            )

    def _check_collision(self, path: str, kind: EntryKind) -> None:
        if path in self._taken:
            raise SubmissionRejected(f"{shown(path)} is there twice; keep one of the two")
        for prefix in _prefixes(path):
            first = self._spellings.get(_key(prefix), prefix)
            if first != prefix:
                raise SubmissionRejected(
                    f"{shown(path)} collides with {shown(first)} where case or Unicode form is not told apart; "
                    "rename one"
                )
            if prefix != path and prefix in self._taken:
                raise SubmissionRejected(f"{shown(prefix)} is both a file and a folder; rename one")
        if kind is not EntryKind.FOLDER:
            if _key(path) in self._spellings:
                raise SubmissionRejected(f"{shown(path)} is both a file and a folder; rename one")
            self._taken.add(path)
        self._spellings.update((_key(prefix), prefix) for prefix in _prefixes(path))


def _decoded(raw: bytes, limits: AdmissionLimits) -> str:
    if len(raw) > limits.path:
        raise SubmissionRejected(
            f"{shown(raw)}: the path has {len(raw)} bytes; at most {limits.path} are accepted: shorten it"
        )
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SubmissionRejected(f"{shown(raw)}: the name is not UTF-8; rename the file") from None
    if path.count("/") >= limits.depth:
        raise SubmissionRejected(f"{shown(path)}: nested deeper than {limits.depth} folders; move it up")
    return path


def _check_kind(kind: EntryKind, path: str) -> None:
    match kind:
        case EntryKind.FILE | EntryKind.EXECUTABLE | EntryKind.FOLDER:
            return
        case EntryKind.SYMLINK:
            raise SubmissionRejected(f"{shown(path)} is a symbolic link; replace it with the file itself")
        case EntryKind.SUBMODULE:
            raise SubmissionRejected(f"{shown(path)} is a submodule; add its files to the repository or remove it")
        case EntryKind.SPECIAL:
            raise SubmissionRejected(f"{shown(path)} is neither a regular file nor a folder; remove it")


def _check_component(name: str, path: str) -> None:
    if name in ("", ".", ".."):
        raise SubmissionRejected(
            f"{shown(path)}: absolute paths and the names '', '.' and '..' are not accepted; "
            "use a path relative to the root"
        )
    if name == ".git":
        raise SubmissionRejected(f"{shown(path)} is in a .git folder; leave that out")
    if problem := _spelling_problem(name) or _meaning_problem(name):
        raise SubmissionRejected(f"{shown(path)}: {problem}; rename it")


def _spelling_problem(name: str) -> str | None:
    for character in name:
        if character == "\\":
            return "the name contains a backslash"
        if character in "\r\n":
            return "the name contains a line break"
        if unicodedata.category(character).startswith("C"):
            return f"the name contains the invisible or control character U+{ord(character):04X}"
    return None


def _meaning_problem(name: str) -> str | None:
    if name.endswith((".", " ")):
        return "the name ends in a dot or a space"
    if _DEVICES.fullmatch(name):
        return "the name is a device on Windows"
    if unicodedata.normalize("NFKC", name).casefold().split(":")[0].rstrip(". ") in _GIT_FOLDERS:
        return "the name is read as a .git folder on some systems"
    return None


def _prefixes(path: str) -> Iterator[str]:
    for at, character in enumerate(path):
        if character == "/":
            yield path[:at]
    yield path


def _key(path: str) -> str:
    """Paths with equal keys are one path on some file system, or one module name to Python (which reads NFKC)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
