"""Blocks -> the four sections that a post-mortem owes, each with what stands in it.

A label may be a heading, a bold line, a bold bullet, or a line that ends in a colon or says nothing but the label.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from grader.domain.prose import Section
from grader.writing.dialects import Table
from grader.writing.document import Block, Code, Document, Heading, Item, Line, Paragraph
from grader.writing.lexicon import word_list
from grader.writing.plain import folded, label, plain, without_code
from grader.writing.repetition import kept

BOLD_RANK, PLAIN_RANK, BULLET_RANK = 7, 8, 9
"""Headings rank 1..6; a label in bold, in plain text or in a bullet ends with the next one of its rank or better."""


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


@dataclass(frozen=True, slots=True)
class Label:
    """A label found: its words, rank, and the rest of its line when that holds content."""

    line: int
    text: str
    rank: int
    rest: str = ""


class Strength:
    """How sure a label is: 0 none, 1 weak, 2 strong."""

    NONE, WEAK, STRONG = 0, 1, 2


@cache
def section_of(words: str) -> tuple[Section | None, int]:
    """The section that a folded label names, and how sure that is."""
    exact = next((section for section in Section if words in word_list("sections", section, "exact")), None)
    strong = exact or (None if is_barred(words) else _strong_section(words))
    if strong:
        return strong, Strength.STRONG
    weak = next((section for section in Section if _begins(words, word_list("sections", section, "weak"))), None)
    return (weak, Strength.WEAK) if weak else (None, Strength.NONE)


def _strong_section(words: str) -> Section | None:
    begun = [(_begins(words, word_list("sections", section, "starts")), section) for section in Section]
    if max(begun)[0]:
        return max(begun)[1]
    short = len(words.split()) <= 5
    for section in Section:
        if short and any(words.endswith(" " + end) for end in word_list("sections", section, "ends")):
            return section
    held = (section for section in Section if any(part in words for part in word_list("sections", section, "holds")))
    return next(held, None)


def _begins(words: str, starts: frozenset[str]) -> int:
    """Length of the longest start that `words` begins with at a word's end; scripts without spaces need no word end."""
    best = 0
    for start in starts:
        if words.startswith(start) and len(start) > best:
            following = words[len(start) : len(start) + 1]
            if not (following.isalnum() and start[-1].isascii() and following.isascii()):
                best = len(start)
    return best


def sections_of(text: str) -> tuple[frozenset[Section], int]:
    """The sections that a label names; "Impact and timeline" names two."""
    words = label(text)
    whole, strength = section_of(words)
    found = {whole} if whole else set()
    parts = re.split(r"\s+(?:and|und|et|y|e|en|och|og|i|ve|и|及び|和|与|와)\s+|\s*[/,|&+、・]\s*|\s[-–—]\s", words)
    if 1 < len(parts) <= 4:
        for part in parts:
            section, sure = section_of(part.strip())
            if section and sure == Strength.STRONG:
                found.add(section)
                strength = Strength.STRONG
    return frozenset(found), strength


def is_known(text: str) -> bool:
    """Whether a label names a section or is known to name none."""
    words = label(text)
    return bool(sections_of(text)[0]) or is_barred(words)


def is_barred(words: str) -> bool:
    """Whether a folded label is known to open no section."""
    none = word_list("sections", "none", "starts")
    return bool(_begins(words, none)) or words in word_list("sections", "none", "exact")


_BOLD_LABEL = re.compile(r"^(\*\*|__)(?=\S)(.{1,100}?)\1\s*[:：]?\s*(.*)$")
_PLAIN_LABEL = re.compile(r"^([^:：.!?`*|]{2,60}?)\s*[:：](?=\s|$|[^\x00-\x7f])\s*(.*)$")


def find_label(line: Line, *, bullet: bool) -> Label | None:
    """The label at the start of a line, if there is one."""
    text = line.text
    bold = _BOLD_LABEL.match(text)
    if bold:
        rest = bold[3]
        colon = bold[2].rstrip().endswith((":", "：")) or re.match(r"^.*?(\*\*|__)\s*[:：]", text) is not None
        if colon or not rest or rest[:1] in "-–—(":
            return Label(line.number, bold[2], BULLET_RANK if bullet else BOLD_RANK, rest.lstrip(":： -–—"))
        return None
    colon_label = _PLAIN_LABEL.match(plain(text) if text[:1] in "*_" else text)
    if colon_label:
        return Label(line.number, colon_label[1], BULLET_RANK if bullet else PLAIN_RANK, colon_label[2])
    if (
        not bullet
        and len(text) <= 50
        and not text.endswith((".", ",", ";"))
        and sections_of(text)[0]
        and _only_label(text)
    ):
        return Label(line.number, text, PLAIN_RANK)
    return None


def _only_label(text: str) -> bool:
    """Whether a line says nothing but a synonym."""
    words = label(text)
    return any(
        words in word_list("sections", section, key) for section in Section for key in ("starts", "exact", "ends")
    )


def _title(document: Document) -> Heading | None:
    """The document's title: the first heading, when it is the only one of its level and others follow."""
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    if len(headings) < 2:
        return None
    first = headings[0]
    alone = all(other.level > first.level for other in headings[1:])
    return first if alone and document.blocks[0] is first and not _only_label(first.text) else None


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
        if self._inside(Section.FOLLOW_UPS) and found.rest and (_is_field(found.text) or sections == _FOLLOW_UPS):
            return False
        if found.rank == PLAIN_RANK and found.rest and sections and not _only_label(found.text):
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


def _is_field(text: str) -> bool:
    """Whether a label is a field of a follow-up's form ("Owner", "Due") and not of the document."""
    words = label(text)
    return any(words in word_list("people", kind) for kind in ("owner_fields", "due_fields", "other_fields"))


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


_EMPTY = re.compile(
    r"^(?:n/?a|none(?: yet| known)?|nil|tb[dca]|to be (?:defined|determined|done|added|confirmed|completed|"
    r"filled.*|written)"
    r"|todo|to do|wip|work in progress|coming soon|pending|unknown|\?+|x+|lorem ipsum.*"
    r"|keine?|aucune?|ninguno|nenhum|nessuno|geen|n\.v\.t\.|offen|k\.a\.|なし|無し|未定|无|無|暂无|없음|нет)$"
)
_HOLE = re.compile(
    r"<[A-Za-z][^<>\n=]{1,120}>|\{\{[^{}\n]{1,100}\}\}|\b(?:HH:MM|YYYY-MM-DD|DD/MM)\b|_{4,}|\.{4,}"
    r"|\[(?:insert|describe|your|list|add|fill|enter|todo|tbd|tbc|link(?: to [^\[\]]*)?|names?|dates?|time|"
    r"owners?|team|who|what|when|"
    r"how|why|summary|action|item|ticket|placeholder|e\.g|example|explain|number|duration|x+|\.\.\.|"
    r"…)(?![^\W_])[^\[\]\n]{0,120}\](?!\()",
    re.I,
)
_PROMPT = re.compile(
    r"^[_*(]*(?:describe|insert|add|fill in|explain|list|provide|write|enter|what|who|how|when|why|use this "
    r"section)\b.{0,300}[)]?[_*]+$",
    re.I,
)


def has_content(text: str) -> bool:
    """Whether a line says anything: not empty, not "N/A", not a template's `<placeholder>` or prompt in italics."""
    stripped = text.strip()
    if _TEMPLATE_ROW.match(plain(stripped)) or _names_fields_only(stripped):
        return False
    if stripped[:1] in "*_" and stripped[:2] != "**" and _PROMPT.match(stripped):
        return False
    words = folded(plain(_HOLE.sub(" ", _links_kept(stripped)))).strip(" .:-–—|*_#>!•()'\"")
    parts = [_said_once(part.strip(" .:-–—()")) for part in words.split("|")]
    return any(part and not _EMPTY.match(part) and any(c.isalnum() for c in part) for part in parts)


_TEMPLATE_ROW = re.compile(r"^[\W_]*(?:HH:MM|hh:mm|YYYY-MM-DD|DD/MM)\b")


@cache
def _fields() -> frozenset[str]:
    kinds = ("owner_fields", "due_fields", "item_fields")
    return frozenset().union(*(word_list("people", kind) for kind in kinds))


def _names_fields_only(text: str) -> bool:
    """ "Action – owner – due date": a row of a form that nobody filled in."""
    if len(text) > 80:
        return False
    parts = re.split(r"\s+[–—|/-]\s+|\s*[,;|]\s*", folded(plain(text)).strip("|- "))
    said = [part.strip(" .:*_[]()<>") for part in parts]
    return len(said) > 1 and any(said) and all(part in _fields() or not part for part in said)


def _said_once(text: str) -> str:
    """A text without words that it only repeats: "TBD TBD" is as empty as "TBD"."""
    listed = text.split()
    return " ".join(listed[index] for index in kept(listed)[0]) if len(listed) > 1 else text


def _links_kept(text: str) -> str:
    return re.sub(r"<((?:https?://|mailto:)[^<>\s]+|[^<>\s@]+@[^<>\s]+)>", r"\1", text) if "<" in text else text


def holes(text: str) -> int:
    """How many template placeholders a line still has, code aside."""
    return len(_HOLE.findall(_links_kept(without_code(text))))
