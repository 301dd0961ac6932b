"""The walk from a request to the ledger: keys, conflicts, consequences for the enrollment."""

from collections.abc import Sequence

import pytest

from grader.attempts import Request, perform
from grader.domain import attempt_commands as do
from grader.domain.attempt import Phase
from grader.domain.enrollment import Enrollment
from grader.domain.ledger import Entry, verify
from grader.domain.refusal import Refusal, Rule
from grader.domain.score import DimensionId, Points
from grader.errors import StreamMoved
from grader.review.standing import earned, on_sign_off
from tests.fakes.memory_ledger import MemoryRecords
from tests.fakes.story import ADA, HANDED, LIVE, MIA, NOA, POSTMORTEM, T0, Story

OTHERWISE = do.Override(dimension=DimensionId("communication"), points=Points(3), reason="too few")
SUBMIT = do.Submit(handed=HANDED)


def rule(story: Story) -> Rule | None:
    return story.refusal.rule if story.refusal else None


def test_the_same_request_under_one_key_counts_once() -> None:
    story = Story().start(key="k1").start(key="k1")
    assert (story.number, story.outcome.replayed, story.outcome.attempt.phase) == (1, True, Phase.LIVE)
    story.does(ADA, SUBMIT, key="k2")
    before = story.entries
    story.does(ADA, SUBMIT, key="k2")
    assert (rule(story), story.outcome.replayed, story.entries == before) == (None, True, True)


def test_another_key_is_another_request_and_another_request_needs_another_key() -> None:
    story = Story().start().does(ADA, SUBMIT, key="k1")
    assert rule(story.does(ADA, SUBMIT, key="k2")) is Rule.ALREADY_SUBMITTED
    assert rule(story.does(ADA, do.Save(handed=HANDED), key="k1")) is Rule.KEY_REUSED
    assert rule(story.does(MIA, SUBMIT, key="k1")) is Rule.KEY_REUSED


def test_a_refusal_that_left_evidence_is_the_same_refusal_again() -> None:
    story = Story().start().at(T0 + LIVE + POSTMORTEM).does(ADA, SUBMIT, key="k1")
    first = story.refusal
    story.at(story.now + 1000).does(ADA, SUBMIT, key="k1")
    assert (story.refusal, story.kinds()) == (first, ["Started", "SubmitRefused"])


def test_a_decision_about_something_that_changed_since_is_a_conflict() -> None:
    story = Story().claimed()
    seen = story.stored.seq
    story.does(MIA, OTHERWISE, seen=seen)
    assert rule(story) is None
    story.does(MIA, do.Confirm(), seen=seen)
    assert rule(story) is Rule.CONFLICT
    assert story.kinds()[-1] == "Overridden"


def test_what_others_append_in_between_is_decided_upon() -> None:
    class Overtaken(MemoryRecords):
        """Before our first append, another mentor's claim goes in."""

        def append(self, entries: Sequence[Entry]) -> None:
            if self.rival:
                rival, self.rival = self.rival, None
                perform(self, story.stored.id, do.Claim(), Request(actor=rival, received_at=story.now))
            super().append(entries)

    story = Story()
    story.records = Overtaken()
    story.records.rival = None
    story.graded()
    story.records.rival = NOA
    story.does(MIA, do.Claim())
    assert rule(story) is Rule.ALREADY_CLAIMED
    assert story.refusal is not None
    assert "noa holds the attempt" in story.refusal.message
    assert story.kinds().count("Claimed") == 1


def test_a_ledger_that_never_stands_still_is_said_to_be_busy() -> None:
    class Restless(MemoryRecords):
        def append(self, entries: Sequence[Entry]) -> None:
            raise StreamMoved("always")

    story = Story()
    story.records = Restless()
    with pytest.raises(StreamMoved, match="too busy"):
        story.start()


def test_the_higher_of_two_results_counts() -> None:
    story = Story().signed(points=14)
    second = story.start()
    second.signed(by=NOA, points=13)
    best = story.enrollment.best
    assert best is not None
    assert (best.attempt, best.total, len(story.enrollment.results)) == (story.enrollment.attempts[0], 1400, 2)


def test_a_result_below_the_pass_mark_earns_nothing() -> None:
    answer = earned(Story().signed(points=12).enrollment)
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.NOT_PASSED
    assert earned(Enrollment(learner=ADA.id, twin=Story().terms.twin)) != answer


def test_everything_verifies_stream_by_stream() -> None:
    story = Story().signed()
    story.start().signed(by=NOA)
    assert verify(story.records.entries()) is None
    assert len(story.entries) == 3


def test_a_first_reading_is_no_result() -> None:
    story = Story(second_reader="always").signed()
    assert story.enrollment.results == ()
    reading = story.stored.sign_offs[0]
    assert on_sign_off(story.enrollment, story.stored.id, reading.event, reading.seq) == ()


def test_the_outcome_is_the_attempt_as_the_ledger_has_it() -> None:
    story = Story().start()
    assert (story.outcome.attempt, story.outcome.attempt.phase) == (story.stored, Phase.LIVE)
    refused = story.start().outcome
    assert (refused.refusal is not None, refused.attempt) == (True, story.stored)
    for command in (do.Save(handed=HANDED), SUBMIT):
        assert story.does(ADA, command).outcome.attempt == story.stored


def test_a_result_points_at_its_sign_off_even_when_a_time_out_comes_first() -> None:
    story = Story().claimed().does(MIA, do.Confirm())
    story.at(story.now + 100 * 60 * 60 * 1000).does(MIA, do.SignOff())
    (signed,) = story.stored.sign_offs
    (result,) = story.enrollment.results
    assert story.kinds()[-2:] == ["SlaBreached", "SignedOff"]
    assert (result.sign_off, result.attempt) == (signed.seq, story.stored.id)


def test_only_requests_with_a_key_are_remembered() -> None:
    story = Story().start().does(ADA, do.Save(handed=HANDED))
    assert {(e.key, e.request) for entries in story.entries.values() for e in entries} == {("", "")}
    story.does(ADA, do.Save(handed=HANDED), key="k")
    assert [len(e.request) for e in story.outcome.entries] == [64]
