"""The learner's windows are half-open, deadlines never move, and a late or blocked submission is kept as evidence."""

import pytest

from grader.domain import attempt_commands as do
from grader.domain.attempt import Phase
from grader.domain.attempt_commands import GRADER, Actor, Role
from grader.domain.attempt_events import Forced, PersonId
from grader.domain.instant import MINUTE
from grader.domain.refusal import Rule
from grader.domain.timeline import TimelineKind
from grader.review.states import SETTLE_GRACE
from tests.fakes.story import ADA, HANDED, LIVE, MIA, POSTMORTEM, T0, YES, Story

UPDATE = do.Update(update=TimelineKind.STATUS_UPDATE, text="digest")
DEADLINE = T0 + LIVE + POSTMORTEM
BOB = Actor(role=Role.LEARNER, id=PersonId("bob"))
NO_TEST = do.Handed(mode="repo_url", content="c0ffee", answers={**YES, "F1": False})


def rule(story: Story) -> Rule | None:
    return story.refusal.rule if story.refusal else None


@pytest.mark.parametrize(
    ("offset", "refused"), [(-1, None), (0, Rule.LIVE_WINDOW_CLOSED), (1, Rule.LIVE_WINDOW_CLOSED)]
)
def test_an_update_counts_until_just_before_the_live_window_ends(offset: int, refused: Rule | None) -> None:
    assert rule(Story().start().at(T0 + LIVE + offset).does(ADA, UPDATE)) == refused


@pytest.mark.parametrize(("offset", "refused"), [(-1, None), (0, Rule.LATE), (1, Rule.LATE)])
@pytest.mark.parametrize(
    "command", [do.Save(handed=HANDED), do.Submit(handed=HANDED), do.Force(check="F1", reason="d")]
)
def test_a_learner_artefact_counts_until_just_before_the_deadline(
    command: do.Command, offset: int, refused: Rule | None
) -> None:
    assert rule(Story().start().at(DEADLINE + offset).does(ADA, command)) == refused


def test_a_submission_one_millisecond_late_names_the_rule_and_the_time_and_leaves_evidence() -> None:
    story = Story().start().at(DEADLINE + 1).does(ADA, do.Submit(handed=HANDED))
    assert story.refusal is not None
    assert "deadline was 2026-01-15T13:30:00.000Z, 1 ms before this arrived" in story.refusal.message
    assert story.kinds() == ["Started", "SubmitRefused"]
    assert story.stored.submission is None


def test_saves_never_move_the_deadline() -> None:
    story = Story().start()
    before = story.stored.started
    for minutes in (10, 100, 200):
        story.at(T0 + minutes * MINUTE).does(ADA, do.Save(handed=HANDED))
    assert story.stored.started == before
    assert story.kinds() == ["Started", "Saved", "LiveClosed", "Saved", "Saved"]


def test_the_last_save_is_submitted_at_the_deadline_and_marked() -> None:
    story = Story().start().does(ADA, do.Save(handed=NO_TEST)).at(DEADLINE)
    assert (story.shown.phase, story.stored.phase) == (Phase.SUBMITTED, Phase.LIVE)
    submission = story.shown.submission
    assert submission is not None
    assert (submission.forced, submission.at, submission.failing_critical) == (Forced.DEADLINE, DEADLINE, ("F1",))


@pytest.mark.parametrize(("policy", "saves"), [("expire", True), ("submit_last_save", False)])
def test_without_a_save_or_when_the_twin_says_so_the_attempt_expires(policy: str, saves: bool) -> None:
    story = Story(at_deadline=policy).start()
    if saves:
        story.does(ADA, do.Save(handed=HANDED))
    assert story.at(DEADLINE - 1).shown.phase is Phase.POSTMORTEM
    assert story.at(DEADLINE).shown.phase is Phase.EXPIRED


def test_a_request_that_arrived_in_time_is_not_lost_to_a_sweep_at_the_deadline() -> None:
    story = Story().start().at(DEADLINE + SETTLE_GRACE - 1).does(GRADER, do.Settle())
    story.at(DEADLINE - 1).does(ADA, do.Submit(handed=HANDED))
    assert story.refusal is None
    assert story.stored.submission is not None


def test_settling_after_the_grace_takes_effect_at_the_deadline() -> None:
    story = Story().start().at(DEADLINE + SETTLE_GRACE).does(GRADER, do.Settle())
    assert story.kinds() == ["Started", "LiveClosed", "Expired"]
    assert story.does(GRADER, do.Settle()).kinds() == ["Started", "LiveClosed", "Expired"]


def test_a_failed_critical_self_check_blocks_unless_it_is_forced() -> None:
    story = Story().start().does(ADA, do.Submit(handed=NO_TEST))
    assert rule(story) is Rule.BLOCKED
    assert story.kinds()[-1] == "SubmitRefused"
    story.does(ADA, do.Submit(handed=NO_TEST, forces=(do.Force(check="F1", reason="digest"),)))
    submission = story.stored.submission
    assert submission is not None
    assert (submission.forced, submission.failing_critical) == (Forced.LEARNER, ("F1",))


def test_a_check_may_be_forced_before_the_submission_and_a_met_check_is_not_marked() -> None:
    story = Story().start().does(ADA, do.Force(check="F1", reason="d"))
    met = story.does(ADA, do.Submit(handed=HANDED)).stored.submission
    assert met is not None
    assert (met.forced, met.failing_critical) == (Forced.NO, ())


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (do.Submit(handed=do.Handed(mode="fax", content="c", answers=YES)), Rule.UNKNOWN_MODE),
        (do.Submit(handed=do.Handed(mode="repo_url", content="c", answers={"F9": True})), Rule.UNKNOWN_SELF_CHECK),
        (do.Submit(handed=do.Handed(mode="repo_url", content="c", answers={"F1": True})), Rule.UNANSWERED),
        (do.Submit(handed=NO_TEST, forces=(do.Force(check="F1", reason=""),)), Rule.REASON_NEEDED),
        (do.Save(handed=do.Handed(mode="fax", content="c")), Rule.UNKNOWN_MODE),
        (do.Save(handed=do.Handed(mode="repo_url", content="c", answers={"F9": True})), Rule.UNKNOWN_SELF_CHECK),
        (do.Force(check="F2", reason="digest"), Rule.UNKNOWN_SELF_CHECK),
    ],
)
def test_malformed_submissions_are_named_and_change_nothing(command: do.Command, refused: Rule) -> None:
    story = Story().start().does(ADA, command)
    assert rule(story) is refused
    assert story.kinds() == ["Started"]


def test_only_one_submission_and_only_by_its_learner() -> None:
    story = Story().submitted()
    before = story.kinds()
    assert rule(story.does(ADA, do.Submit(handed=HANDED))) is Rule.ALREADY_SUBMITTED
    assert rule(story.does(ADA, do.Save(handed=HANDED))) is Rule.ALREADY_SUBMITTED
    assert rule(story.does(ADA, UPDATE)) is Rule.ALREADY_SUBMITTED
    assert rule(story.does(BOB, do.Submit(handed=HANDED))) is Rule.NOT_YOURS
    assert rule(story.does(MIA, do.Submit(handed=HANDED))) is Rule.NOT_YOURS
    assert story.kinds() == before


def test_nothing_happens_before_the_start() -> None:
    assert rule(Story().does(ADA, do.Submit(handed=HANDED))) is Rule.NOT_STARTED
    assert rule(Story().does(MIA, do.Claim())) is Rule.NOT_GRADED


def test_two_attempts_and_the_second_only_after_the_first_is_over() -> None:
    story = Story().start().start()
    assert rule(story) is Rule.PREVIOUS_ATTEMPT_OPEN
    story.at(DEADLINE).start()
    assert rule(story) is Rule.PREVIOUS_ATTEMPT_OPEN
    story.at(DEADLINE + SETTLE_GRACE).start()
    assert (rule(story), story.kinds(1)[-1], story.number) == (None, "Expired", 2)
    story.at(story.now + 10 * (LIVE + POSTMORTEM)).start()
    assert rule(story) is Rule.ATTEMPTS_USED_UP


def test_what_an_attempt_counts_starts_at_nothing() -> None:
    story = Story().start()
    stored = story.stored
    assert (stored.updates, stored.saves, stored.refusals, stored.breaches, stored.disputes) == (0, 0, 0, 0, 0)
    story.does(ADA, UPDATE).does(ADA, do.Save(handed=HANDED)).does(ADA, do.Submit(handed=NO_TEST))
    assert (story.stored.updates, story.stored.saves, story.stored.refusals) == (1, 1, 1)


def test_the_grace_is_five_minutes_and_a_re_attempt_is_told_when_it_may_start() -> None:
    assert SETTLE_GRACE == 300_000
    story = Story().start().start()
    assert story.refusal is not None
    assert "at 2026-01-15T13:35:00.000Z at the latest" in story.refusal.message
    graded = Story().graded().start()
    assert graded.refusal is not None
    assert "at the latest" not in graded.refusal.message


def test_nobody_else_acts_in_an_attempt() -> None:
    story = Story().start()
    for command in (UPDATE, do.Save(handed=HANDED), do.Force(check="F1", reason="d"), do.Submit(handed=HANDED)):
        for actor in (BOB, MIA):
            assert rule(story.does(actor, command)) is Rule.NOT_YOURS
    assert story.kinds() == ["Started"]


def test_an_expired_attempt_says_so_to_what_came_in_time_but_too_late() -> None:
    story = Story().start().at(DEADLINE + SETTLE_GRACE).does(GRADER, do.Settle())
    for command in (do.Save(handed=HANDED), UPDATE, do.Submit(handed=HANDED)):
        assert rule(story.at(DEADLINE - 1).does(ADA, command)) is Rule.EXPIRED


def test_an_attempt_that_has_not_started_has_no_terms() -> None:
    with pytest.raises(ValueError, match="has not started"):
        _ = Story().stored.terms


def test_the_live_window_is_over_at_its_end() -> None:
    story = Story().start().at(T0 + LIVE - 1)
    assert story.shown.phase is Phase.LIVE
    assert story.at(T0 + LIVE).shown.phase is Phase.POSTMORTEM


def test_a_draft_without_answers_fails_every_critical_check_at_the_deadline() -> None:
    story = Story().start().does(ADA, do.Save(handed=do.Handed(mode="repo_url", content="c"))).at(DEADLINE)
    submission = story.shown.submission
    assert submission is not None
    assert submission.failing_critical == ("F1",)
