"""The chain notices every change, and a line is the same entry again."""

import json
from dataclasses import replace

import pytest

from grader.domain.ledger import Entry, canonical, from_line, to_line, verify
from grader.errors import LedgerBroken
from tests.fakes.story import Story


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
