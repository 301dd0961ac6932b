"""Archives are listed and admitted before anything is unpacked; each trick of a hostile one is refused by its name."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest

from grader.errors import SubmissionRejected
from grader.intake.admission import AdmissionLimits
from grader.intake.archive import read_archive

SMALL = AdmissionLimits(files=5, total=1_000, file=600, depth=4, path=60)
Fill = Callable[[tarfile.TarFile], None]


def zipped(files: dict[str, bytes], *, mode: int = stat.S_IFREG | 0o644, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, method
            archive.writestr(info, content)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], *, type: bytes = tarfile.REGTYPE, mode: int = 0o644, **options: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.type, info.mode = len(content), type, mode
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def contents(archive: bytes) -> dict[str, bytes]:
    return {file.path: file.content for file in read_archive(archive, SMALL).files}


MAKERS = [zipped, tarred, lambda files: gzip.compress(tarred(files))]


@pytest.mark.parametrize("make", MAKERS)
def test_all_three_formats_give_the_same_tree(make: Callable[[dict[str, bytes]], bytes]) -> None:
    files = {"app/a.py": b"x = 1\n", "tests/ü.txt": b"", "r.md": b"y" * 500}
    assert contents(make(files)) == files


@pytest.mark.parametrize("make", MAKERS)
def test_one_folder_around_everything_is_taken_off(make: Callable[[dict[str, bytes]], bytes]) -> None:
    assert contents(make({"me-main/app/a.py": b"1", "me-main/r.md": b"2"})) == {"app/a.py": b"1", "r.md": b"2"}
    assert contents(make({"a/x": b"1", "b/x": b"2"})) == {"a/x": b"1", "b/x": b"2"}
    assert contents(make({"app/x.py": b"1"})) == {"app/x.py": b"1"}


def test_what_the_macos_finder_adds_is_left_out() -> None:
    made = zipped({"me/a.py": b"1", "__MACOSX/._me": b"x", "__MACOSX/me/._a.py": b"x"})
    assert contents(made) == {"a.py": b"1"}


def test_folders_executables_long_names_and_comments_come_through() -> None:
    long = "d/" + "n" * 50
    assert contents(tarred({"./d/a": b"1", "b": b""})) == {"d/a": b"1", "b": b""}
    for format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        assert contents(tarred({long: b"1", "ü" if format != tarfile.USTAR_FORMAT else "u": b""}, format=format))[long]
    [file] = read_archive(tarred({"run": b""}, mode=0o755)).files
    assert file.executable
    [file] = read_archive(zipped({"run": b""}, mode=stat.S_IFREG | 0o755)).files
    assert file.executable
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", pax_headers={"comment": "0" * 40}) as archive:
        archive.addfile(tarfile.TarInfo("a"))
    assert contents(buffer.getvalue()) == {"a": b""}


def test_a_zip_written_to_a_pipe_is_read() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b"1" * 300)
        archive.writestr("b.py", b"2")
    assert contents(pipe.written) == {"a.py": b"1" * 300, "b.py": b"2"}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"/etc/passwd": b""}, "relative to the root"),
        ({"../../x": b""}, "relative to the root"),
        ({"../x": b""}, "relative to the root"),
        ({"./../x": b"", "./../y": b""}, "relative to the root"),
        ({"a/../../x": b"", "b": b""}, "relative to the root"),
        ({".git/config": b"", "b": b""}, r"'\.git/config' is in a \.git folder; leave that out"),
        ({"a\nb": b""}, "line break"),
        ({"a\\b": b""}, "backslash"),
        ({"App/x": b"", "app/x": b""}, "collides"),
        ({"a/b/c/d/e": b"", "f": b""}, "nested deeper"),
        ({"big": b"x" * 601}, "601 bytes"),
        ({"a": b"x" * 600, "b": b"x" * 600}, "in all"),
        ({str(n): b"" for n in range(6)}, "more than 5 files"),
    ],
)
def test_the_rules_for_trees_hold_for_archives(
    make: Callable[[dict[str, bytes]], bytes], files: dict[str, bytes], message: str
) -> None:
    with pytest.raises(SubmissionRejected, match=message):
        contents(make(files))


@pytest.mark.parametrize(
    ("type", "message"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "neither a regular file"),
        (tarfile.CHRTYPE, "neither a regular file"),
        (tarfile.BLKTYPE, "neither a regular file"),
        (tarfile.FIFOTYPE, "neither a regular file"),
        (tarfile.CONTTYPE, "neither a regular file"),
        (tarfile.GNUTYPE_SPARSE, "neither a regular file"),
        (b"Z", "neither a regular file"),
    ],
)
def test_a_tar_may_hold_files_and_folders_only(type: bytes, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=f"'x' is .*{message}"):
        contents(tarred({"x": b""}, type=type))


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        (stat.S_IFLNK | 0o777, "symbolic link"),
        (stat.S_IFCHR | 0o644, "neither a regular file"),
        (stat.S_IFIFO | 0o644, "neither a regular file"),
        (stat.S_IFSOCK | 0o644, "neither a regular file"),
    ],
)
def test_a_zip_may_hold_files_and_folders_only(mode: int, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=f"'x' is .*{message}"):
        contents(zipped({"x": b"target"}, mode=mode))


@pytest.mark.parametrize("names", [("a", "a"), ("d", "d/a"), ("d/a", "d")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_refused(names: tuple[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (*names, "z"):
            archive.writestr(name, b"")
    with pytest.raises(SubmissionRejected, match=r"twice|both a file and a folder"):
        contents(buffer.getvalue())


def patched(content: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    at = content.index(mark) + offset
    return content[:at] + value + content[at + len(value) :]


CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
ONE = zipped({"a.py": b"1" * 300, "b.py": b"2"})


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (patched(ONE, CENTRAL, 24, struct.pack("<L", 299)), "not what its header says"),
        (patched(ONE, CENTRAL, 24, struct.pack("<L", 301)), "not what its header says"),
        (patched(ONE, CENTRAL, 24, struct.pack("<L", 2**31)), "2,147,483,648 bytes"),
        (patched(ONE, CENTRAL, 16, b"\0\0\0\0"), "not what its header says"),
        (patched(ONE, CENTRAL, 8, b"\x01\x00"), "differ|encrypted"),
        (patched(patched(ONE, CENTRAL, 8, b"\x01\x00"), LOCAL, 6, b"\x01\x00"), "encrypted"),
        (patched(patched(ONE, CENTRAL, 10, b"\x0c\x00"), LOCAL, 8, b"\x0c\x00"), "unusual method"),
        (patched(ONE, LOCAL, 30, b"A"), "differ"),
        (patched(ONE, CENTRAL, 20, struct.pack("<L", 20)), "overlaps"),
        (patched(ONE, CENTRAL, 20, struct.pack("<L", 10_000)), "overlaps|past its end"),
        (patched(ONE, CENTRAL, 42, struct.pack("<L", 5)), "differ"),
        (patched(ONE, CENTRAL, 42, struct.pack("<L", 50_000)), "belong to no member|cut off"),
        (patched(ONE, CENTRAL, 0, b"XX"), "cut off"),
        (patched(ONE, END, 16, struct.pack("<L", 3)), "not where it says"),
        (patched(ONE, END, 8, struct.pack("<HH", 1, 1)), "more than it says"),
        (patched(ONE, END, 8, struct.pack("<HH", 3, 3)), "cut off"),
        (patched(ONE, END, 4, struct.pack("<HH", 1, 1)), "one part of several"),
        (patched(ONE, END, 16, b"\xff\xff\xff\xff"), "Zip64"),
        (b"PK\x03\x04" + b"\0" * 30 + ONE, "not where it says"),
        (ONE + b"tail", "not where it says"),
        (ONE[:-30], "directory is missing"),
        (ONE[:40], "directory is missing"),
        (zipped({}), "holds no file"),
    ],
)  # fmt: skip
def test_a_zip_that_contradicts_itself_is_refused(archive: bytes, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=message) as caught:
        contents(archive)
    assert str(caught.value).isprintable()


def test_members_of_a_zip_that_share_their_bytes_are_refused() -> None:
    kernel = zlib.compress(b"0" * 500, wbits=-15)
    local = struct.pack("<4s5H3L2H", LOCAL, 20, 0, 8, 0, 0, zlib.crc32(b"0" * 500), len(kernel), 500, 1, 0)
    body = local + b"a" + kernel
    records = b"".join(
        struct.pack(
            "<4s6H3L5H2L", CENTRAL, 20, 20, 0, 8, 0, 0, zlib.crc32(b"0" * 500), len(kernel), 500, 1, 0, 0, 0, 0, 0, 0
        ) + name
        for name in (b"a", b"a")
    )  # fmt: skip
    bomb = body + records + struct.pack("<4s4H2LH", END, 0, 0, 2, 2, len(records), len(body), 0)
    with pytest.raises(SubmissionRejected, match="overlaps"):
        contents(bomb)


def test_bytes_that_belong_to_no_member_of_a_zip_are_refused() -> None:
    body, hidden = zipped({"a": b"1"}), b"x" * 100
    at = body.index(CENTRAL)
    moved = body[:at] + hidden + body[at:]
    with pytest.raises(SubmissionRejected, match=r"100 bytes at .* belong to no member"):
        contents(patched(moved, END, 16, struct.pack("<L", at + 100)))


@pytest.mark.parametrize("make", [lambda data: zipped({"a": data}), lambda data: gzip.compress(tarred({"a": data}))])
def test_a_bomb_is_refused_without_being_unpacked(make: Callable[[bytes], bytes]) -> None:
    bomb = make(bytes(50_000_000))
    assert len(bomb) < 60_000
    with pytest.raises(SubmissionRejected, match=r"50,000,000 bytes|inflates to more than"):
        contents(bomb)


def test_a_zip_bomb_that_claims_to_be_small_is_stopped_at_its_claim() -> None:
    bomb = patched(zipped({"a": bytes(50_000_000)}), CENTRAL, 24, struct.pack("<L", 10))
    with pytest.raises(SubmissionRejected, match="not what its header says"):
        contents(bomb)


TAR = tarred({"a": b"1" * 300, "b": b""})


def signed(header: bytes) -> bytes:
    blank = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(blank) + header[156:]


def pax(record: bytes, kind: bytes = b"x") -> bytes:
    body = b"%d %s" % (len(record) + 3, record)
    header = bytearray(tarred({"p": body})[:512])
    header[156:157] = kind
    return signed(bytes(header)) + body.ljust(512, b"\0") + TAR


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (TAR[:600], "cut off"),
        (b"z" + TAR[1:], "no known archive"),
        (TAR[:1024] + b"z" + TAR[1025:], "checksum"),
        (TAR[:1536] + b"\0" * 512 + TAR, "follows its end"),
        (signed(TAR[:124] + b"\x80" + b"\0" * 11 + TAR[136:512]) + TAR[512:], "malformed"),
        (signed(TAR[:124] + b"77777777777\0" + TAR[136:512]) + TAR[512:], "cut off"),
        (pax(b"size=9999\n"), "sizes in extended headers"),
        (pax(b"GNU.sparse.name=x\n"), "sparse"),
        (pax(b"path=../evil\n"), "relative to the root"),
        (pax(b"path=same\n", b"g"), "all its members alike"),
        (pax(b"nonsense"), "malformed"),
        (pax(b"path=x\n")[:512] + b"9999999 path=x\n".ljust(512, b"\0") + TAR, "malformed"),
        (tarred({"a" * 66_000: b""}, format=tarfile.GNU_FORMAT), "oversized header"),
        (tarred({"d": b"content"}, type=tarfile.DIRTYPE), "folder 'd/' has content"),
        (tarred({}), "no known archive"),
        (gzip.compress(TAR)[:-20], "cut off"),
        (gzip.compress(TAR)[:20] + b"\xff" * 50, "cannot be inflated|cut off"),
        (gzip.compress(TAR) + b"garbage", "cannot be inflated"),
        (gzip.compress(b"not a tar"), "holds no file|damaged|follows"),
        (b"", "no known archive"),
        (b"PK", "directory is missing"),
        (b"7z\xbc\xaf\x27\x1c", "is 7z; send a zip, tar or tar.gz"),
        (b"BZh91AY", "is bzip2"),
        (b"x" * 20_000_000, r"20,000,000 bytes; at most"),
    ],
    # The bytes of a gzip hold the time: ids made of them would differ between two workers.
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_a_broken_tar_or_no_archive_is_refused(archive: bytes, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=message) as caught:
        contents(archive)
    assert str(caught.value).isprintable()


def test_gzip_members_in_a_row_and_padding_are_read() -> None:
    assert contents(gzip.compress(TAR[:700]) + gzip.compress(TAR[700:]) + b"\0" * 512)["a"] == b"1" * 300
