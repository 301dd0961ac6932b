"""The best result earns one credential; a better one, a revocation, a changed result end it."""

import json
from pathlib import Path

from grader.adapters.twin_files import TwinFiles
from grader.attempts import Request
from grader.award import revoke, standing
from grader.domain import attempt_commands as do
from grader.domain.enrollment import Standing
from grader.domain.instant import DAY
from grader.domain.ledger import digest
from grader.domain.refusal import Refusal, Rule
from grader.domain.score import DimensionId, Points
from grader.domain.twin import TwinId
from tests.fakes.credentials import Awards, passed_story
from tests.fakes.story import ADA, NOA, OPS, Story


def test_it_tells_scores_skills_evidence_and_the_head_of_the_ledger(tmp_path: Path) -> None:
    story = passed_story()
    head = story.records.stream(next(s for s in story.entries if s.startswith("attempt/")))[-1]
    document = Awards(tmp_path, story).signed().document
    subject = document["credentialSubject"]
    names = {each["id"]: each["name"] for each in subject["achievement"]["resultDescription"]}
    values = {names[each["resultDescription"]]: each["value"] for each in subject["result"]}
    assert values["Hotfix correctness"] == "0.70"
    assert values["Weighted total"] == "70.00"
    assert values["Skill weight: llm.ops.incident-response"] == "0.83"
    assert subject["identifier"][0]["identityHash"].startswith("sha256$")
    assert "ada" not in json.dumps(document)
    evidence = [each.get("id") or each["description"] for each in document["evidence"]]
    assert evidence == ["https://example.org/report", "sha256:record-1", f"sha256:{head.hash}"]


def test_asked_again_it_is_the_same_file(tmp_path: Path) -> None:
    awards = Awards(tmp_path, passed_story())
    first = awards.signed()
    before = awards.story.entries
    assert awards.signed() == first
    assert awards.story.entries == before


def test_the_ledger_holds_the_digest_of_what_was_signed(tmp_path: Path) -> None:
    awards = Awards(tmp_path, passed_story())
    awards.signed()
    active = awards.story.enrollment.active
    assert active is not None
    kept = awards.tools.contents.get(active.issued.document)
    assert kept is not None
    assert digest(kept) == active.issued.document


def test_nothing_is_issued_without_a_passed_sign_off(tmp_path: Path) -> None:
    unsigned = Awards(tmp_path, Story().claimed()).issue()
    failed = Awards(tmp_path, Story().signed(points=12)).issue()
    assert isinstance(unsigned, Refusal)
    assert isinstance(failed, Refusal)
    assert (unsigned.rule, failed.rule) == (Rule.NOT_SIGNED_OFF, Rule.NOT_PASSED)


def test_a_better_attempt_supersedes_and_a_worse_one_does_not(tmp_path: Path) -> None:
    for points, expected in ((15, Standing.SUPERSEDED), (14, Standing.ACTIVE), (13, Standing.ACTIVE)):
        awards = Awards(tmp_path, Story().signed(points=14))
        first = awards.signed().document["id"]
        awards.story.start().signed(by=NOA, points=points)
        known = standing(first, awards.story.records)
        assert known is not None
        assert known.standing is expected
        if expected is Standing.SUPERSEDED:
            assert awards.signed().document["id"] != first
            assert awards.story.enrollment.active is not None


def test_a_dispute_supersedes_only_when_the_result_changes(tmp_path: Path) -> None:
    otherwise = do.Override(dimension=DimensionId("communication"), points=Points(20), reason="clear to me")
    for command, expected in ((otherwise, Standing.SUPERSEDED), (do.Confirm(), Standing.ACTIVE)):
        awards = Awards(tmp_path, Story().signed())
        first = awards.signed().document["id"]
        story = awards.story.does(ADA, do.OpenDispute(reason="digest")).does(NOA, do.Claim())
        story.does(NOA, command).does(NOA, do.Confirm()).does(NOA, do.SignOff())
        known = standing(first, story.records)
        assert known is not None
        assert known.standing is expected


def test_an_operator_revokes_with_a_reason_and_may_issue_anew(tmp_path: Path) -> None:
    awards = Awards(tmp_path, passed_story())
    first = awards.signed().document["id"]
    twin = TwinFiles().get(TwinId("jt-incident-4"))
    request = Request(actor=OPS, received_at=awards.story.now)
    for reason, rule in ((" ", Rule.REASON_NEEDED), ("plagiarised", None)):
        answer = revoke(ADA.id, twin, reason, awards.story.records, request)
        assert (answer.rule if isinstance(answer, Refusal) else None) == rule
    known = standing(first, awards.story.records)
    assert known is not None
    assert (known.standing, known.reason) == (Standing.REVOKED, "plagiarised")
    again = revoke(ADA.id, twin, "twice", awards.story.records, request)
    assert isinstance(again, Refusal)
    assert again.rule is Rule.NO_CREDENTIAL
    assert awards.signed().document["id"] != first


def test_a_credential_of_somebody_else_is_unknown_here(tmp_path: Path) -> None:
    assert standing("urn:uuid:0", passed_story().records) is None


def test_a_credential_is_of_the_time_it_was_asked_for(tmp_path: Path) -> None:
    awards = Awards(tmp_path, passed_story())
    signed_at = awards.story.now
    awards.story.at(signed_at + DAY)
    document = awards.signed().document
    assert (document["awardedDate"], document["validFrom"]) == ("2026-01-15T08:00:00Z", "2026-01-16T08:00:00Z")
