"""Which result counts, and what becomes of the credential that told an earlier one; no file is signed here."""

from dataclasses import replace

import pytest

from grader.attempts import Reading, Request
from grader.domain import attempt_commands as do
from grader.domain import attempt_events as ev
from grader.domain.enrollment import Enrollment, Standing, attempt_id
from grader.domain.facts import draft
from grader.domain.refusal import Refusal, Rule
from grader.domain.score import DimensionId, Points
from grader.domain.twin import SkillId
from grader.errors import LedgerBroken
from grader.review.standing import earned, revocation
from tests.fakes.story import ADA, MIA, NOA, OPS, TERMS, Story

RESPONSE = SkillId("llm.ops.incident-response")


def append(story: Story, event: ev.Event) -> Story:
    reading = Reading(story.records)
    enrollment = reading.enrollment(ADA.id, story.terms.twin)
    reading.append([draft(enrollment.stream, story.now, event)], Request(actor=OPS, received_at=story.now))
    return story


def issued(story: Story, credential: str = "urn:c:1") -> Story:
    result = earned(story.enrollment)
    assert isinstance(result, ev.ResultSigned)
    event = ev.CredentialIssued(
        credential=credential,
        attempt=result.attempt,
        run=result.run,
        sign_off=result.sign_off,
        total=result.total,
        document="d",
        head="h",
    )
    return append(story, event)


def refused(answer: object) -> tuple[Rule, str]:
    assert isinstance(answer, Refusal)
    return answer.rule, answer.message


def test_an_id_is_twelve_characters_of_one_learner_twin_and_number() -> None:
    ids = {attempt_id(learner, TERMS.twin, number) for learner in (ADA.id, MIA.id) for number in (1, 2)}
    assert [len(each) for each in ids] == [12, 12, 12, 12]


def test_nothing_is_earned_before_a_passing_sign_off() -> None:
    assert refused(earned(Story().claimed().enrollment))[0] is Rule.NOT_SIGNED_OFF
    rule, message = refused(earned(Story().signed(points=12).enrollment))
    assert (rule, message) == (Rule.NOT_PASSED, "not_passed: the best result is 60.00 %, below the pass mark")


def test_one_credential_is_in_force_at_a_time() -> None:
    story = issued(Story().signed())
    assert story.enrollment.active is not None
    assert refused(earned(story.enrollment))[0] is Rule.CREDENTIAL_ACTIVE


def test_a_credential_is_taken_back_once_and_with_a_reason() -> None:
    assert refused(revocation(Story().signed().enrollment, "why"))[0] is Rule.NO_CREDENTIAL
    story = issued(Story().signed())
    assert refused(revocation(story.enrollment, " \n"))[0] is Rule.REASON_NEEDED
    answer = revocation(story.enrollment, " why ")
    assert answer == ev.CredentialRevoked(credential="urn:c:1", reason="why")
    assert isinstance(answer, ev.CredentialRevoked)
    (award,) = append(story, answer).enrollment.awards
    assert (award.standing, award.reason, award.until) == (Standing.REVOKED, "why", story.now)
    assert story.enrollment.active is None


def test_what_was_revoked_stays_beside_what_is_issued_next() -> None:
    story = issued(Story().signed())
    append(story, ev.CredentialRevoked(credential="urn:c:1", reason="why"))
    first, second = issued(story, "urn:c:2").enrollment.awards
    assert (first.standing, first.reason) == (Standing.REVOKED, "why")
    assert (second.standing, second.reason, second.until) == (Standing.ACTIVE, "", None)
    append(story, ev.CredentialRevoked(credential="urn:c:2", reason="again"))
    assert [award.reason for award in story.enrollment.awards] == ["why", "again"]


@pytest.mark.parametrize(
    ("points", "standing"), [(15, Standing.SUPERSEDED), (14, Standing.ACTIVE), (13, Standing.ACTIVE)]
)
def test_only_a_better_attempt_supersedes(points: int, standing: Standing) -> None:
    story = issued(Story().signed()).start().signed(by=NOA, points=points)
    (award,) = story.enrollment.awards
    assert (award.standing, award.reason) == (standing, "")
    assert (story.enrollment.best_with(story.enrollment.results[-1])).total == max(points, 14) * 100


def test_a_second_sign_off_with_the_same_words_changes_no_credential() -> None:
    story = issued(Story().signed()).does(ADA, do.OpenDispute(reason="d"))
    story.does(NOA, do.Claim()).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    (award,) = story.enrollment.awards
    assert award.standing is Standing.ACTIVE
    assert len(story.enrollment.results) == 1


@pytest.mark.parametrize(
    "command",
    [
        do.Override(dimension=DimensionId("communication"), points=Points(20), reason="clear"),
        do.AssertSkill(skill=RESPONSE, weight=10),
    ],
)
def test_a_changed_result_of_the_same_attempt_supersedes(command: do.Command) -> None:
    story = issued(Story().signed()).does(ADA, do.OpenDispute(reason="d"))
    story.does(NOA, do.Claim()).does(NOA, command).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    (award,) = story.enrollment.awards
    assert award.standing is Standing.SUPERSEDED


def test_of_equal_results_the_earlier_attempt_counts() -> None:
    story = Story().signed().start().signed(by=NOA)
    assert story.enrollment.best is not None
    assert story.enrollment.best.attempt == story.enrollment.attempts[0]


def test_a_credential_of_no_result_breaks_the_ledger() -> None:
    story = issued(Story().signed())
    (award,) = story.enrollment.awards
    for wrong in ({"sign_off": award.issued.sign_off + 1}, {"attempt": attempt_id(MIA.id, TERMS.twin, 1)}):
        other = append(Story().signed(), replace(award.issued, **wrong))
        with pytest.raises(LedgerBroken, match="no signed result"):
            _ = other.enrollment


def test_an_enrollment_that_never_began_has_no_entry() -> None:
    assert Enrollment(learner=ADA.id, twin=TERMS.twin).seq == 0
    assert Story().start().enrollment.seq == 1
