"""What people hand in as Markdown and is not: front matter, comments, HTML, AsciiDoc, wiki markup, odd bullets.

Everything becomes plain Markdown, line by line, so that line numbers stay those of the file. Tables that Markdown does
not have are taken out whole and leave a mark in their place.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from grader.writing.foreign_tables import Row, Table, take_asciidoc_tables, take_html_tables, take_wiki_tables
from grader.writing.repetition import kept

MAX_RAW = 2 * 1024 * 1024
MAX_CHARS = 128 * 1024
MAX_LINES = 2000
"""What is read of one text, repetitions aside: ten times a long post-mortem, and bounded work for any bytes."""
MAX_LINE = 4000
MAX_RUN = 400
"""Characters of a run without spaces; the longest links are shorter, and patterns stay fast on what is no prose."""

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Lines of Markdown, the tables taken out, and notes for the mentor on what people cannot see in the page.

    `numbers` holds for each line which line of the file it was; `read_to` is the last line that was read when the
    text is too long, else 0.
    """

    lines: tuple[str, ...]
    numbers: tuple[int, ...]
    tables: tuple[Table, ...] = ()
    hidden: tuple[str, ...] = field(default=())
    read_to: int = 0


def clean(text: str) -> Cleaned:
    """`text` as lines of Markdown: the first MAX_CHARS characters and MAX_LINES lines of it, repetitions aside."""
    hidden: list[str] = []
    if INVISIBLE.search(text, 0, MAX_RAW):
        text = INVISIBLE.sub("", text[:MAX_RAW]) + text[MAX_RAW:]
        hidden.append("invisible or direction-changing characters were taken out")
    lines, numbers, read_to = _bounded(text)
    lines = _without_front_matter(_without_comments("\n".join(lines), hidden).split("\n"), hidden)
    _underlines(lines)
    lines = _close_fences(lines)
    fenced = _fenced(lines)
    _outdent(lines, fenced)
    tables: list[Table] = []
    for taker in (take_html_tables, take_asciidoc_tables, take_wiki_tables):
        taker(lines, fenced, tables)
    lines = [line if fenced[i] else _to_markdown(line) for i, line in enumerate(lines)]
    numbered = tuple(_renumbered(table, numbers) for table in tables)
    return Cleaned(tuple(lines), numbers, numbered, tuple(hidden), read_to)


def _renumbered(table: Table, numbers: tuple[int, ...]) -> Table:
    rows = tuple(Row(numbers[row.line - 1], row.cells) for row in table.rows)
    return Table(numbers[table.line - 1], table.header, rows)


def _bounded(text: str) -> tuple[list[str], tuple[int, ...], int]:
    """The lines that are read, the number of each in the file, and the last number when some are left unread."""
    head = text[:MAX_RAW].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\t", "    ")
    head = re.sub("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", " ", head)
    whole = [line.rstrip() for line in head.split("\n")]
    indices, complete = kept([*whole, ""])
    complete = complete and len(text) <= MAX_RAW
    lines: list[str] = []
    left = MAX_CHARS
    for index in indices[:MAX_LINES]:
        line = _shortened(whole[index] if index < len(whole) else "")
        if left < len(line):
            break
        left -= len(line) + 1
        lines.append(line)
    complete = complete and len(lines) == len(indices)
    numbers = tuple(index + 1 for index in indices[: len(lines)])
    return lines, numbers, 0 if complete or not numbers else numbers[-1]


_RUN = re.compile(rf"([!-~]{{{MAX_RUN}}})[!-~]+")


def _shortened(line: str) -> str:
    """A line without the rest of endless runs, at most MAX_LINE characters of it."""
    return line if len(line) <= MAX_RUN else _RUN.sub(r"\1", line[: 2 * MAX_LINE])[:MAX_LINE]


def _without_comments(text: str, hidden: list[str]) -> str:
    """HTML comments become as many empty lines as they span."""
    parts: list[str] = []
    at = count = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        parts += [text[at:start], "\n" * text.count("\n", start, end)]
        at, count = end + 3, count + 1
    if count:
        hidden.append(f"{count} HTML comment{'s' if count > 1 else ''} not shown on the page")
    return "".join([*parts, text[at:]])


def _without_front_matter(lines: list[str], hidden: list[str]) -> list[str]:
    if lines and lines[0].strip() in ("---", "+++"):
        for at in range(1, min(len(lines), 60)):
            if lines[at].strip() == lines[0].strip():
                if at > 1 and all(re.match(r"\s|#|-|[\w.-]+\s*[:=]|$", line) for line in lines[1:at]):
                    hidden.append("front matter")
                    return [""] * (at + 1) + lines[at + 1 :]
                break
    return lines


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)$")
_SECTION_IN_FENCE = re.compile(r"#{1,4} +\S")


def _close_fences(lines: list[str]) -> list[str]:
    """A fence that never closes, or that is the odd one out round headings, is no fence."""
    opened: list[int] = []
    for at, line in enumerate(lines):
        found = _FENCE.match(line)
        if found:
            opened.append(at)
    if len(opened) % 2 == 0:
        return lines
    if not any(line.strip() for line in lines[opened[-1] + 1 :]):
        return [*lines[: opened[-1]], "", *lines[opened[-1] + 1 :]]
    for first, second in zip(opened[::2], [*opened[1::2], len(lines)], strict=True):
        swallowed = sum(bool(_SECTION_IN_FENCE.match(line)) for line in lines[first + 1 : second])
        if swallowed or second == len(lines):
            return [*lines[:first], "", *lines[first + 1 :]]
    return lines


def _fenced(lines: list[str]) -> list[bool]:
    """For each line whether it stands in a fence (the fences' own lines included)."""
    inside = ""
    marks: list[bool] = []
    for line in lines:
        found = _FENCE.match(line)
        if inside:
            marks.append(True)
            if found and found[1][0] == inside[0] and len(found[1]) >= len(inside) and not found[2].strip():
                inside = ""
        else:
            inside = found[1] if found else ""
            marks.append(bool(inside))
    return marks


_BULLET = re.compile(r"^(\s*)[•◦▪‣●○■·∙➤►–]\s+")
_NUMBER = re.compile(r"^(\s{0,3})(\d{1,3})\s*(?:[)）、．]|\.(?=[^\s\d]))\s*(?=\S)")
_BRACKETED_NUMBER = re.compile(r"^(\s*)[(（](?:(\d{1,2})|[a-z]|i{1,3}v?)[)）]\s+(?=\S)")
_WIKI_BOLD = re.compile(r"'''([^'\n]{1,200})'''")
_ASCIIDOC_ITEM = re.compile(r"^(\*{2,5}|\.{1,5}|-{2,3}) +(?=\S)(?!.*\*\*\S)")
_EQUALS = re.compile(r"^(={1,6})\s+(\S.*?)\s*=*\s*$")
_WIKI_HEADING = re.compile(r"^h([1-6])\.\s+(?=\S)")
_TIGHT_HEADING = re.compile(r"^ {0,3}(#{1,6})(?=[^#\s\d!-])")
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>(.*?)</h\1\s*>", re.I)
_TAGS = re.compile(r"</?(?:ul|ol|p|div|details|section|span|font|center|u|small|sup|sub|tbody|a)\b[^<>]*>", re.I)
_BOLD = re.compile(r"</?(?:b|strong|summary)\s*>", re.I)
_BREAK = re.compile(r"<br\s*/?>", re.I)


def _to_markdown(line: str) -> str:
    """One line of another dialect as Markdown."""
    if "<" in line:
        line = _HTML_HEADING.sub(lambda m: "#" * int(m[1]) + " " + m[2], line)
        line = _BOLD.sub("**", _TAGS.sub("", line))
        line = re.sub(r"</li\s*>", "", re.sub(r"\s*<li\b[^<>]*>\s*", "- ", line, flags=re.I), flags=re.I)
        line = _BREAK.sub(" ", line)
    if "&" in line:
        line = unescape(line).replace("\n", " ").replace("\x00", "")
    if "'''" in line:
        line = _WIKI_BOLD.sub(r"**\1**", line)
    line = _BULLET.sub(r"\1- ", line)
    line = _BRACKETED_NUMBER.sub(lambda m: f"{m[1]}{m[2] or 1}. ", line)
    line = _NUMBER.sub(r"\1\2. ", line)
    line = _EQUALS.sub(lambda m: "#" * len(m[1]) + " " + m[2], line)
    line = _WIKI_HEADING.sub(lambda m: "#" * int(m[1]) + " ", line)
    line = _TIGHT_HEADING.sub(r"\1 ", line)
    return _ASCIIDOC_ITEM.sub(lambda m: "    " * (len(m[1]) - 1) + "- " if m[1][0] != "." else "1. ", line)


_OPENS_A_BLOCK = re.compile(r"(?![-*+>|#]|\d+[.)])[^\s`].{0,60}:\s*$")


def _outdent(lines: list[str], fenced: list[bool]) -> None:
    """What is indented below a label (`IMPACT:`) is its text, although Markdown would see code or one paragraph."""
    at = 0
    while at < len(lines):
        opens = not fenced[at] and len(lines[at].split()) <= 6 and _OPENS_A_BLOCK.match(lines[at])
        at += 1
        while opens and at < len(lines) and (not lines[at].strip() or lines[at].startswith("    ")):
            if not fenced[at] and not lines[at].lstrip().startswith(("$", ">>>")):
                lines[at] = lines[at][4:]
            at += 1


_UNDERLINE = re.compile(r"([~^\"'+.:_*=-])\1{3,}\s*$")
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*[.)]?\s+(?=\D)")


def _underlines(lines: list[str]) -> None:
    """Headings underlined with other characters than Markdown's (reStructuredText) become `---` ones.

    A numbered line that is underlined is a heading too, where Markdown would see a list.
    """
    for at in range(1, len(lines)):
        if not _UNDERLINE.match(lines[at]):
            continue
        text, above = lines[at - 1].strip(), lines[at - 2].strip() if at > 1 else ""
        if not text or above or not text[0].isalnum() or len(text) > 80 or len(lines[at].strip()) < 0.6 * len(text):
            continue
        if numbered := _NUMBERED.match(text):
            lines[at - 1 : at + 1] = ["## " + text[numbered.end() :], ""]
        elif lines[at].strip()[0] not in "=-":
            lines[at] = "---"
