"""Which items remain when each immediate repetition is dropped."""

import random

import pytest

from grader.writing.repetition import MAX_KEPT, kept


def left(text: str) -> str:
    indices, complete = kept(text)
    assert complete
    return "".join(text[index] for index in indices)


@pytest.mark.parametrize(
    ("text", "remains"),
    [
        ("", ""),
        ("a", "a"),
        ("aaaa", "a"),
        ("abab", "ab"),
        ("abcbc", "abc"),
        ("xabcabcabcy", "xabcy"),
        ("aabbaabb", "ab"),
        ("abcabdabc", "abcabdabc"),
        ("abba", "aba"),
    ],
)
def test_what_stands_twice_in_a_row_is_kept_once(text: str, remains: str) -> None:
    assert left(text) == remains


def test_the_first_copy_is_the_one_that_stays() -> None:
    assert kept("xababy")[0] == [0, 1, 2, 5]


def test_a_long_text_is_kept_as_it_is() -> None:
    lines = [str(number) for number in range(1500)]
    assert kept(lines * 3) == (list(range(1500)), True)


def test_too_many_items_are_left_unread() -> None:
    indices, complete = kept([str(number) for number in range(MAX_KEPT + 5)])
    assert len(indices) == MAX_KEPT
    assert not complete


def test_the_work_is_bounded() -> None:
    chosen = random.Random(3)
    indices, complete = kept([chosen.choice("abc") for _ in range(300_000)])
    assert len(indices) <= MAX_KEPT
    assert not complete
