"""The members of a zip file, from its central directory; every claim is checked before a byte is inflated.

A reader of our own, for there must be one reading only: both headers agree, members do not overlap (which is how the
strongest bombs are built, https://www.bamsoftware.com/hacks/zipbomb/) and nothing lies between or before them that
another reader might take for a member. Format: APPNOTE.TXT 6.3.10, by PKWARE.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from grader.errors import SubmissionRejected
from grader.intake.admission import EntryKind, shown
from grader.intake.members import Member, damaged

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MARK, _CENTRAL_MARK, _LOCAL_MARK = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_LONGEST_COMMENT = 0xFFFF
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
"""General purpose bits: encrypted, strong encryption, masked local headers."""
_STORED, _DEFLATED = 0, 8
_DESCRIPTOR = 24
"""Bytes that a data descriptor after a member takes at most."""
_UNIX_HOSTS = frozenset({3, 19})
_ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One record of the central directory."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int


def members(content: bytes) -> Iterator[Member]:
    """List the members of a zip file; raises SubmissionRejected where it contradicts itself."""
    start, count, end = _directory(content)
    view, last_end = memoryview(content), 0
    for entry in sorted(_entries(content, start, count, end), key=lambda entry: entry.offset):
        begin = _data_offset(content, entry)
        if entry.offset < last_end:
            raise SubmissionRejected(f"{shown(entry.name)} overlaps another member of the archive; make it again")
        _check_gap(last_end, entry.offset)
        last_end = begin + entry.packed
        if last_end > start:
            raise damaged(f"{shown(entry.name)} reaches past its end")
        yield _member(view[begin:last_end], entry)
    _check_gap(last_end, start)


def _check_gap(last_end: int, begin: int) -> None:
    if begin - last_end > _DESCRIPTOR:
        raise damaged(f"{begin - last_end} bytes at {last_end} belong to no member")


def _directory(content: bytes) -> tuple[int, int, int]:
    """Where the central directory starts, how many records it has, and where it ends."""
    end = content.rfind(_END_MARK, max(0, len(content) - _END.size - _LONGEST_COMMENT))
    if end < 0 or end + _END.size > len(content):
        raise damaged("its directory is missing")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(content, end)
    if _ZIP64 in (size, start) or count == 0xFFFF:
        raise SubmissionRejected(
            "the archive is a Zip64 one, which is for sizes that are not accepted; make it smaller"
        )
    if (disk, first_disk) != (0, 0) or here != count:
        raise SubmissionRejected("the archive is one part of several; send it in one file")
    if start + size != end or end + _END.size + comment != len(content):
        raise damaged("its directory is not where it says")
    return start, count, end


def _entries(content: bytes, at: int, count: int, end: int) -> Iterator[_Entry]:
    for _ in range(count):
        if at + _CENTRAL.size > end:
            raise damaged("its directory is cut off")
        record = _CENTRAL.unpack_from(content, at)
        (
            mark,
            made_by,
            _,
            flags,
            method,
            _,
            _,
            crc,
            packed,
            size,
            name_size,
            extra,
            comment,
            _,
            _,
            attributes,
            offset,
        ) = record
        name_at = at + _CENTRAL.size
        at = name_at + name_size + extra + comment
        if mark != _CENTRAL_MARK or at > end:
            raise damaged("its directory is cut off")
        yield _Entry(
            name=content[name_at : name_at + name_size],
            flags=flags,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            offset=offset,
            mode=attributes >> 16 if made_by >> 8 in _UNIX_HOSTS else 0,
        )
    if at != end:
        raise damaged("its directory holds more than it says")


def _data_offset(content: bytes, entry: _Entry) -> int:
    """Where the member's bytes begin, once its own header has been found to say the same as the directory."""
    if entry.offset + _LOCAL.size > len(content):
        raise damaged(f"{shown(entry.name)} is cut off")
    mark, _, flags, method, _, _, _, _, _, name_size, extra = _LOCAL.unpack_from(content, entry.offset)
    name_at = entry.offset + _LOCAL.size
    name = content[name_at : name_at + name_size]
    if mark != _LOCAL_MARK or name != entry.name or method != entry.method or (flags ^ entry.flags) & _ENCRYPTED:
        raise damaged(f"the two headers of {shown(entry.name)} differ")
    return int(name_at + name_size + extra)


def _member(packed: memoryview, entry: _Entry) -> Member:
    if entry.flags & _ENCRYPTED:
        raise SubmissionRejected(f"{shown(entry.name)} is encrypted; make the archive without a password")
    if entry.method not in (_STORED, _DEFLATED):
        raise SubmissionRejected(f"{shown(entry.name)} is packed by an unusual method; make an ordinary zip file")
    return Member(path=entry.name.rstrip(b"/"), kind=_kind(entry), size=entry.size, read=lambda: _unpack(packed, entry))


def _kind(entry: _Entry) -> EntryKind:
    shape = stat.S_IFMT(entry.mode)
    if entry.name.endswith(b"/"):
        return EntryKind.FOLDER if shape in (0, stat.S_IFDIR) and entry.size == 0 else EntryKind.SPECIAL
    if shape == stat.S_IFLNK:
        return EntryKind.SYMLINK
    if shape not in (0, stat.S_IFREG):
        return EntryKind.SPECIAL
    return EntryKind.EXECUTABLE if entry.mode & stat.S_IXUSR else EntryKind.FILE


def _unpack(packed: memoryview, entry: _Entry) -> bytes:
    if entry.method == _STORED:
        content, whole = bytes(packed), True
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(packed, entry.size + 1)
        except zlib.error:
            raise damaged(f"{shown(entry.name)} cannot be inflated") from None
        whole = inflater.eof and not inflater.unused_data
    if not whole or len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise damaged(f"{shown(entry.name)} is not what its header says")
    return content
