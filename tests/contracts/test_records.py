"""What every ledger does, whether in memory, in SQLite or in PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.adapters.sql_records import Database, SqlContents, SqlPeople, SqlRecords
from grader.domain.instant import Instant
from grader.domain.ledger import Draft, Entry, Sender, StreamId, seal_all, verify
from grader.errors import StreamMoved
from grader.ports import Contents, People, Records
from tests.fakes.memory_ledger import MemoryContents, MemoryPeople, MemoryRecords

Ledger = tuple[Records, Contents, People]
A, B = StreamId("attempt/a"), StreamId("attempt/b")
STORES = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=STORES)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryRecords(), MemoryContents(), MemoryPeople()
        return
    sqlite = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    database = Database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres").url())
    yield SqlRecords(database), SqlContents(database), SqlPeople(database)
    database.close()


def grow(records: Records, stream: StreamId, count: int = 1, *, key: str = "", now: int = 1000) -> tuple[Entry, ...]:
    """Append to a stream on top of what is there."""
    before = records.stream(stream)
    body = {"text": "Grüße\u2028\u0000🙂", "none": None, "deep": {"b": [1, {"a": True}]}}
    drafts = [Draft(stream=stream, effective_at=Instant(5), kind="Saved", body=body) for _ in range(count)]
    heads = {stream: before[-1]} if before else {}
    sealed = seal_all(drafts, sender=Sender(actor="learner:a", key=key, request="r"), now=Instant(now), heads=heads)
    records.append(sealed)
    return sealed


def test_what_was_appended_reads_back_in_order_and_verifies(ledger: Ledger) -> None:
    records = ledger[0]
    first, second = grow(records, A, 3), grow(records, A, 2, now=2000)
    assert records.stream(A) == first + second
    assert verify(records.entries()) is None
    assert records.stream(B) == ()


def test_whoever_comes_second_is_told_and_nothing_of_theirs_stays(ledger: Ledger) -> None:
    records = ledger[0]
    (first,) = grow(records, A)
    late = replace(first, actor="learner:b")
    new = seal_all(
        [Draft(stream=B, effective_at=Instant(1), kind="Saved", body={})],
        sender=Sender(actor="x"),
        now=Instant(1),
        heads={},
    )
    with pytest.raises(StreamMoved):
        records.append((*new, late))
    assert records.stream(A) == (first,)
    assert records.stream(B) == ()


@pytest.mark.parametrize("change", [{"seq": 3}, {"seq": 1}, {"prev": "f" * 64}])
def test_an_entry_that_does_not_follow_is_refused(ledger: Ledger, change: dict[str, object]) -> None:
    records = ledger[0]
    grow(records, A)
    (second,) = seal_all(
        [Draft(stream=A, effective_at=Instant(1), kind="Saved", body={})],
        sender=Sender(actor="x"),
        now=Instant(2000),
        heads={A: records.stream(A)[-1]},
    )
    with pytest.raises(StreamMoved):
        records.append([replace(second, **change)])  # type: ignore[arg-type]
    assert len(records.stream(A)) == 1


def test_all_entries_come_stream_by_stream_and_can_be_narrowed(ledger: Ledger) -> None:
    records = ledger[0]
    names = ["attempt/b", "attempt/B", "attempt/a_1", "attempt/a-1", "enrollment/x/y", "attempt/ä"]
    for name in names:
        grow(records, StreamId(name), 2)
    everything = [entry.stream for entry in records.entries()]
    assert everything == [name for name in sorted(names) for _ in range(2)]
    assert [e.stream for e in records.entries("enrollment/")] == ["enrollment/x/y"] * 2
    assert [e.stream for e in records.entries("attempt/a_")] == ["attempt/a_1"] * 2


def test_appending_nothing_is_nothing(ledger: Ledger) -> None:
    ledger[0].append([])
    assert list(ledger[0].entries()) == []


def test_contents_are_kept_once_and_forgotten_on_demand(ledger: Ledger) -> None:
    contents = ledger[1]
    digest = contents.keep(b"\x00bytes\xff")
    assert contents.keep(b"\x00bytes\xff") == digest
    assert contents.get(digest) == b"\x00bytes\xff"
    contents.erase(digest)
    contents.erase(digest)
    assert contents.get(digest) is None


def test_people_have_one_id_each_until_they_are_erased(ledger: Ledger) -> None:
    people = ledger[2]
    ada, bob = people.id_of("ada"), people.id_of("bob")
    assert ada == people.id_of("ada") != bob
    assert people.login_of(ada) == "ada"
    people.erase("ada")
    assert people.login_of(ada) is None
    assert people.id_of("ada") != ada
