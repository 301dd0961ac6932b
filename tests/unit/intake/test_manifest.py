"""A manifest says where the submission is; each mistake in it is one line with the place and the field."""

import pytest

from grader.domain.submission import SelfCheckAnswer
from grader.domain.twin import SubmissionMode
from grader.errors import InputInvalid
from grader.intake.manifest import Manifest, Trust, read_manifest

TEXT = """\
schema = "grader/submission/1"
case = "airline-refund"
mode = "repo_url"
repo_url = "https://github.com/you/airline"
fix = "main"
base = "starter"
diagnosis = "repro.json"
postmortem = "docs/postmortem.md"

[self_checks]
F1 = true
F2 = false

[force]
F2 = "no network in the room"
"""
UPLOAD = 'schema = "grader/submission/1"\ncase = "airline-refund"\nmode = "file_upload"\narchive = "work.zip"\n'


def read(text: str | bytes, trust: Trust = Trust.STRANGER) -> Manifest:
    return read_manifest(text.encode() if isinstance(text, str) else text, where="submission.toml", trust=trust)


def test_a_repository_is_described() -> None:
    assert read(TEXT) == Manifest(
        case="airline-refund",
        mode=SubmissionMode.REPO_URL,
        source="https://github.com/you/airline",
        fix="main",
        base="starter",
        diagnosis="repro.json",
        postmortem="docs/postmortem.md",
        self_checks=(
            SelfCheckAnswer(id="F1", answer=True, observed=None),
            SelfCheckAnswer(id="F2", answer=False, observed=None, forced=True, reason="no network in the room"),
        ),
    )


def test_an_upload_needs_no_more_than_its_path() -> None:
    assert read(UPLOAD) == Manifest(case="airline-refund", mode=SubmissionMode.FILE_UPLOAD, source="work.zip")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('mode = "repo_url"', "mode = repo_url", "line 3 column 8: not TOML: Invalid value"),
        ('mode = "repo_url"', 'mode = "url"', "line 3: mode: Input should be 'repo_url' or 'file_upload'"),
        ('mode = "repo_url"', 'mode = "file_upload"', "archive: is missing, which mode 'file_upload' needs"),
        ('fix = "main"', 'archive = "x.zip"', "line 5: archive: does not go with mode 'repo_url'; remove it"),
        ('repo_url = "https://github.com/you/airline"\n', "", "repo_url: is missing, which mode 'repo_url' needs"),
        ('case = "airline-refund"\n', "", "submission.toml: case: is missing"),
        ('case = "airline-refund"', 'case = "../x"', "line 2: case: String should match pattern"),
        ('fix = "main"', "fix = 3", "line 5: fix: must be text in quotes"),
        ('fix = "main"', 'fixed = "main"', "line 5: fixed: is not a field of this schema"),
        ('fix = "main"', 'fix = ""', "line 5: fix: String should have at least 1 character"),
        ("F1 = true", 'F1 = "yes"', r"line 11: self_checks\.F1: must be true or false"),
        ("F1 = true", "F1 = 1", r"line 11: self_checks\.F1: must be true or false"),
        ("F1 = true", "first = true", r"line 11: self_checks\.first: String should match pattern"),
        ("F2 = false", "F2 = true", r"force\.F2: only a self-check that is answered false can be forced"),
        ("F2 = false\n", "", r"force\.F2: only a self-check that is answered false can be forced"),
        ('"repro.json"', '"../repro.json"', r"line 7: diagnosis: '\.\./repro\.json': .*relative to the root"),
        ('"repro.json"', '"/etc/passwd"', "line 7: diagnosis: .*relative to the root"),
        ("submission/1", "submission/2", "line 1: schema: Input should be 'grader/submission/1'"),
        ("https://github.com", "http://github.com", "line 4: repo_url: .*not a public address.* one of .*github.com"),
        ("https://github.com", "https://127.0.0.1", "not a public address"),
        ("https://github.com", "https://me:secret@github.com", "not a public address"),
        ("https://github.com", "https://github.com:8443", "not a public address"),
        ("https://github.com", "https://github.com.evil.example", "not a public address"),
        ("https://github.com/you/airline", "../../private/cases", "not a public address"),
        ("https://github.com/you/airline", "https://[x", "not a public address"),
        ("[force]", "[force", "not TOML"),
        ("[force]", "[self_checks]", "not TOML"),
        ('"no network in the room"', f'"{"x" * 401}"', r"force\.F2: String should have at most 400"),
        ("[force]", "[force]\nF9 = '", "not TOML"),
    ],
)
def test_each_mistake_is_one_line_with_its_place(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(InputInvalid, match=message) as caught:
        read(TEXT.replace(old, new, 1))
    assert str(caught.value).startswith("submission.toml: ")
    assert str(caught.value).isprintable()


def test_what_is_no_text_or_too_large_is_refused() -> None:
    with pytest.raises(InputInvalid, match=r"not UTF-8 \(byte 1\)"):
        read(b"a\xff")
    with pytest.raises(InputInvalid, match="larger than 64 KiB"):
        read(b"#" * 70_000)
    with pytest.raises(InputInvalid, match="nested too deeply"):
        read("x = " + "[" * 20_000)


def test_the_person_at_the_command_line_may_name_a_folder() -> None:
    text = TEXT.replace("https://github.com/you/airline", "../airline")
    assert read(text, Trust.OPERATOR).source == "../airline"


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert read(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()) == read(TEXT)
