"""Archives: what the standard library writes is read back; no bytes make the reader raise but SubmissionRejected."""

import contextlib
import gzip
import io
import tarfile
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake.archive import read_archive

NAMES = st.from_regex(r"[a-z]{1,3}(/[a-z]{1,3}){0,2}\.py", fullmatch=True)
FILES = st.dictionaries(NAMES, st.binary(max_size=2_000), min_size=1, max_size=5).map(
    lambda files: {"r.md": b""} | files
)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


MADE = FILES.flatmap(lambda files: st.sampled_from([zipped(files), tarred(files), gzip.compress(tarred(files))]))


@given(FILES)
def test_what_the_standard_library_writes_is_read_back(files: dict[str, bytes]) -> None:
    for archive in (zipped(files), tarred(files), gzip.compress(tarred(files))):
        assert {file.path: file.content for file in read_archive(archive).files} == files


@given(MADE, st.lists(st.tuples(st.integers(min_value=0), st.binary(min_size=1, max_size=4)), max_size=4), st.data())
def test_no_damage_to_an_archive_crashes_the_reader(
    archive: bytes, damages: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    damaged = bytearray(archive)
    for at, value in damages:
        begin = at % len(damaged)
        damaged[begin : begin + len(value)] = value
    cut = data.draw(st.integers(min_value=0, max_value=len(damaged)))
    for content in (bytes(damaged), bytes(damaged[:cut])):
        with contextlib.suppress(SubmissionRejected):
            read_archive(content)


@given(st.sampled_from([b"PK\x03\x04", b"\x1f\x8b", b""]), st.binary(max_size=2_000))
def test_no_bytes_crash_the_reader(magic: bytes, content: bytes) -> None:
    with contextlib.suppress(SubmissionRejected):
        read_archive(magic + content)
