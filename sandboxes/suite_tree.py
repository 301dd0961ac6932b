"""Lays the tree of a suite run out, and sees afterwards whether it is still what it was. Part of `suite.py`."""

import os
import tarfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath

ROOT = Path(os.environ.get("GRADER_SUITE_ROOT", "/work"))


def unpack(stream, header):
    """Write the tar under the root: regular files only, each once, within the header's bounds; give path to digest."""
    digests = {}
    total = 0
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if not member.isreg() or path.is_absolute() or ".." in path.parts or member.name in digests:
                raise ValueError(f"refused member {member.name!r}")
            total += member.size
            if total > header["max_bytes"] or len(digests) >= header["max_files"]:
                raise ValueError("the tree is larger than announced")
            content = archive.extractfile(member).read()
            write(ROOT / path, content, member)
            digests[member.name] = sha256(content).hexdigest()
    for folder, _, _ in os.walk(ROOT, topdown=False):
        with suppress(PermissionError):  # the root itself may belong to somebody else
            os.utime(folder, (header["mtime"], header["mtime"]))
    return digests


def write(path, content, member):
    """Write one new file with the member's mode and time; never through a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o755 if member.mode & 0o100 else 0o644
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.utime(descriptor, (member.mtime, member.mtime))


def changed(digests):
    """The delivered files that are no longer what they were."""
    found = []
    for name, digest in digests.items():
        try:
            same = sha256((ROOT / name).read_bytes()).hexdigest() == digest
        except OSError:
            same = False
        if not same:
            found.append(name)
    return found[:20]
