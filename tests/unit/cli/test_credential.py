"""`grader credential`: the files, the answers, and what is refused."""

import json
from pathlib import Path

import pytest

from grader.domain.attempt_events import PersonId
from tests.fakes.command_line import CommandLine
from tests.fakes.credentials import passed_story
from tests.fakes.story import Story


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> CommandLine:
    monkeypatch.setenv("GRADER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("GRADER_USER", "ops")
    line = CommandLine(monkeypatch, capsys)
    adopt(line, passed_story())
    return line


def adopt(line: CommandLine, story: Story) -> None:
    """Take a story's ledger for the installation's."""
    object.__setattr__(line.ledger, "records", story.records)


def attempt(line: CommandLine) -> str:
    return str(line.document("attempt", "list")["attempts"][0]["id"])


def issued(line: CommandLine, folder: Path) -> Path:
    line.done("credential", "key", "new")
    line.done("credential", "issue", attempt(line), "--out", str(folder))
    return folder


def test_issue_writes_two_files_that_verify(line: CommandLine, tmp_path: Path) -> None:
    folder = issued(line, tmp_path / "out")
    for name, form in (("credential.json", "embedded proof"), ("credential.jwt", "VC-JWT")):
        found = line.document("credential", "verify", str(folder / name))
        assert (found["verifies"], found["form"], found["standing"]) == (True, form, "active")
    assert "valid: urn:uuid:" in line.done("credential", "verify", str(folder / "credential.jwt"))


def test_a_copy_with_one_changed_byte_is_refused(line: CommandLine, tmp_path: Path) -> None:
    file = issued(line, tmp_path) / "credential.json"
    file.write_text(file.read_text().replace('"0.83"', '"0.93"'))
    status, out, _ = line.run("credential", "verify", str(file))
    assert (status, "NOT VALID: its content is not what the issuer signed" in out) == (1, True)


def test_a_revoked_credential_is_told_with_its_reason(line: CommandLine, tmp_path: Path) -> None:
    file = issued(line, tmp_path) / "credential.json"
    assert "revoked urn:uuid:" in line.done("credential", "revoke", attempt(line), "plagiarised")
    status, out, _ = line.run("credential", "verify", str(file))
    assert (status, "it was revoked at 2027-01-15T08:00:00.000Z: plagiarised" in out) == (1, True)
    status, out, _ = line.run("credential", "verify", str(file), "--offline")
    assert status == 0


def test_keys_are_made_once_and_never_shown(line: CommandLine, tmp_path: Path) -> None:
    out = line.done("credential", "key", "new")
    assert "embedded proof: issued by did:key:z6Mk" in out
    assert "PRIVATE" not in out + line.done("credential", "key", "show")
    status, said = line.refused("credential", "key", "new")
    assert (status, "has keys already" in said) == (2, True)
    assert line.done("credential", "key", "new", "--replace") != out


def test_did_web_is_a_setting(line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line.done("credential", "key", "new")
    status, said = line.refused("credential", "key", "did-document")
    assert (status, "a did:key needs no document" in said) == (2, True)
    monkeypatch.setenv("GRADER_ISSUER", "did:web:badges.example.org")
    (tmp_path / "did.json").write_text(line.done("credential", "key", "did-document"))
    line.done("credential", "issue", attempt(line), "--out", str(tmp_path))
    verify = ("credential", "verify", str(tmp_path / "credential.json"))
    assert line.run(*verify)[0] == 1
    assert line.run(*verify, "--did-document", str(tmp_path / "did.json"))[0] == 0
    monkeypatch.setenv("GRADER_ISSUER", "https://example.org")
    status, said = line.refused("credential", "key", "show")
    assert (status, "expected did:web:HOST" in said) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("issue", "nope"), 2, "no attempt 'nope'"),
        (("issue", "ATTEMPT"), 2, "`grader credential key new` makes one"),
        (("issue", "ATTEMPT", "--subject", "ada"), 2, "'ada' is no URI"),
        (("revoke", "ATTEMPT", "why"), 1, "no_credential: none is in force"),
        (("verify", "/nope.json"), 2, "cannot read /nope.json"),
        (("verify", __file__), 2, "neither a JSON credential nor a VC-JWT"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    line: CommandLine, arguments: tuple[str, ...], status: int, message: str
) -> None:
    filled = [attempt(line) if a == "ATTEMPT" else a for a in arguments]
    found, said = line.refused("credential", *filled)
    assert (found, message in said) == (status, True), said


def test_a_result_below_the_pass_mark_is_told(line: CommandLine) -> None:
    adopt(line, Story().signed(points=12))
    line.done("credential", "key", "new")
    status, said = line.refused("credential", "issue", attempt(line))
    assert (status, "not_passed: the best result is 60.00 %" in said) == (1, True)


def test_the_learner_is_named_by_a_salted_hash_only(line: CommandLine, tmp_path: Path) -> None:
    line.ledger.people.id_of("ada-lovelace")
    document = json.loads((issued(line, tmp_path) / "credential.json").read_text())
    assert document["credentialSubject"]["identifier"][0]["hashed"] is True
    assert line.ledger.people.login_of(PersonId("ada")) is None
