"""What a post-mortem that is too long is told; and that words repeated in one line are no words."""

from grader.writing import postmortem

TOP = "# Post-mortem\n\n## Timeline\n- 14:05 UTC alert\n- 14:20 UTC rolled back\n- 14:30 UTC resolved\n\n## Log\n"
END = "\n## Action items\n- Add a test for empty retrieval (Alice Moreau, 2026-04-01)\n"


def test_follow_ups_beyond_what_is_read_are_said_to_be_unread() -> None:
    reading = postmortem.read(TOP + "\n".join(f"line {n}" for n in range(2500)) + END)
    reasons = {cap.id: cap.reason for cap in reading.caps}
    unread = "it is too long: only lines 1 to 2000 were read"
    assert reasons["no_follow_ups"] == f"no follow-up items were found ({unread})"
    assert reasons["no_owner"] == f"no follow-up names an owner ({unread})"
    assert [flag.detail for flag in reading.flags if flag.id == "too_long"] == [f"post-mortem: {unread}"]
    part = next(part for tick in reading.ticks for part in tick.parts if part.id == "P1.follow_ups")
    assert part.reason == "no follow-ups section up to line 2000, where reading stops because the text is too long"
    assert part.mend == "shorten the text; what stands after line 2000 was not read"
    assert any("line 2000" in sentence for sentence in reading.advice)


def test_a_text_of_many_characters_is_told_the_line_too() -> None:
    reading = postmortem.read(TOP + "\n".join(f"{n} " + "word " * 300 for n in range(200)) + END)
    assert 8 < next(int(f.detail.split()[-3]) for f in reading.flags if f.id == "too_long") < 200
    assert not reading.follow_ups


def test_a_repeated_log_does_not_make_a_text_too_long() -> None:
    reading = postmortem.read(TOP + "the same line\n" * 5000 + END)
    assert [item.line for item in reading.follow_ups] == [5011]
    assert not [flag for flag in reading.flags if flag.id == "too_long"]


def test_words_that_are_only_repeated_fill_no_section_and_lift_no_limit() -> None:
    filler = postmortem.read("## Root cause\nTBD TBD TBD\n\n## Impact\n" + "very wrong " * 200)
    assert dict(filler.sections)["root_cause"] is False
    assert filler.words < 20
