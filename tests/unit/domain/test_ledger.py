"""The chain notices every change, and a line is the same entry again."""

import json
from dataclasses import replace

import pytest

from grader.domain import attempt_commands as do
from grader.domain.instant import Instant
from grader.domain.ledger import (
    GENESIS,
    Draft,
    Entry,
    Sender,
    StreamId,
    Verifier,
    canonical,
    from_line,
    seal,
    to_line,
    verify,
)
from grader.errors import LedgerBroken
from tests.fakes.story import ADA, HANDED, T0, YES, Story


def chain() -> list[Entry]:
    story = Story().signed()
    return [entry for stream in story.entries.values() for entry in stream]


def test_lines_hold_the_whole_entry() -> None:
    entries = chain()
    assert [from_line(to_line(entry)) for entry in entries] == entries
    assert all(line == canonical(json.loads(line)) for line in map(to_line, entries))


@pytest.mark.parametrize("field", ["actor", "kind", "key", "request", "body", "prev", "hash", "stream"])
def test_a_changed_text_breaks_the_chain(field: str) -> None:
    entries = chain()
    entries[3] = replace(entries[3], **{field: getattr(entries[3], field) + " "})
    fault = verify(entries)
    assert fault is not None


@pytest.mark.parametrize("field", ["seq", "recorded_at", "effective_at"])
def test_a_changed_number_breaks_the_chain(field: str) -> None:
    entries = chain()
    entries[3] = replace(entries[3], **{field: getattr(entries[3], field) + 1})
    assert verify(entries) is not None


def test_a_lost_line_breaks_the_chain_where_it_was() -> None:
    entries = chain()
    lost = entries.pop(4)
    fault = verify(entries)
    assert fault is not None
    assert (fault.stream, fault.detail) == (lost.stream, f"expected entry {lost.seq}, found {lost.seq + 1}")


@pytest.mark.parametrize("value", [0.5, float("nan"), {1: 2}, {"a": {2}}, 2**53 + 1, "\ud800", b"x"])
def test_inexact_values_have_no_canonical_form(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize("line", ["", "[]", "{}", "null", '{"body": {}, "x": 1}', "[" * 100_000])
def test_a_line_that_is_no_entry_is_one_clear_error(line: str) -> None:
    with pytest.raises(LedgerBroken, match="not a ledger line"):
        from_line(line)


def sealed(*, now: int, last: Entry | None) -> Entry:
    draft = Draft(stream=StreamId("attempt/1"), effective_at=T0, kind="Saved", body={"mode": "Übergabe"})
    return seal(draft, sender=Sender(actor="learner:ada", key="k", request="r"), now=Instant(now), last=last)


def test_the_form_that_is_hashed_never_changes() -> None:
    """Chains that were written years ago must still verify: a change of this hash breaks every ledger there is."""
    assert GENESIS == "0" * 64
    first = sealed(now=T0, last=None)
    assert (first.body, first.prev, first.seq) == ('{"mode":"Übergabe"}', GENESIS, 1)
    assert first.hash == "d6a878da60bfe9faa5d9fc57eb56bd9845fbe929608af5eadce77caaedeb52f8"


def test_a_well_sealed_entry_in_the_wrong_place_is_told_from_a_changed_one() -> None:
    first, other = sealed(now=T0, last=None), sealed(now=T0 + 1, last=None)
    fault = verify([first, sealed(now=T0 + 2, last=other)])
    assert fault is not None
    assert fault.detail == "the hash before it is not that of the entry before it"
    fault = verify([first, replace(sealed(now=T0, last=first), body="{}")])
    assert fault is not None
    assert fault.detail == "its content does not match its hash"


def test_recorded_time_that_runs_backwards_is_a_fault_although_the_hashes_fit() -> None:
    first = sealed(now=T0, last=None)
    forged = replace(first, recorded_at=Instant(0))  # `seal` itself never writes an earlier time
    fault = verify([first, sealed(now=T0 - 1, last=forged)])
    assert fault is not None
    assert fault.detail == "recorded time runs backwards"


def test_the_verifier_counts_what_is_sound() -> None:
    entries = chain()
    verifier = Verifier()
    assert [verifier.fault(entry) for entry in entries] == [None] * len(entries)
    assert verifier.count == len(entries)


def test_only_the_last_entry_of_a_request_carries_its_key() -> None:
    handed = replace(HANDED, answers={**YES, "F1": False})
    submit = do.Submit(handed=handed, forces=(do.Force(check="F1", reason="d"),))
    story = Story().start().does(ADA, submit, key="k")
    assert [(entry.kind, entry.key) for entry in story.outcome.entries] == [("CheckForced", ""), ("Submitted", "k")]


def test_whole_numbers_are_exact_up_to_the_limit_of_other_readers() -> None:
    assert canonical(2**53) == "9007199254740992"
    assert canonical({"b": "é", "a": [-(2**53)]}) == '{"a":[-9007199254740992],"b":"é"}'


def test_a_stream_without_entries_is_at_its_beginning() -> None:
    attempt = Story().stored
    assert (attempt.seq, attempt.recorded_at) == (0, 0)


def test_of_a_line_that_is_no_entry_eighty_characters_are_shown() -> None:
    with pytest.raises(LedgerBroken) as broken:
        from_line("x" * 100)
    assert f"'{'x' * 80}'" in str(broken.value)
