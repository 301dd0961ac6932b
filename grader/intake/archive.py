"""An uploaded zip, tar or tar.gz -> a tree: listed and admitted first, then unpacked into memory, never onto a disk."""

import zlib
from collections.abc import Sequence
from itertools import islice

from grader.domain.tree import File, Tree
from grader.errors import SubmissionRejected
from grader.intake import tar_members, zip_members
from grader.intake.admission import Admission, AdmissionLimits, Entry, EntryKind
from grader.intake.members import Member, damaged

_CHUNK = 64 * 1024
_OTHER_FORMATS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"\x28\xb5\x2f\xfd": "zstd"}
_MAC_FOLDER = b"__MACOSX/"
"""What the macOS Finder adds to every zip: file attributes, none of them the learner's work."""
_ROOTS = frozenset({b"app", b"src", b"test", b"tests"})
"""Folders that mean something by their name: an archive of just one of them is not wrapped in it."""


def upload_cap(limits: AdmissionLimits) -> int:
    """How many bytes an archive may have: the files, their headers, and the padding of a tar."""
    return limits.total + limits.files * 4 * tar_members.BLOCK + 64 * 1024


def read_archive(content: bytes, limits: AdmissionLimits | None = None) -> Tree:
    """The tree in an archive, less one folder that wraps everything; raises SubmissionRejected for any broken rule."""
    limits = limits or AdmissionLimits()
    if len(content) > upload_cap(limits):
        raise SubmissionRejected(
            f"the archive has {len(content):,} bytes; at most {upload_cap(limits):,} are accepted: leave out "
            "generated, vendored and data files"
        )
    return _unpack(_unwrapped(_members(content, limits)), limits)


def _members(content: bytes, limits: AdmissionLimits) -> Sequence[Member]:
    """The listing; one more than the cap is enough for admission to refuse it."""
    if content.startswith(b"PK"):
        found = zip_members.members(content)
    elif content.startswith(b"\x1f\x8b"):
        found = tar_members.members(_gunzip(content, upload_cap(limits)))
    elif tar_members.looks_like_tar(content):
        found = tar_members.members(content)
    else:
        kind = next((name for magic, name in _OTHER_FORMATS.items() if content.startswith(magic)), "no known archive")
        raise SubmissionRejected(f"the upload is {kind}; send a zip, tar or tar.gz file")
    return tuple(islice(found, limits.files + 1))


def _unwrapped(found: Sequence[Member]) -> Sequence[Member]:
    kept = [member for member in found if not _is_noise(member)]
    tops = {member.path.split(b"/")[0] for member in kept}
    at_root = any(b"/" not in member.path and member.kind is not EntryKind.FOLDER for member in kept)
    if len(tops) != 1 or at_root or tops & _ROOTS:
        return kept
    [wrapper] = tops
    Admission().admit(Entry(path=wrapper, kind=EntryKind.FOLDER))
    skip = len(wrapper) + 1
    return [
        Member(path=member.path[skip:], kind=member.kind, size=member.size, read=member.read)
        for member in kept
        if len(member.path) >= skip
    ]


def _is_noise(member: Member) -> bool:
    is_root = not member.path and member.kind is EntryKind.FOLDER
    return is_root or (member.path + b"/").startswith(_MAC_FOLDER)


def _unpack(found: Sequence[Member], limits: AdmissionLimits) -> Tree:
    admission = Admission(limits)
    paths = [admission.admit(Entry(path=m.path, kind=m.kind, size=m.size)) for m in found]
    files = [
        File(path=path, content=member.read(), executable=member.kind is EntryKind.EXECUTABLE)
        for path, member in zip(paths, found, strict=True)
        if member.kind is not EntryKind.FOLDER
    ]
    if not files:
        raise SubmissionRejected("the archive holds no file")
    return Tree.of(files)


def _gunzip(content: bytes, cap: int) -> bytes:
    """All gzip members one after another (RFC 1952 2.2), stopped at the cap."""
    whole, view = bytearray(), memoryview(content)
    while view:
        view = _inflate_member(view, whole, cap)
        if not bytes(view[:_CHUNK]).strip(b"\0"):  # padding, as tapes and some uploads leave it
            break
    return bytes(whole)


def _inflate_member(view: memoryview, whole: bytearray, cap: int) -> memoryview:
    """Append one gzip member's content to `whole`; what follows the member is returned."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    at, piece = 0, b""
    while not inflater.eof:
        if not piece:
            piece, at = bytes(view[at : at + _CHUNK]), at + _CHUNK
        try:
            inflated = inflater.decompress(piece, _CHUNK)
        except zlib.error:
            raise damaged("it cannot be inflated") from None
        if not inflated and not piece:
            raise damaged("it is cut off")
        whole += inflated
        if len(whole) > cap:
            raise SubmissionRejected(f"the archive inflates to more than {cap:,} bytes; leave out large files")
        piece = inflater.unconsumed_tail
    return view[min(at, len(view)) - len(inflater.unused_data) :]
