"""The members of a tar file: ustar, GNU long names, pax paths; anything else that a tar can say is refused.

A reader of our own because `tarfile`'s filters are no boundary (python/cpython#135034, #149486, #151558) and because
a pax header may otherwise change a size or a name behind the reader's back. Format: POSIX.1-2017 pax, "ustar".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.intake.admission import EntryKind, shown
from grader.intake.members import Member, damaged

BLOCK = 512
_NAMED_AT_MOST = 64 * 1024
"""How large a long name or a pax header may be, in bytes."""
_KINDS = {
    b"0": EntryKind.FILE,
    b"\0": EntryKind.FILE,
    b"5": EntryKind.FOLDER,
    b"1": EntryKind.SPECIAL,
    b"2": EntryKind.SYMLINK,
}
_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_HEADERS = frozenset({_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK})
_DECIDING = (b"size", b"GNU.sparse")
"""Pax keys that change what the next member's bytes are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    name: bytes
    mode: int
    size: int
    type: bytes


def looks_like_tar(content: bytes) -> bool:
    """Whether the first block is a tar header: its checksum is right."""
    return len(content) >= BLOCK and _checksum_is_right(content[:BLOCK])


def members(content: bytes) -> Iterator[Member]:
    """List the members of an uncompressed tar; raises SubmissionRejected where it contradicts itself."""
    at, long_name = 0, b""
    while at + BLOCK <= len(content) and content[at : at + BLOCK].strip(b"\0"):
        header = _header(content[at : at + BLOCK])
        begin, end = at + BLOCK, at + BLOCK + header.size
        if end > len(content):
            raise damaged(f"{shown(header.name)} is cut off")
        at = begin + -(-header.size // BLOCK) * BLOCK
        if header.type in _HEADERS:
            long_name = _long_name(header, content[begin:end]) or long_name
            continue
        yield _member(header, long_name or header.name, content, begin)
        long_name = b""
    if content[at:].strip(b"\0"):
        raise damaged("something follows its end")


def _member(header: _Header, path: bytes, content: bytes, begin: int) -> Member:
    kind = _KINDS.get(header.type, EntryKind.SPECIAL)
    if kind is EntryKind.FILE and path.endswith(b"/"):
        kind = EntryKind.FOLDER
    if kind is EntryKind.FILE and header.mode & 0o100:
        kind = EntryKind.EXECUTABLE
    if kind is EntryKind.FOLDER and header.size:
        raise damaged(f"the folder {shown(path)} has content")
    return Member(
        path=path.removeprefix(b"./").rstrip(b"/"),
        kind=kind,
        size=header.size,
        read=lambda: content[begin : begin + header.size],
    )


def _header(block: bytes) -> _Header:
    if not _checksum_is_right(block):
        raise damaged("a header's checksum is wrong")
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return _Header(
        name=prefix + b"/" + name if prefix else name,
        mode=_number(block[100:108]),
        size=_number(block[124:136]),
        type=block[156:157],
    )


def _checksum_is_right(block: bytes) -> bool:
    try:
        claimed = _number(block[148:156])
    except SubmissionRejected:
        return False
    return claimed == sum(block[:148]) + sum(b" " * 8) + sum(block[156:])


def _number(field: bytes) -> int:
    """An octal number; GNU's binary form is for sizes past all caps."""
    digits = field.strip(b" \0")
    if not all(byte in b"01234567" for byte in digits):
        raise damaged("a number in a header is malformed")
    return int(digits or b"0", 8)


def _long_name(header: _Header, content: bytes) -> bytes:
    """The name that a special header gives the next member, if it gives one."""
    if header.size > _NAMED_AT_MOST:
        raise SubmissionRejected(f"{shown(header.name)} is an oversized header; make an ordinary tar file")
    match header.type:
        case b"L":
            return content.rstrip(b"\0")
        case b"x":
            return _pax(content).get(b"path", b"")
        case b"g" if b"path" in _pax(content):
            raise SubmissionRejected("the archive names all its members alike; make an ordinary tar file")
    return b""


def _pax(content: bytes) -> dict[bytes, bytes]:
    """Records `<length> <key>=<value>\\n`, in which the length counts itself."""
    found: dict[bytes, bytes] = {}
    while content:
        digits = content.partition(b" ")[0]
        length = int(digits) if digits.isdigit() and len(digits) < 8 else 0
        record, content = content[:length], content[length:]
        key, equals, value = record[len(digits) + 1 :].partition(b"=")
        if not equals or not value.endswith(b"\n") or len(record) != length:
            raise damaged("an extended header is malformed")
        if key.startswith(_DECIDING):
            raise SubmissionRejected("the archive uses sparse files or sizes in extended headers; make an ordinary one")
        found[key] = value[:-1]
    return found
