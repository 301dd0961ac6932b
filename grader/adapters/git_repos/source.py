"""Where a repository comes from: an address, a folder or a bundle; anything else is refused before Git sees it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import git

from grader.errors import InputInvalid
from grader.intake.admission import shown

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BUNDLE_HEADS = (b"# v2 git bundle\n", b"# v3 git bundle\n")


class SourceKind(StrEnum):
    """How the source is reached."""

    REMOTE = "remote"
    FOLDER = "folder"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that Git may be given; `address` is an https URL or an absolute path."""

    kind: SourceKind
    address: str
    shown: str

    @property
    def protocols(self) -> tuple[str, ...]:
        """The transports that Git may use for it."""
        return ("https",) if self.kind is SourceKind.REMOTE else ("file",)


def classify(text: str) -> Source:
    """What the caller named; raises InputInvalid when it is neither an https address nor a repository on disk."""
    path = Path(text)
    if path.exists():
        return _local(path.resolve(), text)
    if text.startswith("https://"):
        return _remote(text)
    if _SCHEME.match(text) or "::" in text or re.match(r"[^/]+@[^/]+:", text):
        raise InputInvalid(f"{shown(text)}: only https:// addresses are fetched; clone it and pass the folder")
    raise InputInvalid(f"{shown(text)}: no such folder or file")


def _remote(url: str) -> Source:
    git.Git.check_unsafe_protocols(url)
    try:
        parts = urlsplit(url)
        host, named = parts.hostname, parts.username is not None or parts.password is not None
    except ValueError:
        host, named = None, False
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise InputInvalid(f"{shown(url)}: not an address of a repository; expected https://host/owner/name")
    if named:
        raise InputInvalid(f"the address on {host} carries credentials; take them out, or clone it and pass the folder")
    return Source(kind=SourceKind.REMOTE, address=url, shown=shown(url))


def _local(path: Path, text: str) -> Source:
    if path.is_dir():
        return Source(kind=SourceKind.FOLDER, address=str(path), shown=shown(text))
    if path.is_file() and _begins_a_bundle(path):
        return Source(kind=SourceKind.BUNDLE, address=str(path), shown=shown(text))
    raise InputInvalid(f"{shown(text)}: not a repository; expected a Git folder, a bundle or an https:// address")


def _begins_a_bundle(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_BUNDLE_HEADS[0])) in _BUNDLE_HEADS
    except OSError:
        return False
