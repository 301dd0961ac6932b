"""Sections that a reader recognises by what stands in them, although their label is in no word list."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from grader.domain.prose import Section
from grader.writing.document import Item
from grader.writing.owner_fields import field_owners
from grader.writing.owner_sentences import sentence_owners
from grader.writing.owner_words import is_sure
from grader.writing.plain import plain
from grader.writing.sections import Piece, lines_of

ENOUGH_ROWS = 3
ENOUGH_ITEMS = 2


def with_follow_ups(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces; when nothing is labelled as follow-ups, the last list in which most items name an owner is them."""
    if any(Section.FOLLOW_UPS in piece.sections for piece in pieces):
        return pieces
    lists = [run for run in _runs(pieces) if _are_owned([piece for piece in run if isinstance(piece.block, Item)])]
    found = {id(piece) for piece in lists[-1]} if lists else set()
    return tuple(
        replace(piece, sections=frozenset({Section.FOLLOW_UPS})) if id(piece) in found else piece for piece in pieces
    )


def is_timeline(pieces: tuple[Piece, ...], timed: set[int]) -> bool:
    """Whether at least three of the timed lines stand below one label."""
    return any(
        sum(line.number in timed for piece in run for line in lines_of(piece.block)) >= ENOUGH_ROWS
        for run in _runs(pieces)
    )


def _runs(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces below each label that names no section and is not known to open none."""
    for under, run in groupby(pieces, key=lambda piece: piece.under):
        if under and (open_ones := [piece for piece in run if not piece.sections and not piece.barred]):
            yield open_ones


def _are_owned(items: list[Piece]) -> bool:
    owned = sum(bool(_owners(piece.block)) for piece in items if isinstance(piece.block, Item))
    return len(items) >= ENOUGH_ITEMS and 2 * owned >= len(items)


def _owners(item: Item) -> tuple[str, ...]:
    text = " ".join(line.text for line in item.lines)
    owners = field_owners(plain(text)) or sentence_owners(text)
    return owners if owners and is_sure(owners) else ()
