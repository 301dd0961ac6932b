"""Blocks -> the four sections that a post-mortem owes, each with what stands in it.

A label may be a heading, a bold line, a bold bullet, or a line that ends in a colon or says nothing but the label.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.domain.prose import Section
from grader.writing.document import Block, Code, Document, Heading, Item, Line, Paragraph
from grader.writing.foreign_tables import Table
from grader.writing.labels import (
    BOLD_RANK,
    BULLET_RANK,
    PLAIN_RANK,
    Label,
    Strength,
    find_label,
    is_barred,
    is_field,
    only_label,
    sections_of,
)
from grader.writing.plain import label


@dataclass(frozen=True, slots=True)
class Piece:
    """One block at its place: the sections it belongs to, and the label it stands under."""

    block: Block
    line: int
    sections: frozenset[Section]
    under: str = ""
    is_label: bool = False
    barred: bool = False
    """Stands under a label that is known to open no section (lessons, references, participants)."""


def _title(document: Document) -> Heading | None:
    """The document's title: the first heading, when it is the only one of its level and others follow."""
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    if len(headings) < 2:
        return None
    first = headings[0]
    alone = all(other.level > first.level for other in headings[1:])
    return first if alone and document.blocks[0] is first and not only_label(first.text) else None


class _Reader:
    """Walks the blocks in order with the labels that are open."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._title = _title(document)
        self._open: list[tuple[int, frozenset[Section], str, bool]] = []
        self._strong = self._strong_sections()

    def _strong_sections(self) -> frozenset[Section]:
        found: set[Section] = set()
        for block in self._document.blocks:
            for text in _label_texts(block):
                sections, strength = sections_of(text)
                if strength == Strength.STRONG and block is not self._title:
                    found |= sections
        return frozenset(found)

    def pieces(self) -> Iterator[Piece]:
        for block in self._document.blocks:
            match block:
                case Heading():
                    yield self._heading(block)
                case Paragraph():
                    yield from self._paragraph(block)
                case Item():
                    yield from self._item(block)
                case Table() | Code():
                    yield self._piece(block, block.line)

    def _heading(self, heading: Heading) -> Piece:
        if heading is self._title:
            return Piece(heading, heading.line, frozenset(), is_label=True)
        self._enter(Label(heading.line, heading.text, heading.level))
        return self._piece(heading, heading.line, is_label=True)

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Piece]:
        for at, line in enumerate(paragraph.lines):
            found = find_label(line, bullet=False)
            if found and self._opens(found):
                self._enter(found)
                yield self._piece(Paragraph((line,)), line.number, is_label=True)
                if found.rest:
                    yield self._piece(Paragraph((Line(line.number, found.rest, line.quoted),)), line.number)
            else:
                del at
                yield self._piece(Paragraph((line,)), line.number)

    def _item(self, item: Item) -> Iterator[Piece]:
        found = find_label(item.lines[0], bullet=True) if item.lines else None
        if found and self._opens(found) and self._may_open_in_list(found):
            self._enter(found)
            yield self._piece(Item(item.line, item.lines[:1], (), item.checked), item.line, is_label=True)
            if found.rest:
                yield self._piece(Paragraph((Line(item.line, found.rest),)), item.line)
            if len(item.lines) > 1:
                yield self._piece(Paragraph(item.lines[1:]), item.lines[1].number)
            for child in item.children:
                yield self._piece(child, _line_of(child))
            return
        if self._open and self._open[-1][0] == BULLET_RANK:
            self._open.pop()
        yield self._piece(item, item.line)

    def _may_open_in_list(self, found: Label) -> bool:
        """A bullet opens a section only outside the others: "- Prevention: ..." in a list of actions does not."""
        holders = [sections for rank, sections, _, _ in self._open if rank < BULLET_RANK and sections]
        return not holders or not sections_of(found.text)[0] & _CATEGORY_LIKE

    def _opens(self, found: Label) -> bool:
        """Whether a pseudo-label is one: it names a section, is known to name none, or is a bold line on its own."""
        if len(label(found.text).split()) > 7:
            return False
        sections, strength = sections_of(found.text)
        if self._inside(Section.FOLLOW_UPS) and found.rest and (is_field(found.text) or sections == _FOLLOW_UPS):
            return False
        if found.rank == PLAIN_RANK and found.rest and sections and not only_label(found.text):
            return False
        if sections:
            return strength == Strength.STRONG or not sections & self._strong
        if is_barred(label(found.text)):
            if found.rank == BULLET_RANK:
                return bool(self._open) and self._open[-1][0] == BULLET_RANK
            return found.rank == BOLD_RANK or not found.rest
        return found.rank == BOLD_RANK and not found.rest and self._ends_bold(found)

    def _inside(self, section: Section) -> bool:
        return bool(self._open) and section in self._open[-1][1]

    def _ends_bold(self, found: Label) -> bool:
        """An unknown bold line ends a section that a bold line opened, unless it may be a group inside follow-ups."""
        inside = self._open and self._open[-1][0] >= BOLD_RANK
        return bool(inside) and Section.FOLLOW_UPS not in self._open[-1][1] and len(found.text.split()) > 1

    def _enter(self, found: Label) -> None:
        while self._open and self._open[-1][0] >= found.rank:
            self._open.pop()
        sections, strength = sections_of(found.text)
        if strength == Strength.WEAK and sections & self._strong:
            sections = frozenset()
        barred = not sections and is_barred(label(found.text))
        if not sections and not barred and self._open and found.rank <= 6:
            _, sections, _, barred = self._open[-1]
        self._open.append((found.rank, sections, found.text, barred))

    def _piece(self, block: Block, line: int, *, is_label: bool = False) -> Piece:
        if not self._open:
            return Piece(block, line, frozenset(), is_label=is_label)
        _, sections, under, barred = self._open[-1]
        return Piece(block, line, sections, under, is_label, barred)


_FOLLOW_UPS = frozenset({Section.FOLLOW_UPS})


_CATEGORY_LIKE = frozenset({Section.FOLLOW_UPS, Section.ROOT_CAUSE, Section.IMPACT})


def _label_texts(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield block.text
        case Paragraph():
            for line in block.lines:
                if found := find_label(line, bullet=False):
                    yield found.text
        case Item():
            if block.lines and (found := find_label(block.lines[0], bullet=True)):
                yield found.text
        case _:
            pass


def _line_of(block: Block) -> int:
    return block.lines[0].number if isinstance(block, Paragraph) else block.line


def read_pieces(document: Document) -> tuple[Piece, ...]:
    """Every block of the document with the sections it belongs to."""
    pieces = tuple(_Reader(document).pieces())
    bare = {
        section
        for section in Section
        if (held := [p for p in pieces if section in p.sections and not p.is_label])
        and all(isinstance(p.block, Code) for p in held)
    }
    return tuple(_shown(piece) if piece.sections & bare else piece for piece in pieces)


def _shown(piece: Piece) -> Piece:
    """A section that holds nothing but a code block says what stands in the block."""
    if not isinstance(piece.block, Code):
        return piece
    numbered = enumerate(piece.block.text.split("\n"), start=piece.line)
    lines = tuple(Line(number, text.strip()) for number, text in numbered if text.strip())
    return replace(piece, block=Paragraph(lines)) if lines else piece


def lines_of(block: Block) -> Iterator[Line]:
    """Every line of prose in a block, nested ones included; table cells come as one line a row."""
    match block:
        case Heading():
            yield Line(block.line, block.text)
        case Paragraph():
            yield from block.lines
        case Item():
            yield from block.lines
            for child in block.children:
                yield from lines_of(child)
        case Table():
            for row in block.rows:
                yield Line(row.line, " | ".join(row.cells))
        case Code():
            return
