"""Runs, leases, decisions, sign-off, disputes: who may do what, when, and what stands beside what."""

from dataclasses import replace

import pytest

from grader.domain import attempt_commands as do
from grader.domain.attempt import Phase
from grader.domain.attempt_commands import GRADER, Actor, Role
from grader.domain.attempt_events import Forced
from grader.domain.enrollment import attempt_stream
from grader.domain.instant import DAY, Instant
from grader.domain.refusal import MALFORMED, Rule
from grader.domain.score import DimensionId, Points
from grader.domain.twin import SkillId
from grader.review.states import learner_shown
from tests.fakes.story import ADA, LIVE, MIA, NOA, OPS, POSTMORTEM, SLA, T0, Story, result

FIX, SPEED = DimensionId("hotfix_correctness"), DimensionId("diagnosis_speed")
RESPONSE = SkillId("llm.ops.incident-response")
ADA_AS_MENTOR = Actor(role=Role.MENTOR, id=ADA.id)
OTHERWISE = do.Override(dimension=FIX, points=Points(9), reason="streaming is not covered")


def rule(story: Story) -> Rule | None:
    return story.refusal.rule if story.refusal else None


def test_a_run_is_recorded_once_and_only_the_latest() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, do.RequestGrade())
    assert rule(story.does(GRADER, result(1))) is Rule.STALE_RUN
    story.does(GRADER, result(2))
    kinds = story.kinds()
    assert rule(story.does(GRADER, result(2))) is None
    assert rule(story.does(MIA, result(2))) is Rule.WRONG_ROLE
    assert story.kinds() == kinds


def test_our_fault_costs_nothing_and_is_mended_by_the_next_run() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, do.FailGrade(run=1, reason="no engine"))
    assert story.stored.phase is Phase.GRADE_ERROR
    assert story.graded().stored.phase is Phase.GRADED


def test_a_failed_regrade_leaves_decisions_and_phase_as_they_were() -> None:
    story = Story().claimed().does(MIA, OTHERWISE).does(OPS, do.RequestGrade(reason="case mended"))
    assert rule(story.does(MIA, do.Confirm())) is Rule.GRADING
    story.does(GRADER, do.FailGrade(run=2, reason="no engine"))
    assert (story.stored.phase, list(story.stored.decisions)) == (Phase.IN_REVIEW, [FIX])
    signed = Story().signed().does(OPS, do.RequestGrade(reason="again")).does(GRADER, do.FailGrade(run=2, reason="x"))
    assert signed.stored.phase is Phase.SIGNED_OFF


def test_a_regrade_clears_decisions_and_says_so() -> None:
    story = Story().claimed().does(MIA, OTHERWISE).does(OPS, do.RequestGrade(reason="case mended"))
    story.does(GRADER, result(2))
    assert (story.stored.phase, story.stored.decisions) == (Phase.CLAIMED, {})
    assert f'"cleared":["{FIX}"]' in story.outcome.entries[-1].body
    assert rule(story.does(MIA, replace(OTHERWISE, run=1))) is Rule.STALE_RUN


def test_a_regrade_needs_a_reason_and_never_comes_from_the_learner() -> None:
    story = Story().graded()
    assert rule(story.does(MIA, do.RequestGrade(reason=" "))) is Rule.REASON_NEEDED
    assert rule(story.does(ADA, do.RequestGrade(reason="please"))) is Rule.WRONG_ROLE
    assert rule(story.does(ADA_AS_MENTOR, do.RequestGrade(reason="please"))) is Rule.OWN_REVIEW


def test_a_run_has_points_or_none_for_every_dimension() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade())
    whole = result(1)
    for broken in (
        replace(whole, pre_scores={FIX: Points(3)}),
        replace(whole, pre_scores={**whole.pre_scores, FIX: Points(21)}),
        replace(whole, pre_scores={**whole.pre_scores, FIX: Points(-1)}),
        replace(whole, record=""),
    ):
        assert rule(story.does(GRADER, broken)) is Rule.INCOMPLETE_RUN


@pytest.mark.parametrize(("offset", "taken"), [(-1, False), (0, False), (1, True)])
def test_a_claim_is_a_lease_until_the_sla_has_run_out(offset: int, taken: bool) -> None:
    story = Story().claimed().does(MIA, OTHERWISE).at(T0 + SLA + offset).does(NOA, do.Claim())
    assert (story.refusal is None) is taken
    held = story.stored.claim
    assert held is not None
    assert held.mentor == (NOA.id if taken else MIA.id)
    assert (story.stored.decisions == {}) is taken


@pytest.mark.parametrize(("offset", "breached"), [(0, False), (1, True)])
def test_the_sign_off_carries_the_sla(offset: int, breached: bool) -> None:
    story = Story().claimed().does(MIA, do.Confirm()).at(T0 + SLA + offset).does(MIA, do.SignOff())
    signed = story.stored.result
    assert signed is not None
    assert signed.event.sla_breached is breached
    assert ("SlaBreached" in story.kinds()) is breached


def test_who_may_review() -> None:
    story = Story().graded()
    assert rule(story.does(ADA_AS_MENTOR, do.Claim())) is Rule.OWN_REVIEW
    assert rule(story.does(ADA, do.Claim())) is Rule.WRONG_ROLE
    assert rule(story.does(MIA, do.Confirm())) is Rule.NOT_CLAIMED
    story.does(MIA, do.Claim())
    assert rule(story.does(NOA, do.Claim())) is Rule.ALREADY_CLAIMED
    assert rule(story.does(MIA, do.Claim())) is Rule.ALREADY_CLAIMED
    assert rule(story.does(NOA, do.Confirm())) is Rule.NOT_HOLDER
    assert rule(story.does(NOA, do.Release())) is Rule.NOT_HOLDER


def test_release_and_reassign_drop_decisions_and_free_the_attempt() -> None:
    story = Story().claimed().does(MIA, OTHERWISE).does(MIA, do.Release())
    assert (story.stored.phase, story.stored.decisions, story.stored.claim) == (Phase.GRADED, {}, None)
    assert rule(story.does(OPS, do.Release())) is Rule.NOT_CLAIMED
    story.does(MIA, do.Claim())
    assert rule(story.does(OPS, do.Reassign(mentor=ADA.id))) is Rule.OWN_REVIEW
    assert rule(story.does(OPS, do.Reassign(mentor=MIA.id))) is Rule.ALREADY_CLAIMED
    story.does(OPS, do.Reassign(mentor=NOA.id))
    assert story.stored.claim is not None
    assert (story.stored.claim.mentor, story.kinds()[-2:]) == (NOA.id, ["Released", "Claimed"])


def test_decisions_stand_beside_what_was_proposed() -> None:
    story = Story().claimed().does(MIA, OTHERWISE).does(MIA, do.Confirm())
    decided = story.stored.decisions
    assert (decided[FIX].points, decided[FIX].proposed, decided[FIX].by) == (9, 14, "mentor:mia")
    assert all(decided[d].points == 14 for d in decided if d != FIX)
    before = story.kinds()
    assert story.does(MIA, do.Confirm()).does(MIA, OTHERWISE).kinds() == before
    story.does(MIA, do.Confirm(dimensions=(FIX,)))
    assert story.stored.decisions[FIX].points == 14


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (do.Confirm(dimensions=(DimensionId("charm"),)), Rule.UNKNOWN_DIMENSION),
        (replace(OTHERWISE, dimension=DimensionId("charm")), Rule.UNKNOWN_DIMENSION),
        (replace(OTHERWISE, points=Points(21)), Rule.OFF_GRID),
        (replace(OTHERWISE, points=Points(-1)), Rule.OFF_GRID),
        (replace(OTHERWISE, reason=" \n"), Rule.REASON_NEEDED),
        (replace(OTHERWISE, reason="x" * 2001), Rule.REASON_TOO_LONG),
        (do.AssertSkill(skill=SkillId("juggling"), weight=10), Rule.UNKNOWN_SKILL),
        (do.AssertSkill(skill=RESPONSE, weight=101), Rule.ABOVE_CEILING),
        (do.AssertSkill(skill=RESPONSE, weight=-1), Rule.ABOVE_CEILING),
    ],
)
def test_malformed_decisions_are_named_and_change_nothing(command: do.Command, refused: Rule) -> None:
    story = Story().claimed()
    before = story.kinds()
    assert rule(story.does(MIA, command)) is refused
    assert refused in MALFORMED
    assert story.kinds() == before


def test_a_ceiling_is_reached_but_not_passed() -> None:
    story = Story(skills=((RESPONSE, 50),)).claimed()
    assert rule(story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=51))) is Rule.ABOVE_CEILING
    assert rule(story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=50))) is None
    assert story.stored.skills == {RESPONSE: 50}
    assert story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=0)).stored.skills == {}


def test_a_pre_score_that_could_not_be_formed_has_to_be_decided() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, result(1, None)).does(MIA, do.Claim())
    assert rule(story.does(MIA, do.Confirm())) is Rule.NO_PRE_SCORE
    assert rule(story.does(MIA, do.Confirm(dimensions=(FIX,)))) is Rule.NO_PRE_SCORE
    assert rule(story.does(MIA, replace(OTHERWISE, reason=""))) is Rule.REASON_NEEDED
    assert rule(story.does(MIA, OTHERWISE)) is None


def test_sign_off_is_complete_or_not_at_all() -> None:
    story = Story().claimed().does(MIA, do.SignOff())
    assert rule(story) is Rule.INCOMPLETE
    story.does(MIA, do.Confirm()).does(MIA, do.AssertSkill(skill=RESPONSE, weight=80))
    assert rule(story.does(MIA, do.SignOff(run=2))) is Rule.STALE_RUN
    story.does(MIA, do.SignOff(run=1))
    signed = story.stored.result
    assert signed is not None
    assert (signed.event.total, signed.event.passed, signed.event.skills) == (1400, True, {RESPONSE: 80})
    assert rule(story.does(MIA, do.SignOff())) is Rule.SIGNED_OFF


@pytest.mark.parametrize(("points", "passed"), [(13, True), (12, False)])
def test_the_pass_mark_is_reached_exactly(points: int, passed: bool) -> None:
    signed = Story().signed(points=points).stored.result
    assert signed is not None
    assert signed.event.passed is passed


def test_skills_need_a_passing_review() -> None:
    story = Story().graded(12).does(MIA, do.Claim()).does(MIA, do.Confirm())
    story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=10)).does(MIA, do.SignOff())
    assert rule(story) is Rule.SKILLS_NEED_PASS
    story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=0)).does(MIA, do.SignOff())
    assert story.stored.phase is Phase.SIGNED_OFF


def test_the_sign_off_shows_what_was_forced() -> None:
    story = Story().start().does(ADA, do.Save(handed=do.Handed(mode="repo_url", content="c", answers={"F1": False})))
    story.at(T0 + LIVE + POSTMORTEM + DAY).signed()
    signed = story.stored.result
    assert signed is not None
    assert (signed.event.forced, signed.event.failing_critical) == (Forced.DEADLINE, ("F1",))


@pytest.mark.parametrize(("offset", "refused"), [(-1, None), (0, Rule.DISPUTE_CLOSED), (1, Rule.DISPUTE_CLOSED)])
def test_a_dispute_is_opened_within_its_days(offset: int, refused: Rule | None) -> None:
    story = Story().signed().at(T0 + 7 * DAY + offset).does(ADA, do.OpenDispute(reason="digest"))
    assert rule(story) == refused


def test_a_dispute_goes_to_another_mentor_once_and_the_old_sign_off_stays() -> None:
    story = Story().signed().does(ADA, do.OpenDispute(reason="digest"))
    assert rule(story.does(MIA, do.Claim())) is Rule.SAME_READER
    assert story.stored.result is not None
    story.does(NOA, do.Claim()).does(NOA, OTHERWISE).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    assert [s.event.mentor for s in story.stored.sign_offs] == [MIA.id, NOA.id]
    assert story.kinds()[-1] == "DisputeResolved"
    assert rule(story.does(ADA, do.OpenDispute(reason="digest"))) is Rule.DISPUTE_USED
    assert rule(story.does(MIA, do.OpenDispute(reason="digest"))) is Rule.NOT_YOURS


def test_a_second_reader_signs_when_the_twin_says_so() -> None:
    story = Story(second_reader="always").signed()
    assert (story.stored.phase, story.stored.result) == (Phase.GRADED, None)
    assert rule(story.does(MIA, do.Claim())) is Rule.SAME_READER
    story.does(NOA, do.Claim()).does(NOA, OTHERWISE).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    result_now = story.stored.result
    assert result_now is not None
    assert (result_now.event.mentor, result_now.event.points[FIX], len(story.stored.sign_offs)) == (NOA.id, 9, 2)


def test_a_disputed_review_is_read_twice_when_the_twin_says_so() -> None:
    story = Story(second_reader="on_dispute").signed()
    assert story.stored.phase is Phase.SIGNED_OFF
    story.does(ADA, do.OpenDispute(reason="digest"))
    story.does(NOA, do.Claim()).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    assert story.stored.phase is Phase.GRADED


def test_a_stepped_back_clock_does_not_reorder() -> None:
    story = Story().claimed().at(T0 - DAY).does(MIA, OTHERWISE)
    stream = story.records.stream(attempt_stream(story.stored.id))
    assert stream[-1].recorded_at == stream[-2].recorded_at


def test_blind_mode_hides_the_learner_until_sign_off() -> None:
    story = Story(blind="until_sign_off").claimed()
    assert learner_shown(story.stored) is None
    story.does(MIA, do.Confirm()).does(MIA, do.SignOff())
    assert learner_shown(story.stored) == ADA.id
    assert learner_shown(Story().claimed().stored) == ADA.id


def test_looking_changes_nothing() -> None:
    story = Story().claimed()
    before = story.stored
    assert story.at(Instant(T0 + SLA + 1)).shown.claim != before.claim
    assert story.stored == before


def test_only_the_holder_decides_and_asserts() -> None:
    story = Story().claimed()
    before = story.kinds()
    for command in (OTHERWISE, do.Confirm(), do.AssertSkill(skill=RESPONSE, weight=10), do.SignOff(), do.Release()):
        assert rule(story.does(NOA, command)) is Rule.NOT_HOLDER
    assert story.kinds() == before


def test_an_override_that_changes_nothing_is_a_confirmation() -> None:
    story = Story().claimed().does(MIA, do.Override(dimension=FIX, points=Points(14), reason=""))
    assert (rule(story), story.kinds()[-1]) == (None, "Confirmed")
    story.does(MIA, do.Override(dimension=FIX, points=Points(14), reason="I agree, and here is why"))
    assert (story.kinds()[-1], story.stored.decisions[FIX].reason) == ("Overridden", "I agree, and here is why")


def test_dimensions_named_one_by_one_are_confirmed_whatever_stands_at_the_others() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade())
    scores = {**result(1).pre_scores, FIX: None}
    story.does(GRADER, replace(result(1), pre_scores=scores)).does(MIA, do.Claim())
    assert rule(story.does(MIA, do.Confirm(dimensions=(SPEED,)))) is None
    assert rule(story.does(MIA, do.Confirm(dimensions=(SPEED, FIX)))) is Rule.NO_PRE_SCORE
    assert rule(story.does(MIA, do.Confirm())) is None
    assert set(story.stored.decisions) == set(scores) - {FIX}


def test_looking_at_another_run_is_refused_everywhere() -> None:
    story = Story().claimed()
    for command in (do.Confirm(run=2), replace(OTHERWISE, run=2), do.SignOff(run=2)):
        assert rule(story.does(MIA, command)) is Rule.STALE_RUN


def test_the_same_assertion_again_is_nothing_and_a_reason_has_its_limit() -> None:
    story = Story().claimed().does(MIA, do.AssertSkill(skill=RESPONSE, weight=10))
    before = story.kinds()
    story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=10))
    assert (rule(story), story.kinds()) == (None, before)
    assert rule(story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=20, reason="x" * 2001))) is Rule.REASON_TOO_LONG


def test_a_breached_claim_is_breached_once_and_not_renewed_by_its_holder() -> None:
    story = Story().claimed().at(T0 + SLA + 1).does(MIA, OTHERWISE)
    assert rule(story.does(MIA, do.Claim())) is Rule.ALREADY_CLAIMED
    story.does(MIA, do.Confirm())
    assert story.kinds().count("SlaBreached") == 1
    story.does(NOA, do.Claim())
    claimed = [each for each in story.outcome.entries if each.kind == "Claimed"]
    assert '"taken_over_from":"mia"' in claimed[0].body
    assert story.stored.breaches == 1


def test_nothing_is_released_or_reassigned_but_a_review() -> None:
    story = Story().claimed().does(OPS, do.RequestGrade(reason="again"))
    for command in (do.Release(), do.Reassign(mentor=NOA.id)):
        assert rule(story.does(OPS, command)) is Rule.GRADING
        assert rule(story.does(MIA, command)) is Rule.GRADING
    story.does(GRADER, result(2))
    assert rule(story.does(NOA, do.Reassign(mentor=NOA.id))) is Rule.NOT_HOLDER
    assert rule(story.does(MIA, do.Reassign(mentor=NOA.id))) is None
    story.does(OPS, do.Release())
    assert rule(story.does(OPS, do.Reassign(mentor=MIA.id))) is Rule.NOT_CLAIMED


def test_a_run_ends_once() -> None:
    recorded = Story().graded()
    assert rule(recorded.does(GRADER, do.FailGrade(run=1, reason="late"))) is Rule.STALE_RUN
    failed = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, do.FailGrade(run=1, reason="x"))
    assert rule(failed.does(GRADER, result(1))) is Rule.STALE_RUN
    before = failed.kinds()
    assert rule(failed.does(GRADER, do.FailGrade(run=1, reason="x"))) is None
    assert failed.kinds() == before


def test_a_failed_regrade_leaves_a_dispute_and_a_second_reading_open() -> None:
    for story in (Story().signed().does(ADA, do.OpenDispute(reason="d")), Story(second_reader="always").signed()):
        story.does(OPS, do.RequestGrade(reason="again")).does(GRADER, do.FailGrade(run=2, reason="no engine"))
        assert story.stored.phase is Phase.GRADED


def test_there_is_no_dispute_before_a_sign_off() -> None:
    assert rule(Story().graded().does(ADA, do.OpenDispute(reason="d"))) is Rule.NOT_SIGNED_OFF
    assert rule(Story(second_reader="always").signed().does(ADA, do.OpenDispute(reason="d"))) is Rule.NOT_SIGNED_OFF


def test_a_decision_puts_the_attempt_in_review_and_a_second_reading_starts_empty() -> None:
    story = Story(second_reader="always").claimed().does(MIA, do.Confirm(dimensions=(FIX,)))
    assert story.stored.phase is Phase.IN_REVIEW
    story.does(MIA, do.Confirm()).does(MIA, do.AssertSkill(skill=RESPONSE, weight=10)).does(MIA, do.SignOff())
    assert (story.stored.decisions, story.stored.skills) == ({}, {})


def test_a_failed_run_after_a_new_one_leaves_the_new_one_to_review() -> None:
    story = Story().signed().graded(15)
    story.does(OPS, do.RequestGrade(reason="again")).does(GRADER, do.FailGrade(run=3, reason="no engine"))
    assert story.stored.phase is Phase.GRADED


def test_who_comes_second_is_told_how_long_the_claim_holds() -> None:
    story = Story().claimed().does(NOA, do.Claim())
    assert story.refusal is not None
    assert story.refusal.message.endswith("in 2 d")


def test_skills_go_with_the_claim_and_with_the_run() -> None:
    def asserted() -> Story:
        return Story().claimed().does(MIA, do.AssertSkill(skill=RESPONSE, weight=10))

    assert asserted().stored.phase is Phase.IN_REVIEW
    assert asserted().does(MIA, do.Release()).stored.skills == {}
    assert asserted().at(T0 + SLA + 1).does(NOA, do.Claim()).stored.skills == {}
    regraded = asserted().does(OPS, do.RequestGrade(reason="again")).does(GRADER, result(2))
    assert (regraded.stored.skills, regraded.stored.phase) == ({}, Phase.CLAIMED)


def test_a_dispute_is_resolved_by_the_last_reading_and_says_whether_it_changed_anything() -> None:
    twice = Story(second_reader="on_dispute").signed().does(ADA, do.OpenDispute(reason="d"))
    twice.does(NOA, do.Claim()).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    assert "DisputeResolved" not in twice.kinds()
    for command, changed in ((do.Confirm(), "false"), (OTHERWISE, "true")):
        story = Story().signed().does(ADA, do.OpenDispute(reason="d")).does(NOA, do.Claim())
        story.does(NOA, command).does(NOA, do.Confirm()).does(NOA, do.SignOff())
        resolved = story.records.stream(attempt_stream(story.stored.id))[-1]
        assert resolved.body == f'{{"changed":{changed}}}'
        assert story.stored.disputed is None


def test_a_reason_may_have_two_thousand_characters() -> None:
    assert rule(Story().claimed().does(MIA, replace(OTHERWISE, reason="x" * 2000))) is None


def test_no_points_at_all_are_a_score() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, result(1, 0))
    assert (rule(story), story.stored.phase) == (None, Phase.GRADED)
