"""`grader audit`: verify, take along, forget; every change of an export is found."""

import json
from pathlib import Path

import pytest

from tests.fakes.command_line import CommandLine


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    line = CommandLine(monkeypatch, capsys)
    for login in ("ada", "bob"):
        attempt = line.document("attempt", "start", "--case", "airline-refund", "--as", login)["id"]
        line.done("attempt", "update", attempt, f"we look into it, {login}", "--as", login)
        line.done("attempt", "update", attempt, "the same words", "--as", login)
    return line


def test_a_sound_ledger_verifies_and_tells_its_heads(line: CommandLine) -> None:
    found = line.document("audit", "verify")
    assert (found["verifies"], found["entries"], len(found["heads"])) == (True, 8, 4)
    head = next(iter(found["heads"].values()))["hash"]
    assert "8 entries in 4 streams verify" in line.done("audit", "verify", "--anchor", head)


def test_a_hash_that_is_not_in_it_is_told(line: CommandLine) -> None:
    status, out, _ = line.run("audit", "verify", "--anchor", "f" * 64)
    assert (status, f"BROKEN: {'f' * 64} is not in the ledger" in out) == (1, True)


def test_an_export_verifies_without_the_installation(line: CommandLine, tmp_path: Path) -> None:
    out = line.done("audit", "export")
    line.done("audit", "export", "--out", str(tmp_path / "ledger.jsonl"))
    assert (tmp_path / "ledger.jsonl").read_text() == out
    assert "8 entries in 4 streams verify" in line.done("audit", "verify", "--file", str(tmp_path / "ledger.jsonl"))


def test_one_changed_word_in_an_export_is_found(line: CommandLine, tmp_path: Path) -> None:
    lines = line.done("audit", "export").splitlines()
    for place, text in enumerate(lines):
        entry = json.loads(text)
        entry["effective_at"] += 1
        changed = [*lines[:place], json.dumps(entry), *lines[place + 1 :]]
        (tmp_path / "x").write_text("\n".join(changed) + "\n")
        status, out, _ = line.run("audit", "verify", "--file", str(tmp_path / "x"))
        assert (status, f"BROKEN at {entry['stream']} entry {entry['seq']}" in out) == (1, True)


@pytest.mark.parametrize("content", [b"not json\n", b"\xff\n", b"[]\n"])
def test_a_file_that_is_no_export_is_one_clear_line(line: CommandLine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    status, said = line.refused("audit", "verify", "--file", str(tmp_path / "x"))
    assert (status, str(tmp_path / "x") in said) == (2, True)


def test_forgetting_a_person_leaves_a_ledger_that_verifies(line: CommandLine) -> None:
    before = line.done("audit", "export")
    assert "forgot ada: their name, and 1 texts and files of 1 attempts" in line.done("audit", "erase", "ada")
    assert line.done("audit", "export") == before
    assert line.document("audit", "verify")["verifies"]
    learners = [each["learner"] for each in line.document("attempt", "list")["attempts"]]
    assert "ada" not in learners
    assert "bob" in learners
    texts = line.ledger.contents
    assert texts.get(texts.keep(b"the same words")) == b"the same words"
