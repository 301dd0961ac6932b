"""`grader attempt` and `grader review`: the way of one attempt, and one clear line for each thing that is wrong."""

import json
from pathlib import Path

import pytest

from grader.domain.attempt_events import PersonId
from grader.domain.instant import DAY
from tests.fakes.command_line import CommandLine
from tests.fakes.git_history import GitHistory
from tests.fakes.memory_ledger import MemoryPeople
from tests.fakes.story import Story

YES = ("--answer", "F1=yes", "--answer", "F2=yes", "--answer", "F3=yes")
RESPONSE = "llm.ops.incident-response"
DIMENSIONS = (
    "diagnosis_speed",
    "hotfix_correctness",
    "regression_safety",
    "postmortem_quality",
    "communication",
)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


@pytest.fixture
def repository(tmp_path: Path) -> str:
    history = GitHistory(tmp_path / "work")
    history.commit({"app.py": "x = 1\n"})
    return str(history.folder)


@pytest.fixture
def record(tmp_path: Path) -> str:
    """A record as `grader grade` writes it, for an upload without a commit."""
    score = {"points": 0.7, "reason": "r", "caps": [], "confidence": "high", "scored_by": "rules", "evidence": []}
    document = {
        "schema": "grader/record/1",
        "run_id": "r1",
        "twin": "jt-incident-4",
        "case": "airline-refund",
        "submission": {"mode": "repo_url", "commit": "", "base": "b", "received_at": "2027-01-15T09:00:00Z"},
        "checks": [],
        "pre_scores": [{"dimension": dimension, **score} for dimension in DIMENSIONS],
        "overall": 0.7,
        "would_pass": True,
        "provenance": {"grader": "0.1.0", "image": "i", "case_digest": "c", "twin_digest": "t", "seed": 0},
    }
    file = tmp_path / "record.json"
    file.write_text(json.dumps(document))
    return str(file)


def started(line: CommandLine) -> str:
    return str(line.document("attempt", "start", "--case", "airline-refund", "--as", "ada")["id"])


def submitted(line: CommandLine, repository: str) -> str:
    attempt = started(line)
    line.run("attempt", "submit", attempt, "--repo", repository, *YES, "--as", "ada")
    return attempt


def graded(line: CommandLine, repository: str, record: str) -> str:
    """Submitted and graded; the record is made to be of the submission's commit."""
    attempt = submitted(line, repository)
    document = json.loads(Path(record).read_text())
    document["submission"]["commit"] = line.document("attempt", "show", attempt)["submission"]["commit"]
    Path(record).write_text(json.dumps(document))
    line.done("review", "regrade", attempt, "--record", record, "--role", "operator", "--as", "ops")
    return attempt


def claimed(line: CommandLine, repository: str, record: str) -> str:
    attempt = graded(line, repository, record)
    line.done("review", "claim", attempt, "--as", "mia")
    return attempt


def test_the_whole_way_from_start_to_sign_off(line: CommandLine, repository: str, record: str) -> None:
    attempt = graded(line, repository, record)
    assert "waiting for a mentor" in line.done("attempt", "show", attempt)
    assert line.document("review", "queue")["attempts"][0]["id"] == attempt
    line.done("review", "claim", attempt, "--as", "mia")
    line.done("review", "override", attempt, "hotfix_correctness", "0.85", "streaming is covered too", "--as", "mia")
    line.done("review", "confirm", attempt, "--as", "mia")
    line.done("review", "assert", attempt, RESPONSE, "0.83", "--as", "mia")
    out = line.done("review", "sign-off", attempt, "--as", "mia")
    assert "signed off with 73.75 %: passed" in out
    found = line.document("attempt", "show", attempt)
    (sign_off,) = found["sign_offs"]
    assert (found["phase"], sign_off["overall"], sign_off["mentor"]) == ("signed_off", 0.7375, "mia")
    decided = {each["id"]: each for each in found["dimensions"]}["hotfix_correctness"]
    assert (decided["pre_score"], decided["decision"]["points"], decided["decision"]["by"]) == (0.7, 0.85, "mia")
    assert sign_off["skills"] == {RESPONSE: 0.83}
    assert line.document("review", "queue")["attempts"] == []
    assert "nothing waits" in line.done("review", "queue")


def test_a_submission_that_the_grader_fails_on_is_kept_and_costs_nothing(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    status, out, err = line.run("attempt", "submit", attempt, "--repo", repository, *YES, "--as", "ada")
    assert (status, err) == (3, "grader: no container engine answers\n")
    assert line.document("attempt", "show", attempt)["submission"]["commit"] in out


def test_a_late_submission_by_one_millisecond(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    line.clock.forward(minutes=90 + 240)
    line.clock.forward(milliseconds=1)
    status, said = line.refused("attempt", "submit", attempt, "--repo", repository, *YES, "--as", "ada")
    assert status == 1
    assert "late: the deadline was 2027-01-15T13:30:00.000Z, 1 ms before this arrived" in said
    assert line.document("attempt", "show", attempt)["refused_submissions"] == 1


def test_a_double_submission_with_the_same_and_with_another_key(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    call = ("attempt", "submit", attempt, "--repo", repository, *YES, "--as", "ada", "--key")
    line.run(*call, "k1")
    before = len(list(line.ledger.records.entries()))
    status, out, _ = line.run(*call, "k1")
    assert (status, "run 2 failed" in out) == (3, True)
    assert [e.kind for e in line.ledger.records.entries()].count("Submitted") == 1
    status, said = line.refused(*call, "k2")
    assert (status, "already_submitted: the one submission was taken" in said) == (1, True)
    status, said = line.refused("attempt", "save", attempt, "--repo", repository, "--as", "ada", "--key", "k1")
    assert (status, "key_reused" in said) == (2, True)
    assert len(list(line.ledger.records.entries())) >= before


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("start", "--case", "airline-refund", "--twin", "nope", "--as", "ada"), 2, "unknown twin 'nope'"),
        (("start", "--case", "../x", "--as", "ada"), 2, "unknown case '../x'; known are airline-refund"),
        (("start", "--case", "airline-refund"), 2, "who acts? give --as LOGIN, or set GRADER_USER"),
        (("start", "--case", "airline-refund", "--as", "ada@example.org"), 2, "'ada@example.org' is no login"),
        (("start", "--case", "airline-refund", "--as", "ada"), 1, "previous_attempt_open"),
        (("update", "ATTEMPT", " ", "--as", "ada"), 2, "the update is empty"),
        (("update", "ATTEMPT", "x" * 20_001, "--as", "ada"), 2, "more than 20000 characters"),
        (("update", "ATTEMPT", "text", "--commit", "HEAD", "--as", "ada"), 2, "hexadecimal name of a commit"),
        (("update", "ATTEMPT", "text", "--as", "bob"), 1, "not_yours"),
        (("update", "nope", "text", "--as", "ada"), 2, "no attempt 'nope'"),
        (("save", "ATTEMPT", "--as", "ada"), 2, "one of --manifest, --repo, --upload"),
        (("save", "ATTEMPT", "--repo", "x", "--upload", "y", "--as", "ada"), 2, "one of --manifest, --repo, --upload"),
        (("save", "ATTEMPT", "--upload", "/nope.zip", "--as", "ada"), 2, "cannot read /nope.zip"),
        (("submit", "ATTEMPT", "--repo", "REPO", *YES[:4], "--as", "ada"), 2, "unanswered: self-check F3"),
        (("submit", "ATTEMPT", "--repo", "REPO", "--answer", "F9=no", "--as", "ada"), 2, "unknown_self_check: 'F9'"),
        (("submit", "ATTEMPT", "--repo", "REPO", "--answer", "F1=maybe", "--as", "ada"), 2, "expected ID=yes or ID=no"),
        (("submit", "ATTEMPT", "--repo", "/nope", *YES, "--as", "ada"), 2, "/nope"),
        (("dispute", "ATTEMPT", "unfair", "--as", "ada"), 1, "not_signed_off"),
    ],
)
def test_what_a_learner_gets_wrong(
    line: CommandLine, repository: str, arguments: tuple[str, ...], status: int, message: str
) -> None:
    attempt = started(line)
    before = list(line.ledger.records.entries())
    filled = [repository if a == "REPO" else attempt if a == "ATTEMPT" else a for a in arguments]
    found, said = line.refused("attempt", *filled)
    assert (found, message in said) == (status, True), said
    assert list(line.ledger.records.entries()) == before


def test_a_blocked_submission_says_how_to_mend_it(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    call = ("attempt", "submit", attempt, "--repo", repository, "--answer", "F1=no", *YES[2:], "--as", "ada")
    status, said = line.refused(*call)
    assert (status, "blocked: critical self-check F1" in said) == (1, True)
    status, said = line.refused(*call, "--force", "F1=")
    assert (status, "reason_needed: forcing F1" in said) == (2, True)
    line.run(*call, "--force", "F1=the test came in a second commit")
    assert "FORCED by the learner: F1" in line.done("attempt", "show", attempt)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ("override", "charm", "0.5", "why", "--as", "mia"),
            2,
            "unknown_dimension: 'charm'; there are diag",
        ),
        (("override", "communication", "0.53", "why", "--as", "mia"), 2, "0.53 is not a multiple of 0.05"),
        (("override", "communication", "1.05", "why", "--as", "mia"), 2, "1.05 is not a multiple of 0.05"),
        (("override", "communication", "0.123", "why", "--as", "mia"), 2, "a score is a multiple of 0.05"),
        (("override", "communication", "good", "why", "--as", "mia"), 2, "a score is a multiple of 0.05"),
        (("override", "communication", "nan", "why", "--as", "mia"), 2, "a score is a multiple of 0.05"),
        (("override", "communication", "0.5", "--as", "mia"), 2, "reason_needed: changing communication"),
        (("override", "communication", "0.5", "  ", "--as", "mia"), 2, "reason_needed: changing communication"),
        (("assert", RESPONSE, "1.01", "--as", "mia"), 2, f"above_ceiling: {RESPONSE} takes 0.00 to 1.00, not 1.01"),
        (("assert", "juggling", "0.5", "--as", "mia"), 2, "unknown_skill: 'juggling'; there are llm."),
        (("claim", "--as", "ada"), 1, "own_review: a mentor never reviews their own attempt"),
        (("claim", "--as", "noa"), 1, "already_claimed: mia holds the attempt; it can be taken over after"),
        (("confirm", "--as", "noa"), 1, "not_holder: mia holds the attempt"),
        (("confirm", "--run", "7", "--as", "mia"), 1, "stale_run: you looked at run 7, the latest is 2"),
        (("confirm", "--seen", "1", "--as", "mia"), 1, "conflict: you looked at entry 1"),
        (("sign-off", "--as", "mia"), 1, "incomplete: no decision on diagnosis_speed, hotfix_correctness"),
        (("release", "--as", "noa"), 1, "not_holder: mia holds the attempt"),
        (("reassign", "ada", "--role", "operator", "--as", "ops"), 1, "own_review"),
        (("regrade", "--as", "mia"), 2, "reason_needed: a regrade needs a reason"),
        (("regrade", "--record", "/nope.json", "--as", "mia"), 2, "cannot read /nope.json"),
    ],
)
def test_what_a_mentor_gets_wrong(
    line: CommandLine, repository: str, record: str, arguments: tuple[str, ...], status: int, message: str
) -> None:
    attempt = claimed(line, repository, record)
    before = list(line.ledger.records.entries())
    found, said = line.refused("review", arguments[0], attempt, *arguments[1:])
    assert (found, message in said) == (status, True), said
    assert list(line.ledger.records.entries()) == before


def test_an_overdue_claim_shows_as_such_and_can_be_taken_over(line: CommandLine, repository: str, record: str) -> None:
    attempt = claimed(line, repository, record)
    assert "2 d to sign-off" in line.done("review", "queue")
    line.clock.forward(milliseconds=2 * DAY + 1)
    assert "sign-off 1 ms overdue" in line.done("review", "queue")
    taken = line.document("review", "claim", attempt, "--as", "noa")
    assert (taken["claim"]["mentor"], taken["events"], taken["sla_breaches"]) == ("noa", ["SlaBreached", "Claimed"], 1)


def test_a_regrade_says_which_decisions_no_longer_count(line: CommandLine, repository: str, record: str) -> None:
    attempt = claimed(line, repository, record)
    line.done("review", "confirm", attempt, "--dimension", "communication", "--as", "mia")
    out = line.done("review", "regrade", attempt, "--reason", "case mended", "--record", record, "--as", "mia")
    assert "graded in run 3; decisions on communication no longer count" in out


def test_a_record_of_something_else_is_refused(line: CommandLine, repository: str, record: str) -> None:
    attempt = graded(line, repository, record)
    document = json.loads(Path(record).read_text())
    elsewhere = {**document["submission"], "commit": "f" * 40}
    for field, value, told in (
        ("case", "other", "the attempt is of jt-incident-4, airline-refund"),
        ("twin", "other", "the attempt is of jt-incident-4, airline-refund"),
        ("submission", elsewhere, f"is of commit {'f' * 40}, the submission of {document['submission']['commit']}"),
    ):
        other = Path(record).with_name("other.json")
        other.write_text(json.dumps({**document, field: value}))
        call = ("review", "regrade", attempt, "--record", str(other), "--reason", "r", "--as", "mia")
        status, said = line.refused(*call)
        assert (status, told in said) == (2, True), said


def test_time_outs_are_shown_at_once_and_recorded_by_settle(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    line.done("attempt", "save", attempt, "--repo", repository, *YES, "--as", "ada")
    line.clock.forward(minutes=330)
    shown = line.document("attempt", "show", attempt)
    assert (shown["phase"], shown["submission"]["forced"]) == ("submitted", "deadline")
    assert line.done("attempt", "settle").split() == [f"{attempt}:", "LiveClosed"]
    line.clock.forward(minutes=5)
    _, out, _ = line.run("attempt", "settle")
    assert f"{attempt}: Submitted" in out
    assert "FORCED by the deadline" in line.done("attempt", "show", attempt)


def test_blind_mode_hides_the_learner_from_everybody_but_themselves(line: CommandLine) -> None:
    object.__setattr__(line.ledger, "records", Story(blind="until_sign_off").claimed().records)
    object.__setattr__(line.ledger, "people", Named())
    attempt = line.document("attempt", "list")["attempts"][0]
    assert attempt["learner"] is None
    assert "ada" not in line.done("review", "queue") + line.done("attempt", "show", attempt["id"])
    assert line.document("attempt", "show", attempt["id"], "--as", "ada")["learner"] == "ada"
    line.done("review", "confirm", attempt["id"], "--as", "mia")
    line.done("review", "sign-off", attempt["id"], "--as", "mia")
    assert line.document("attempt", "show", attempt["id"])["learner"] == "ada"


class Named(MemoryPeople):
    """People whose ids are their logins, as in a story."""

    def id_of(self, login: str) -> PersonId:
        return PersonId(login)

    def login_of(self, person: PersonId) -> str | None:
        return person


def test_an_operator_takes_a_claim_away(line: CommandLine, repository: str, record: str) -> None:
    attempt = claimed(line, repository, record)
    out = line.document("review", "release", attempt, "--role", "operator", "--reason", "ill", "--as", "ops")
    assert (out["phase"], out["claim"], out["events"]) == ("graded", None, ["Released"])
    line.done("review", "claim", attempt, "--as", "mia")
    given = line.document("review", "reassign", attempt, "noa", "--role", "operator", "--as", "ops")
    assert (given["claim"]["mentor"], given["events"]) == ("noa", ["Released", "Claimed"])


def test_lists_can_be_narrowed(line: CommandLine) -> None:
    attempt = started(line)
    assert attempt in line.done("attempt", "list", "--learner", "ada", "--phase", "live")
    assert line.document("attempt", "list", "--learner", "bob")["attempts"] == []
    assert "no attempts" in line.done("attempt", "list", "--phase", "expired")


def test_words_of_learners_stay_out_of_the_ledger(line: CommandLine, repository: str) -> None:
    attempt = started(line)
    line.done("attempt", "update", attempt, "Refunds are wrong since 14:05", "--as", "ada")
    line.run("attempt", "submit", attempt, "--repo", repository, *YES, "--as", "ada")
    everything = "\n".join(f"{e.stream} {e.actor} {e.body}" for e in line.ledger.records.entries())
    assert "Submitted" in {e.kind for e in line.ledger.records.entries()}
    assert [word for word in ("ada", repository, "Refunds") if word in everything] == []
