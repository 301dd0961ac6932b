"""Markdown -> blocks with line numbers. Any text gives a document; nothing is raised, and the work is bounded."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.writing.dialects import Cleaned, clean
from grader.writing.foreign_tables import Row, Table, table_number

MAX_NESTING = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as it was written, less the markers of the blocks it stands in."""

    number: int
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of any style; level 1..6."""

    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: its own lines, and the blocks nested in it. `checked` is None when it is no task."""

    line: int
    lines: tuple[Line, ...]
    children: tuple["Block", ...]
    checked: bool | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text lines that stand together."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced or indented block: shown, never read as prose."""

    line: int
    text: str


Block = Heading | Item | Paragraph | Code | Table


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of one text, and what was taken away before they were read."""

    blocks: tuple[Block, ...]
    cleaned: Cleaned


def read_document(text: str) -> Document:
    """The blocks of `text`: of its first `dialects.MAX_LINES` lines and `MAX_CHARS` characters, repetitions aside."""
    cleaned = clean(text)
    tokens = _parser().parse("\n".join(cleaned.lines))
    blocks = tuple(_Builder(tokens, cleaned).blocks(len(tokens)))
    return Document(blocks, cleaned)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable(["html_block", "reference"])
    parser.core.ruler.disable(["inline", "text_join"])
    return parser


class _Builder:
    """Walks the flat token list once."""

    def __init__(self, tokens: list[Token], cleaned: Cleaned) -> None:
        self._tokens, self._cleaned, self._at, self._quotes = tokens, cleaned, 0, 0

    def blocks(self, end: int, *, ordered: bool = False) -> Iterator[Block]:
        """Blocks up to token `end`."""
        while self._at < end:
            token = self._tokens[self._at]
            self._at += 1
            if token.type.startswith("blockquote"):
                self._quotes += token.nesting
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                yield from self.blocks(self._closing(token), ordered=token.type == "ordered_list_open")
            elif token.type == "inline":
                yield from self._paragraph(token)
            elif (block := self._single(token, ordered=ordered)) is not None:
                yield block

    def _single(self, token: Token, *, ordered: bool) -> Block | None:
        match token.type:
            case "list_item_open":
                return self._item(token, ordered=ordered)
            case "heading_open":
                return self._heading(token)
            case "table_open":
                return self._table(token)
            case "fence" | "code_block":
                return Code(self._number(_first(token)), token.content)
            case _:
                return None

    def _number(self, line: int) -> int:
        """The line of the file that a line of the parsed text was."""
        return self._cleaned.numbers[min(line, len(self._cleaned.numbers)) - 1]

    def _closing(self, opening: Token) -> int:
        """The index just after the token that closes `opening`."""
        depth = 1
        at = self._at
        while at < len(self._tokens) and depth:
            depth += self._tokens[at].nesting if self._tokens[at].tag == opening.tag else 0
            at += 1
        return at

    def _item(self, token: Token, *, ordered: bool) -> Item:
        inner = list(self.blocks(self._closing(token)))
        lines: tuple[Line, ...] = ()
        if inner and isinstance(inner[0], Paragraph):
            lines = inner.pop(0).lines  # type: ignore[union-attr]
        lines, checked = _task(lines)
        return Item(self._number(_first(token)), lines, tuple(inner), checked, ordered)

    def _heading(self, token: Token) -> Block:
        content = self._tokens[self._at].content
        self._at += 2
        underlined = token.markup in ("-", "=")
        if underlined and ("\n" in content or len(content) > 90 or content.rstrip().endswith((".", ";", ","))):
            return Paragraph(self._lines(content, _first(token)))
        return Heading(self._number(_first(token)), int(token.tag[1:]), content.replace("\n", " "))

    def _paragraph(self, token: Token) -> Iterator[Block]:
        lines: list[Line] = []
        for line in self._lines(token.content, _first(token)):
            number = table_number(line.text)
            if number is None:
                lines.append(line)
                continue
            if lines:
                yield Paragraph(tuple(lines))
            lines = []
            yield self._cleaned.tables[number]
        if lines:
            yield Paragraph(tuple(lines))

    def _lines(self, content: str, first: int) -> tuple[Line, ...]:
        return tuple(
            Line(self._number(first + offset), text.strip(), self._quotes > 0)
            for offset, text in enumerate(content.split("\n"))
            if text.strip()
        )

    def _table(self, token: Token) -> Table:
        end = self._closing(token)
        rows: list[tuple[str, ...]] = []
        cells: list[str] = []
        for inner in self._tokens[self._at : end]:
            if inner.type == "tr_open":
                cells = []
            elif inner.type == "inline":
                cells.append(inner.content.strip())
            elif inner.type == "tr_close":
                rows.append(tuple(cells))
        self._at = end
        first = _first(token)  # then comes the delimiter row, then the body
        body = tuple(Row(self._number(first + 2 + index), row) for index, row in enumerate(rows[1:]))
        return Table(self._number(first), rows[0] if rows else (), body)


def _first(token: Token) -> int:
    return (token.map[0] if token.map else 0) + 1


def _task(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], bool | None]:
    if not lines:
        return lines, None
    text = lines[0].text
    if len(text) >= 3 and text[0] == "[" and text[2] == "]" and text[1] in " xX~-" and text[3:4] in ("", " "):
        rest = Line(lines[0].number, text[3:].strip(), lines[0].quoted)
        return (rest, *lines[1:]), text[1] in "xX"
    return lines, None
