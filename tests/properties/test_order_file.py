"""Orders survive being written and read; any other bytes are one clear line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.order import Order
from grader.errors import InputInvalid
from grader.intake.order import MAX_BYTES, read_order, write_order
from tests.fakes.github.classroom import Classroom


@pytest.fixture(scope="module")
def order() -> Order:
    room = Classroom()
    room.tell("learner", "/start")
    room.tell("learner", "/status words — with\n\nmore \u202e words")
    room.tell("learner", "/submit")
    found = room.run().order
    assert found is not None
    return found


@given(manifest=st.binary(max_size=50), archive=st.binary(max_size=50), number=st.integers(1, 9))
def test_what_is_written_is_read(order: Order, manifest: bytes, archive: bytes, number: int) -> None:
    given_order = replace(order, manifest=manifest, archive=archive, run=number)
    assert read_order(write_order(given_order), where="order.json") == given_order


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_other_bytes_are_refused_with_the_files_name(content: bytes) -> None:
    with pytest.raises(InputInvalid, match=r"^order\.json: "):
        read_order(content, where="order.json")


def test_a_flood_is_not_parsed() -> None:
    with pytest.raises(InputInvalid, match="larger than"):
        read_order(b"[" * (MAX_BYTES + 1), where="order.json")
