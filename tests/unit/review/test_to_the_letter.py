"""What the rules say and keep in corners that the stories of the other tests do not reach: one corner a test."""

from dataclasses import replace

import pytest

from grader.domain import attempt_commands as do
from grader.domain.attempt import Phase
from grader.domain.attempt_commands import GRADER, Actor, Role
from grader.domain.instant import DAY, MINUTE, Instant
from grader.domain.refusal import Rule
from grader.domain.score import DimensionId, Points
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId
from grader.review import runs, sign_off
from grader.review.states import SETTLE_GRACE
from tests.fakes.story import ADA, HANDED, LIVE, MIA, NOA, OPS, POSTMORTEM, SLA, T0, YES, Story, result

FIX = DimensionId("hotfix_correctness")
RESPONSE = SkillId("llm.ops.incident-response")
DEADLINE = T0 + LIVE + POSTMORTEM
SUBMIT = do.Submit(handed=HANDED)
NO_TEST = do.Handed(mode="repo_url", content="c0ffee", answers={**YES, "F1": False})
FORCE = do.Force(check="F1", reason="digest")
OTHERWISE = do.Override(dimension=FIX, points=Points(9), reason="streaming is not covered")


def rule(story: Story) -> Rule | None:
    return story.refusal.rule if story.refusal else None


def message(story: Story) -> str:
    assert story.refusal is not None
    return story.refusal.message


# --- the learner's windows


def test_what_was_handed_in_stays_so_after_the_deadline() -> None:
    story = Story().submitted().at(DEADLINE).does(ADA, SUBMIT)
    assert rule(story) is Rule.ALREADY_SUBMITTED
    assert "SubmitRefused" not in story.kinds()


@pytest.mark.parametrize(
    ("saves", "instead"), [(True, "the last save stands in for it"), (False, "nothing had been saved")]
)
def test_whoever_comes_after_a_recorded_deadline_is_late_and_told_what_stands_instead(
    saves: bool, instead: str
) -> None:
    story = Story().start()
    if saves:
        story.does(ADA, do.Save(handed=HANDED))
    story.at(DEADLINE + SETTLE_GRACE).does(GRADER, do.Settle()).does(ADA, SUBMIT)
    assert rule(story) is Rule.LATE
    assert message(story).endswith(f"5 min before this arrived; {instead}")
    assert story.kinds()[-1] == "SubmitRefused"


def test_a_late_save_and_a_late_update_say_how_late() -> None:
    story = Story().start().at(DEADLINE + 2 * MINUTE).does(ADA, do.Save(handed=HANDED))
    assert "2 min before this arrived" in message(story)
    closed = Story().start().at(T0 + LIVE + 3 * MINUTE)
    closed.does(ADA, do.Update(update=TimelineKind.STATUS_UPDATE, text="digest"))
    assert "the live window ended 3 min ago" in message(closed)


def test_a_force_is_recorded_for_what_fails_and_for_nothing_else() -> None:
    failing = Story().start().does(ADA, do.Submit(handed=NO_TEST, forces=(FORCE,)))
    assert failing.kinds()[1:] == ["CheckForced", "Submitted"]
    met = Story().start().does(ADA, do.Submit(handed=HANDED, forces=(FORCE,)))
    assert met.kinds()[1:] == ["Submitted"]


def test_only_the_role_of_a_learner_hands_in() -> None:
    assert rule(Story().start().does(Actor(role=Role.MENTOR, id=ADA.id), SUBMIT)) is Rule.NOT_YOURS


def test_a_sign_off_that_a_newer_run_has_put_back_on_the_table_is_not_disputed() -> None:
    story = Story().signed().graded(15)
    assert (story.stored.phase, story.stored.result is None) == (Phase.GRADED, False)
    assert rule(story.does(ADA, do.OpenDispute(reason="d"))) is Rule.NOT_SIGNED_OFF


def test_a_refused_command_records_no_time_out_either() -> None:
    story = Story().claimed().at(T0 + SLA + 1).does(ADA, do.Claim())
    assert (rule(story), story.kinds()[-1]) == (Rule.WRONG_ROLE, "Claimed")


# --- runs


def test_nothing_is_graded_that_was_not_handed_in() -> None:
    story = Story().start()
    assert rule(story.does(OPS, do.RequestGrade(reason="why"))) is Rule.NOT_SUBMITTED
    assert rule(story.does(GRADER, do.RequestGrade())) is Rule.NOT_SUBMITTED


def test_only_the_grader_says_that_a_run_failed() -> None:
    story = Story().submitted().does(GRADER, do.RequestGrade())
    for actor in (MIA, OPS, ADA):
        assert rule(story.does(actor, do.FailGrade(run=1, reason="x"))) is Rule.WRONG_ROLE


def test_a_failure_keeps_its_reason_or_says_that_there_was_none() -> None:
    for given, kept in (("no engine", "no engine"), ("", "unknown")):
        story = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, do.FailGrade(run=1, reason=given))
        assert story.stored.runs[0].error == kept


def test_a_run_that_was_never_asked_for_is_stale() -> None:
    unasked = Story().submitted()
    asked = Story().submitted().does(GRADER, do.RequestGrade())
    for story, number in ((unasked, 0), (unasked, 1), (asked, 0), (asked, 2), (asked, -1)):
        assert rule(story.does(GRADER, do.FailGrade(run=number, reason="x"))) is Rule.STALE_RUN
        assert rule(story.does(GRADER, replace(result(1), run=number))) is Rule.STALE_RUN


def test_a_learner_has_no_say_over_the_first_run_of_others() -> None:
    stranger = Actor(role=Role.LEARNER, id=MIA.id)
    assert rule(Story().submitted().does(stranger, do.RequestGrade())) is Rule.WRONG_ROLE
    assert rule(Story().submitted().does(ADA, do.RequestGrade())) is None


def test_a_mentor_may_ask_again_after_an_error_without_a_reason() -> None:
    failed = Story().submitted().does(GRADER, do.RequestGrade()).does(GRADER, do.FailGrade(run=1, reason="x"))
    assert rule(failed.does(MIA, do.RequestGrade())) is None
    assert rule(Story().signed().does(MIA, do.RequestGrade())) is Rule.REASON_NEEDED


# --- what mentors read


def test_refusals_tell_numbers_as_people_write_them() -> None:
    story = Story(skills=((RESPONSE, 60),)).graded(12).does(MIA, do.Claim())
    story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=65))
    assert message(story) == "above_ceiling: llm.ops.incident-response takes 0.00 to 0.60, not 0.65"
    story.does(MIA, do.Override(dimension=FIX, points=Points(21), reason="r"))
    assert message(story) == "off_grid: 1.05 is not a multiple of 0.05 between 0 and 1"
    story.does(MIA, do.Confirm()).does(MIA, do.AssertSkill(skill=RESPONSE, weight=60)).does(MIA, do.SignOff())
    assert message(story) == "skills_need_pass: 60.00 % is below 65 %; take the skills back with weight 0"
    story.does(MIA, do.SignOff(run=7))
    assert message(story) == "stale_run: you looked at run 7, the latest is 1; look again"


def test_a_skill_that_was_never_asserted_needs_no_taking_back() -> None:
    story = Story().claimed()
    before = story.kinds()
    assert rule(story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=0))) is None
    assert story.kinds() == before
    assert rule(story.does(MIA, do.AssertSkill(skill=RESPONSE, weight=1))) is None
    assert story.stored.skills == {RESPONSE: 1}


def test_a_second_reading_of_a_dispute_is_the_last() -> None:
    story = Story(second_reader="on_dispute").signed().does(ADA, do.OpenDispute(reason="d"))
    third = Actor(role=Role.MENTOR, id=NOA.id)
    story.does(third, do.Claim()).does(third, do.Confirm()).does(third, do.SignOff())
    last = Actor(role=Role.MENTOR, id=OPS.id)
    story.does(last, do.Claim()).does(last, do.Confirm()).does(last, do.SignOff())
    assert (story.stored.phase, story.kinds()[-1]) == (Phase.SIGNED_OFF, "DisputeResolved")


def test_a_second_reading_is_the_last_where_a_twin_always_wants_two() -> None:
    story = Story(second_reader="always").signed()
    story.does(NOA, do.Claim()).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    assert story.stored.phase is Phase.SIGNED_OFF


def test_a_new_run_starts_the_readings_over() -> None:
    story = Story(second_reader="always").signed().does(OPS, do.RequestGrade(reason="again")).does(GRADER, result(2))
    assert story.stored.readings == ()
    story.does(MIA, do.Claim()).does(MIA, do.Confirm()).does(MIA, do.SignOff())
    assert story.stored.phase is Phase.GRADED


def test_a_settled_sign_off_leaves_no_readings() -> None:
    story = Story(second_reader="always").signed()
    story.does(NOA, do.Claim()).does(NOA, do.Confirm()).does(NOA, do.SignOff())
    assert story.stored.readings == ()


def test_a_failed_run_leaves_a_review_that_holds_skills_alone() -> None:
    story = Story().claimed().does(MIA, do.AssertSkill(skill=RESPONSE, weight=10))
    story.does(OPS, do.RequestGrade(reason="again")).does(GRADER, do.FailGrade(run=2, reason="x"))
    assert story.stored.phase is Phase.IN_REVIEW


def test_claiming_puts_a_breached_review_back_to_its_beginning() -> None:
    story = Story().claimed().does(MIA, OTHERWISE).at(T0 + SLA + 1).does(NOA, do.Claim())
    assert (story.stored.phase, story.stored.decisions) == (Phase.CLAIMED, {})


def test_disputes_are_counted_one_by_one() -> None:
    assert Story().signed().does(ADA, do.OpenDispute(reason="d")).stored.disputes == 1


def test_a_run_that_failed_while_another_result_is_signed_leaves_the_sign_off() -> None:
    story = Story().signed().does(OPS, do.RequestGrade(reason="a")).does(GRADER, do.FailGrade(run=2, reason="x"))
    assert (story.stored.phase, story.at(Instant(T0 + DAY)).shown.phase) == (Phase.SIGNED_OFF, Phase.SIGNED_OFF)


def test_a_sign_off_is_of_a_claimed_and_graded_submission() -> None:
    unclaimed = Story().graded().stored
    with pytest.raises(ValueError, match="only a claimed attempt"):
        sign_off._sign_off(unclaimed, T0)
    claimed = Story().claimed().stored
    for broken in (replace(claimed, submission=None), replace(claimed, runs=()), replace(claimed, claim=None)):
        with pytest.raises(ValueError, match="only a claimed attempt"):
            sign_off._sign_off(broken, T0)


def test_a_run_is_found_by_its_number() -> None:
    attempt = Story().graded().graded(15).stored
    assert [runs._run(attempt, number) for number in (0, 1, 2, 3)] == [None, *attempt.runs, None]


def test_confirming_one_dimension_twice_is_once() -> None:
    story = Story().claimed().does(MIA, do.Confirm(dimensions=(FIX,)))
    before = story.kinds()
    assert (rule(story.does(MIA, do.Confirm(dimensions=(FIX,)))), story.kinds()) == (None, before)


def test_a_mentor_may_give_nothing_and_everything() -> None:
    story = Story().claimed()
    for points in (0, 20):
        assert rule(story.does(MIA, do.Override(dimension=FIX, points=Points(points), reason="r"))) is None
        assert story.stored.decisions[FIX].points == points


def test_a_run_that_hangs_is_superseded_without_a_reason_although_an_earlier_one_has_a_result() -> None:
    story = Story().graded().does(OPS, do.RequestGrade(reason="again"))
    assert story.stored.phase is Phase.GRADING
    assert rule(story.does(GRADER, do.RequestGrade())) is None
    assert len(story.stored.runs) == 3


def test_a_learner_is_told_that_the_role_is_wrong_not_that_somebody_holds_the_attempt() -> None:
    assert rule(Story().claimed().does(ADA, do.Confirm())) is Rule.WRONG_ROLE


def test_a_finished_review_says_since_when() -> None:
    story = Story().signed().does(MIA, do.Confirm())
    assert message(story) == "signed_off: the review was signed off at 2026-01-15T08:00:00.000Z"


def test_only_a_repeated_request_counts_as_replayed() -> None:
    story = Story().start(key="k")
    assert story.outcome.replayed is False
    assert story.start(key="k").outcome.replayed is True


def test_a_start_that_comes_again_is_answered_with_the_attempt_that_it_started() -> None:
    story = Story().start(key="first")
    story.signed()
    story.start(key="second").start(key="first")
    assert (story.outcome.replayed, story.outcome.attempt.id) == (True, story.enrollment.attempts[0])
