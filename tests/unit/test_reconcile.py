"""The walk over a pull request's conversation, on the fake: what each event leads to, whoever does it and whenever."""

import pytest

from grader.domain.attempt import Phase
from grader.domain.ledger import verify
from grader.domain.order import Order
from grader.errors import InputInvalid, LedgerBroken, SettingsInvalid
from grader.reconcile import Delivered
from tests.fakes.github.classroom import COMMIT, HEADS, MANIFEST, REPO, Classroom

FORCED = MANIFEST.replace("F1 = true", "F1 = false")


@pytest.fixture
def room() -> Classroom:
    return Classroom()


def test_the_whole_way_from_start_to_sign_off(room: Classroom) -> None:
    room.run()
    assert "Comment `/start`" in room.shown
    assert room.checks == []
    room.graded()
    assert "Pre-scores" in room.shown
    assert room.checks == [("completed", "neutral", room.checks[0][2])]
    assert room.labels == {"grader:awaiting-mentor"}
    said = room.tell("mia", "Well done.\n\n/score communication 0.85 the second update was late\n/confirm\n/signoff")
    assert said == "ok set to 0.85\nok accepted\nok signed off"
    assert room.attempt.phase is Phase.SIGNED_OFF
    assert "Signed off: passed" in room.shown
    assert "nothing is final yet" not in room.shown
    assert "| Communication | 0.90 | **0.85** | the second update was late |" in room.shown
    assert room.checks[0][:2] == ("completed", "success")
    assert room.labels == {"grader:signed-off"}
    assert verify(room.notebook.entries()) is None


def test_running_again_changes_nothing(room: Classroom) -> None:
    room.graded()
    before = (room.notebook.length, room.shown, room.checks, room.world.repository(REPO).reactions[:])
    for _ in range(3):
        assert room.run().answered == 0
    assert (room.notebook.length, room.shown, room.checks, room.world.repository(REPO).reactions) == before


def test_the_clock_is_that_of_the_start_comment(room: Classroom) -> None:
    room.say("learner", "/start")
    opened = room.world.now
    room.world.tick(minutes=17)
    room.run()
    start = room.attempt.started
    assert start.opened_at == int(opened.timestamp() * 1000)
    assert start.live_until - start.opened_at == 90 * 60_000


@pytest.mark.parametrize(("seconds", "accepted"), [(5399, True), (5400, False), (5401, False)])
def test_an_update_counts_up_to_the_end_of_the_window_by_its_own_time(
    room: Classroom, seconds: int, accepted: bool
) -> None:
    room.tell("learner", "/start")
    room.world.tick(seconds=seconds)
    comment = room.say("learner", "/status still wrong")
    room.world.tick(minutes=30)
    room.run()
    assert room.answers(comment)[0].startswith("ok" if accepted else "no")


def test_work_pushed_before_the_deadline_is_saved_and_handed_in_at_the_deadline(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.tick(minutes=100)
    head = room.push()
    room.run()
    assert f"Saved: `{head[:10]}`" in room.shown
    room.world.tick(hours=4)
    room.run()
    submission = room.attempt.submission
    assert submission is not None
    assert (submission.forced, submission.commit) == ("deadline", COMMIT)
    assert "Nothing was handed in before the deadline, so the last save was.\n" in room.shown


def test_a_mentor_sees_what_the_deadline_handed_in_and_what_was_not_met(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.push(FORCED)
    room.tell("learner", "/submit")
    room.world.tick(hours=6)
    order = room.run().order
    assert order is not None
    room.run(room.grade(order))
    told = "so the last save was. Critical self-check `F1` was not answered with yes, nor forced."
    assert told in room.shown
    room.tell("mia", "/confirm\n/signoff")
    assert told in room.shown


def test_a_push_after_the_deadline_is_not_what_is_handed_in(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.tick(minutes=100)
    room.push()
    room.run()
    room.world.tick(hours=3, minutes=50, seconds=1)
    room.push(FORCED)
    room.world.ready(REPO, 7)
    order = room.run().order
    room.world.tick(minutes=6)
    order = room.run().order or order
    assert order is not None
    assert b"F1 = true" in order.manifest
    assert room.attempt.submission is not None
    assert room.attempt.submission.forced == "deadline"


def test_what_the_learners_own_repository_becomes_is_saved_too(room: Classroom) -> None:
    room.push()
    room.tell("learner", "/start")
    assert f"your repository at `{COMMIT[:10]}`; at the deadline the last save is handed in" in room.shown
    room.world.tick(minutes=100)
    later = "5" * 40
    room.world.revisions[("learner/airline", "HEAD")] = later
    room.world.pushed("learner/airline", later)
    for _ in range(2):
        room.run()
    assert f"your repository at `{later[:10]}`" in room.shown
    assert room.kinds().count("Saved") == 2
    room.world.tick(hours=3, minutes=50)
    room.world.revisions[("learner/airline", "HEAD")] = "6" * 40
    room.world.pushed("learner/airline", "6" * 40)
    room.world.tick(minutes=6)
    room.run()
    submission = room.attempt.submission
    assert submission is not None
    assert (submission.forced, submission.commit) == ("deadline", later)


def test_a_commit_of_unknown_age_is_not_saved_after_the_deadline(room: Classroom) -> None:
    room.world.revisions.clear()
    room.tell("learner", "/start")
    room.push()
    room.world.tick(minutes=331)
    room.world.revisions[("learner/airline", "HEAD")] = COMMIT
    room.run()
    room.world.tick(minutes=6)
    room.run()
    assert room.attempt.phase is Phase.EXPIRED


def test_pushing_back_to_an_earlier_head_saves_that_one(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.push()
    room.run()
    room.world.push(REPO, 7, HEADS[0])
    room.run()
    assert f"Saved: `{HEADS[0][:10]}`" in room.shown


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, True), (0, False), (1, False)])
def test_handing_in_is_judged_to_the_second(room: Classroom, seconds: int, accepted: bool) -> None:
    room.tell("learner", "/start")
    room.world.tick(minutes=330, seconds=seconds)
    comment = room.say("learner", "/submit")
    room.run()
    assert room.answers(comment)[0].startswith("ok" if accepted else "no the deadline was")


def test_a_commit_that_came_after_the_hand_in_makes_it_as_late_as_the_commit(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.tick(minutes=329, seconds=59)
    comment = room.say("learner", "/submit")
    room.world.tick(seconds=30)
    room.world.pushed("learner/airline", COMMIT)
    room.run()
    assert room.answers(comment)[0].startswith("no the deadline was")


def test_a_failed_critical_self_check_blocks_until_it_is_forced(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.push(FORCED)
    room.world.tick(minutes=30)
    room.world.ready(REPO, 7)
    room.run()
    assert room.attempt.submission is None
    assert room.checks[0][:2] == ("completed", "action_required")
    for _ in range(3):
        room.run()
    assert room.kinds().count("SubmitRefused") == 1
    assert "cannot be handed in yet: critical self-check F1 is answered with no" in room.shown
    assert "or post `/force F1 REASON`; then hand in again" in room.shown
    assert room.tell("learner", "/force F1 the test is in the second commit").startswith("ok F1 is forced")
    submission = room.attempt.submission
    assert submission is not None
    assert (submission.forced, submission.failing_critical) == ("learner", ("F1",))
    assert "cannot be handed in yet" not in room.shown
    assert len(room.checks) == 1
    order = room.run().order
    assert order is not None
    first = order.answers[0]
    assert (first.id, first.forced, first.reason) == ("F1", True, "the test is in the second commit")


def test_what_the_record_says_of_lines_is_beside_the_manifest(room: Classroom) -> None:
    room.graded()
    (check,) = room.world.repository(REPO).checks.values()
    assert check["output"]["annotations_count"] > 0
    counted = check["output"]["annotations_count"]
    room.run()
    assert check["output"]["annotations_count"] == counted


def test_the_manifest_can_force_with_its_reason(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.push(FORCED + '\n[force]\nF1 = "no time"\n')
    assert room.tell("learner", "/submit").startswith("ok handed in")
    order = room.run().order
    assert order is not None
    assert order.answers[0].reason == "no time"


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (b"\xff", "not UTF-8"),
        ('schema = "grader/submission/1"\n', "case: is missing"),
        (MANIFEST.replace("airline-refund", "other-case"), "this course is about"),
        (MANIFEST.replace("https://github.com", "http://10.0.0.1"), "not a public address"),
        (MANIFEST + "surprise = 1\n", "surprise"),
    ],
)
def test_a_malformed_manifest_is_told_in_the_comment(room: Classroom, manifest: str | bytes, told: str) -> None:
    room.tell("learner", "/start")
    room.push(manifest)
    room.run()
    assert "cannot be handed in yet" in room.shown
    assert told.split()[0] in room.shown.replace("`", "")
    assert room.tell("learner", "/submit").startswith("no ")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("https://gitlab.com/learner/airline", "no commit"),
        ("https://github.com/learner/private", "no commit"),
        ('https://github.com/learner/airline"\nfix = "nosuch', "no revision"),
    ],
)
def test_what_cannot_be_pinned_is_not_handed_in(room: Classroom, source: str, told: str) -> None:
    """Else what is graded, or graded again, would be whatever the repository has become by then."""
    room.tell("learner", "/start")
    room.push(MANIFEST.replace("https://github.com/learner/airline", source))
    said = room.tell("learner", "/submit")
    assert said.startswith("no submissions/learner/submission.toml: repo_url: GitHub shows " + told)
    assert said.endswith('or hand in an archive (`mode = "file_upload"`)')
    assert "cannot be handed in yet" in room.shown


def test_a_pull_request_with_two_manifests_is_told_so(room: Classroom) -> None:
    room.world.repository(REPO).changed[7].append("submissions/other/submission.toml")
    room.run()
    assert "2 of them" in room.shown


def test_an_uploaded_archive_is_kept_with_the_manifest(room: Classroom) -> None:
    manifest = MANIFEST.replace('mode = "repo_url"', 'mode = "file_upload"').replace(
        'repo_url = "https://github.com/learner/airline"', 'archive = "work.zip"'
    )
    room.tell("learner", "/start")
    head = room.push(manifest)
    assert "there is no 'work.zip' beside it" in room.tell("learner", "/submit")
    room.world.put_file(REPO, "submissions/learner/work.zip", b"PK\x05\x06" + bytes(18), head)
    assert room.tell("learner", "/submit").startswith("ok handed in")
    order = room.run().order
    assert order is not None
    assert order.archive.startswith(b"PK")


def test_the_order_holds_the_servers_timeline(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.tick(minutes=5)
    kept = room.say("learner", "/status first words\n\nImpact: all customers")
    room.world.tick(minutes=5)
    room.tell("learner", "/root-cause 4f2a91c the rule sits inside `if docs:`")
    room.world.edit(REPO, kept, "/status better words")
    gone = room.say("learner", "/status soon gone")
    room.run()
    room.world.delete(REPO, gone)
    room.tell("learner", "/submit")
    order = room.run().order
    assert order is not None
    assert [(e.kind, e.text, e.edited, e.commit) for e in order.timeline.events] == [
        ("status_update", "first words\nImpact: all customers", True, ""),
        ("root_cause", "4f2a91c the rule sits inside `if docs:`", False, "4f2a91c"),
        ("status_update", "soon gone", False, ""),
    ]
    assert order.commit == COMMIT
    assert order.received_at < order.deadline


def test_a_comment_edited_before_it_was_read_gives_no_command(room: Classroom) -> None:
    room.graded()
    comment = room.say("mia", "I will look at this tomorrow")
    room.world.edit(REPO, comment, "/confirm\n/signoff", by="noa")
    room.run()
    assert all(answer.startswith("no this comment was edited") for answer in room.answers(comment))
    assert room.attempt.phase is Phase.GRADED


def test_a_comment_edited_or_deleted_after_it_was_read_changes_nothing(room: Classroom) -> None:
    room.graded()
    comment = room.say("mia", "/score communication 0.85 late")
    room.run()
    length = room.notebook.length
    room.world.edit(REPO, comment, "/score communication 0.00 hacked", by="noa")
    room.run()
    room.world.delete(REPO, comment)
    room.run()
    assert room.notebook.length == length
    assert "set to 0.85" in room.shown


def test_a_comment_deleted_before_it_was_read_was_never_there(room: Classroom) -> None:
    comment = room.say("learner", "/start")
    room.world.delete(REPO, comment)
    room.run()
    assert "Comment `/start`" in room.shown


def test_a_renamed_learner_is_the_same_person(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.rename("learner", "ada-new")
    assert room.tell("ada-new", "/status still me") == "ok posted"
    assert "`@ada-new`" in room.shown


def test_somebody_who_took_the_learners_old_login_is_not_the_learner(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.world.rename("learner", "ada-new")
    room.world.user("learner")
    assert room.tell("learner", "/status me?") == "no only the author of this pull request may do this"


def test_a_mentor_does_not_review_their_own_submission(room: Classroom) -> None:
    room.course(mentors=[room.learner])
    room.world.repository(REPO).roles["learner"] = "admin"
    room.graded()
    assert room.tell("learner", "/confirm") == "no nobody reviews their own submission"


@pytest.mark.parametrize(
    ("login", "role", "told"),
    [
        ("stranger", "admin", "no only mentors on this course's roster may do this"),
        ("mia", "read", "no a mentor needs write access to this repository"),
    ],
)
def test_a_review_needs_the_roster_and_the_permission(room: Classroom, login: str, role: str, told: str) -> None:
    room.world.repository(REPO).roles[login] = role
    room.graded()
    assert room.tell(login, "/confirm") == told
    assert room.attempt.decisions == {}


def test_when_github_does_not_say_the_permission_the_answer_is_no(room: Classroom) -> None:
    room.graded()
    comment = room.say("mia", "/confirm")
    del room.world.users["mia"]
    room.run()
    assert room.answers(comment) == [
        "no GitHub did not say which permission you have; post the command again in a minute"
    ]


def test_a_push_between_grading_and_confirmation_is_not_confirmed(room: Classroom) -> None:
    room.graded()
    room.push()
    assert room.tell("mia", "/confirm\n/signoff").startswith("no new commits since grading")
    assert room.attempt.decisions == {}
    assert room.tell("mia", "/confirm 1234567").startswith("no 1234567 is not what was graded")
    graded = HEADS[0][:10]
    assert room.tell("mia", f"/confirm {graded}\n/signoff") == f"ok accepted, {graded} by name\nok signed off"


def test_two_mentors_at_once_are_told_who_holds_the_review(room: Classroom) -> None:
    room.graded()
    assert room.tell("mia", "/claim") == "ok claimed"
    assert "holds the attempt" in room.tell("noa", "/confirm")
    assert room.tell("mia", "/release") == "ok given back to the queue"
    assert room.tell("noa", "/confirm") == "ok accepted"


REFUSED = (
    ("learner", "/submit", "the incident is not open yet; `/start` opens it"),
    ("learner", "/start", ""),
    ("mia", "/confirm", "the attempt is live; there are no pre-scores to review"),
    ("learner", "/submit", ""),
    ("learner", "/status hm", "the one submission was taken at 09:00:00 UTC on 23 Nov 2026; nothing changed"),
    ("mia", "/confirm", "run 1 is under way; review what it finds; post this again when the pre-scores are here"),
    ("graded", "", ""),
    (
        "learner",
        "/reattempt",
        "the attempt before is graded; it has to be over first; then `/reattempt` starts the next",
    ),
    ("mia", "/signoff", "claim the attempt first; `/confirm` or `/score` does that too"),
    ("mia", "/score communication 0.85 late", ""),
    ("mia", "/signoff", "for the latest run; `/confirm` accepts what is left, `/score` sets one"),
    ("noa", "/confirm", "(due 09:00:00 UTC on 25 Nov 2026); after that `/claim` takes it over"),
    ("mia", "/assert llm.ops.incident-response 0.8\n/score hotfix_correctness 0 x\n/score diagnosis_speed 0 x", ""),
    ("mia", "/confirm\n/signoff", "take the skills back with weight 0; `/assert SKILL 0`"),
    ("mia", "/assert llm.ops.incident-response 0\n/signoff", ""),
    ("noa", "/confirm", "the review was signed off at 09:00:00 UTC on 23 Nov 2026; `/regrade REASON` opens it again"),
)
"""Who says what, one after the other, and what the refusal has to say; empty where it is accepted."""


def test_a_refusal_says_what_to_post_next_in_plain_words(room: Classroom) -> None:
    for login, body, words in REFUSED:
        if login == "graded":
            order = room.run().order
            assert order is not None
            room.run(room.grade(order))
            continue
        said = room.tell(login, body)
        assert ("no " in said) is bool(words), (body, said)
        assert words in said, said
        assert "T09:" not in said
    assert "**refused:** `@mia` holds the attempt" in room.shown
    assert "github-" not in room.shown


def test_only_what_can_be_posted_now_is_offered(room: Classroom) -> None:
    room.world.ready(REPO, 7)
    room.tell("learner", "/start")
    assert "hand in by `/submit`." in room.shown
    assert "not started" not in room.shown
    order = _handed_in(room)
    room.run(room.grade(order))
    assert "after the sign-off `/reattempt` starts the next attempt (1 left)" in room.shown
    room.tell("mia", "/regrade the case was fixed")
    assert "until then there is nothing to confirm" in room.shown
    assert "`/signoff` finishes" not in room.shown
    again = room.run().order
    assert again is not None
    room.run(room.grade(again))
    room.tell("mia", "/confirm\n/signoff")
    assert "**Learner:** `/dispute REASON` until 09:00:00 UTC on 30 Nov 2026 asks another mentor" in room.shown
    assert "`/confirm` accepts" not in room.shown
    room.tell("learner", "/reattempt")
    room.run(room.grade(_handed_in(room)))
    assert "`/signoff` finishes" in room.shown
    assert "`/reattempt` starts" not in room.shown


def _handed_in(room: Classroom) -> Order:
    assert room.tell("learner", "/submit").startswith("ok handed in")
    order = room.run().order
    assert order is not None
    return order


def test_a_regrade_asks_again_and_clears_the_decisions(room: Classroom) -> None:
    room.graded()
    room.tell("mia", "/confirm")
    assert room.tell("mia", "/regrade the case was fixed") == "ok grading again"
    order = room.run().order
    assert order is not None
    assert order.run == 2
    room.run(room.grade(order))
    assert room.attempt.decisions == {}
    assert room.attempt.run is not None
    assert room.attempt.run.number == 2


def test_nobody_confirms_pre_scores_that_came_after_their_comment(room: Classroom) -> None:
    room.graded()
    room.tell("mia", "/regrade the case was fixed")
    order = room.run().order
    assert order is not None
    early = room.say("mia", "/confirm\n/score communication 0 x\n/signoff")
    room.world.tick(seconds=1)
    room.run(room.grade(order))
    told = "no these pre-scores came after your comment; look at them, then post it again"
    assert room.answers(early) == [told] * 3
    assert room.attempt.decisions == {}
    assert room.tell("mia", "/confirm\n/signoff") == "ok accepted\nok signed off"


def test_a_second_attempt_and_the_higher_result_counts(room: Classroom) -> None:
    room.graded()
    room.tell("mia", "/confirm\n/signoff")
    assert room.tell("learner", "/reattempt").startswith("ok live until")
    assert "Attempt 2 of 2" in room.shown
    room.world.tick(minutes=10)
    assert room.tell("learner", "/submit").startswith("ok handed in")
    order = room.run().order
    assert order is not None
    room.run(room.grade(order))
    assert len(room.checks) == 2
    room.tell("mia", "/confirm\n/signoff")
    assert "all were started" in room.tell("learner", "/reattempt")


def test_another_pull_request_gives_no_more_attempts(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.open(9)
    room.say("learner", "/start", number=9)
    room.run(number=9)
    (shown,) = room.world.bot_comments(REPO, 9)
    assert "under way in pull request 7" in shown["body"]


def test_a_failure_of_ours_costs_nothing_and_is_tried_again(room: Classroom) -> None:
    room.tell("learner", "/start")
    room.tell("learner", "/submit")
    for number in (1, 2, 3):
        order = room.run().order
        assert order is not None
        assert order.run == number
        room.run(Delivered(attempt=order.attempt, run=order.run, failure="no container engine answers"))
        assert "This costs you nothing" in room.shown
        assert "What failed: no container engine answers" in room.shown
        assert ("`/regrade` does" in room.shown) is (number == 3)
        assert room.run().order is None
        room.world.tick(minutes=21)
    assert room.run().order is None
    assert room.tell("mia", "/regrade") == "ok grading again"


@pytest.mark.parametrize("record", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"schema": "grader/record/1"}'])
def test_a_result_that_is_no_record_is_a_failure_of_ours(room: Classroom, record: bytes) -> None:
    room.tell("learner", "/start")
    room.tell("learner", "/submit")
    order = room.run().order
    assert order is not None
    room.run(Delivered(attempt=order.attempt, run=order.run, record=record))
    assert room.attempt.phase is Phase.GRADE_ERROR


@pytest.mark.parametrize("changes", [{"case": "other"}, {"twin": "other"}, {"pre_scores": ()}])
def test_a_record_about_something_else_is_not_taken(room: Classroom, changes: dict[str, object]) -> None:
    room.tell("learner", "/start")
    room.tell("learner", "/submit")
    order = room.run().order
    assert order is not None
    room.run(room.grade(order, **changes))
    assert room.attempt.phase is Phase.GRADE_ERROR


def test_results_out_of_order_and_twice_are_taken_once(room: Classroom) -> None:
    first = room.graded()
    room.tell("mia", "/regrade again")
    second = room.run().order
    assert second is not None
    late = room.grade(first)
    room.run(late)
    room.run(room.grade(second))
    room.run(late)
    room.run(room.grade(second))
    assert room.kinds().count("GradeRecorded") == 2


def test_reminders_are_given_once_each(room: Classroom) -> None:
    room.graded()
    for hours in (23, 2, 0, 24, 24, 48):
        room.world.tick(hours=hours)
        room.run()
        room.run()
    reminders = [e for e in room.notebook.entries("conversation/") if e.kind == "Reminded"]
    assert len(reminders) == 3
    assert "> @mia @noa This review is waiting: 72 h have passed." in room.shown
    room.tell("noa", "/claim")
    room.world.tick(hours=25)
    room.run()
    assert "> @noa This review is waiting: 24 h have passed." in room.shown


def test_a_learner_on_the_roster_is_not_called_to_their_own_review(room: Classroom) -> None:
    room.course(mentors=[room.learner, room.world.users["mia"]["id"]])
    room.graded()
    room.world.tick(hours=25)
    room.run()
    assert "> @mia This review is waiting" in room.shown
    assert "@learner This" not in room.shown


def test_an_overdue_claim_can_be_taken_over(room: Classroom) -> None:
    room.graded()
    room.tell("mia", "/claim")
    room.world.tick(hours=48, seconds=2)
    assert "holds the attempt" in room.tell("noa", "/confirm")
    assert room.tell("noa", "/claim\n/confirm\n/signoff") == "ok claimed\nok accepted\nok signed off"
    assert "SlaBreached" in room.kinds()


def test_the_log_links_each_comment_and_reactions_acknowledge(room: Classroom) -> None:
    first, second = room.say("learner", "/start"), room.say("learner", "/status")
    third = room.say("learner", "/status ok\n/start")
    room.run()
    assert f"#issuecomment-{first})" in room.shown
    assert [r[:2] for r in room.world.repository(REPO).reactions] == [
        (first, "+1"), (second, "confused"), (third, "-1"),
    ]  # fmt: skip


def test_a_bot_gives_no_commands(room: Classroom) -> None:
    room.world.user("helper[bot]", kind="Bot")
    assert room.tell("helper[bot]", "/start") == "no bots give no commands"


def test_a_ledger_that_was_changed_from_outside_stops_everything(room: Classroom) -> None:
    room.tell("learner", "/start")
    repo = room.world.repository(REPO)
    ref = f"refs/grader/learner-{room.learner}"
    tree = dict(repo.trees[repo.commits[repo.refs[ref]]["tree"]])
    forged = room.world.ref_file(REPO, ref, "ledger.jsonl").replace(b'"number":1', b'"number":2', 1)
    tree["ledger.jsonl"] = room.world.store_blob(REPO, forged)
    repo.refs[ref] = room.world.store_commit(REPO, room.world.store_tree(REPO, None, tree), [], "forged")
    with pytest.raises(LedgerBroken):
        room.run()


def test_the_roster_is_read_from_the_default_branch_whatever_the_pull_request_is_against(room: Classroom) -> None:
    room.world.repository(REPO).issues[7]["base"]["ref"] = "old"
    stranger = room.world.users["stranger"]["id"]
    roster = f'schema = "grader/course/1"\ncase = "airline-refund"\n[[mentors]]\nid = {stranger}\n'
    room.world.put_file(REPO, ".github/grader.toml", roster.encode(), "old")
    room.graded()
    assert "roster" in room.tell("stranger", "/confirm")


def test_a_missing_or_wrong_course_file_names_itself(room: Classroom) -> None:
    del room.world.repository(REPO).files[("main", ".github/grader.toml")]
    with pytest.raises(SettingsInvalid, match=r"grader\.toml is missing"):
        room.run()
    room.course(mentors=[])
    with pytest.raises(SettingsInvalid, match="at least one mentor"):
        room.run()
    with pytest.raises(InputInvalid, match="no pull request 99"):
        room.run(number=99)


def test_the_learner_is_told_the_times_and_what_to_post(room: Classroom) -> None:
    assert room.tell("learner", "/start") == "ok live until 10:30:00 UTC, hand in before 14:30:00 UTC on 23 Nov 2026"
    for command in ("`/status TEXT`", "`/root-cause COMMIT TEXT`", "`/hotfix COMMIT TEXT`", "`/resolved TEXT`"):
        assert command in room.shown
    room.world.tick(minutes=95)
    room.run()
    assert "**Next:** finish the post-mortem, push your work" in room.shown
