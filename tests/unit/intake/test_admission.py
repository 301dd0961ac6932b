"""Each intake rule refuses with a line that names the path, the rule and how to mend it; ordinary trees pass."""

import pytest

from grader.errors import SubmissionRejected
from grader.intake.admission import SHOWN, Admission, AdmissionLimits, Entry, EntryKind, shown

SMALL = AdmissionLimits(files=3, total=100, file=60, depth=3, path=20)


def admit(*paths: str | bytes, kind: EntryKind = EntryKind.FILE, size: int = 1) -> list[str]:
    admission = Admission(SMALL)
    raw = (path.encode() if isinstance(path, str) else path for path in paths)
    return [admission.admit(Entry(path=path, kind=kind, size=size)) for path in raw]


def test_ordinary_names_pass() -> None:
    assert admit("a/b/c.py", "Ünï code.md", ".gitignore") == ["a/b/c.py", "Ünï code.md", ".gitignore"]
    assert admit("console.py", ".github/w.yml", "common/com.py") == ["console.py", ".github/w.yml", "common/com.py"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (b"a\nb.py", r"'a\\nb\.py'.*line break.*rename"),
        (b"a\rb.py", "line break"),
        (b"a\x1b[2Jb", r"U\+001B"),
        (b"a\x00b", r"U\+0000"),
        ("a\u202eb", r"U\+202E"),
        ("a\u200bb", r"U\+200B"),
        ("a\ue000b", r"U\+E000"),
        (b"a\xffb", r"'a\\udcffb'.*not UTF-8"),
        (b"a\\b", "backslash"),
        (b"a./b", "ends in a dot or a space"),
        (b"a /b", "ends in a dot or a space"),
        (b".git/config", r"is in a \.git folder; leave that out"),
        (b"a/.GIT", r"\.git folder"),
        (b"GIT~1", r"\.git folder"),
        (b".git::$INDEX", r"\.git folder"),
        ("．git", r"\.git folder"),
        (b"aux.py", "device on Windows"),
        (b"x/CON", "device on Windows"),
        (b"lpt1.tar.gz", "device on Windows"),
        (b"/etc/passwd", "relative to the root"),
        (b"a/../b", "relative to the root"),
        (b"./a", "relative to the root"),
        (b"a//b", "relative to the root"),
        (b"", "relative to the root"),
        (b"a/b/c/d", "nested deeper than 3"),
        (b"a" * 21, "21 bytes; at most 20"),
    ],
)
def test_a_bad_name_is_refused(path: str | bytes, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=message) as caught:
        admit(path)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (("App/a.py", "app/a.py"), "collides with 'App'"),
        (("App/a.py", "app/b.py"), "collides with 'App'"),
        (("é", "e\u0301"), "collides"),
        (("ﬁx.py", "fix.py"), "collides"),
        (("straße", "STRASSE"), "collides"),
        (("a", "a"), "twice"),
        (("a", "a/b"), "both a file and a folder"),
        (("a/b", "a"), "both a file and a folder"),
    ],
)
def test_two_paths_that_some_system_takes_for_one_are_refused(paths: tuple[str, ...], message: str) -> None:
    with pytest.raises(SubmissionRejected, match=message):
        admit(*paths)


@pytest.mark.parametrize(
    ("kind", "message"),
    [(EntryKind.SYMLINK, "symbolic link"), (EntryKind.SUBMODULE, "submodule"), (EntryKind.SPECIAL, "regular file")],
)
def test_only_regular_files_and_folders_pass(kind: EntryKind, message: str) -> None:
    with pytest.raises(SubmissionRejected, match=f"'x' is .*{message}"):
        admit("x", kind=kind)


def test_caps_stop_at_the_first_entry_past_them() -> None:
    with pytest.raises(SubmissionRejected, match="more than 3 files"):
        admit("a", "b", "c", "d")
    with pytest.raises(SubmissionRejected, match="'a' has 61 bytes; at most 60"):
        admit("a", size=61)
    with pytest.raises(SubmissionRejected, match=r"more than 100 bytes in all \(reached at 'b'\)"):
        admit("a", "b", size=60)


def test_a_folder_may_be_named_before_and_after_its_files() -> None:
    admission = Admission(SMALL)
    for path, kind in ((b"a", EntryKind.FOLDER), (b"a/b", EntryKind.FILE)):
        admission.admit(Entry(path=path, kind=kind))


def test_a_long_path_is_cut_in_messages() -> None:
    assert len(shown("x" * 10_000)) < SHOWN + 20
