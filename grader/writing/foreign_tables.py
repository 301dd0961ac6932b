"""Tables that Markdown does not have (HTML, AsciiDoc, two wikis): taken out whole, with a mark in their place."""

import re
from dataclasses import dataclass

from grader.writing.html_tables import html_table

_MARK = "\ue000"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; cells as written."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: header cells (may be empty) and body rows."""

    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def table_number(line: str) -> int | None:
    """Which taken-out table a line stands for; None when it is ordinary text."""
    return int(line.strip(_MARK)) if line.startswith(_MARK) else None


def _replace(lines: list[str], first: int, last: int, table: Table, tables: list[Table]) -> None:
    lines[first : last + 1] = [""] * (last + 1 - first)
    lines[first] = f"{_MARK}{len(tables)}{_MARK}"
    tables.append(table)


def take_html_tables(lines: list[str], fenced: list[bool], tables: list[Table]) -> None:
    """`<table>` to `</table>`; one that never closes stays as it is."""
    at = 0
    while at < len(lines):
        if not fenced[at] and re.search(r"<table\b", lines[at], re.I):
            last = next((i for i in range(at, len(lines)) if re.search(r"</table\s*>", lines[i], re.I)), None)
            if last is None:
                return
            header, rows = html_table("\n".join(lines[at : last + 1]))
            numbered = tuple(Row(at + line, cells) for line, cells in rows)
            _replace(lines, at, last, Table(at + 1, header, numbered), tables)
            at = last
        at += 1


def take_asciidoc_tables(lines: list[str], fenced: list[bool], tables: list[Table]) -> None:
    """What stands between two lines of `|===`."""
    at = 0
    while at < len(lines):
        if not fenced[at] and lines[at].strip() == "|===":
            last = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == "|==="), None)
            if last is None:
                return
            _replace(lines, at, last, _asciidoc_table(lines[at + 1 : last], at + 2), tables)
            if at and re.fullmatch(r"\s*\[[^\]]*\]\s*", lines[at - 1]):
                lines[at - 1] = ""
            at = last
        at += 1


def _asciidoc_table(lines: list[str], first: int) -> Table:
    """Cells start at `|`; a row is what stands between two blank lines, else as many cells as the first line has."""
    groups: list[list[tuple[int, str]]] = [[]]
    width = 0
    for offset, line in enumerate(lines):
        if line.lstrip().startswith("|"):
            found = [cell.strip() for cell in line.strip()[1:].split("|")]
            width = width or len(found)
            groups[-1] += [(first + offset, cell) for cell in found]
        elif line.strip() and groups[-1]:
            groups[-1][-1] = (groups[-1][-1][0], f"{groups[-1][-1][1]} {line.strip()}")
        elif groups[-1]:
            groups.append([])
    rows = [group for group in groups if group]
    if len(rows) < 2 or any(len(row) > len(rows[0]) for row in rows):
        cells = [cell for group in groups for cell in group]
        rows = [cells[i : i + max(width, 1)] for i in range(0, len(cells), max(width, 1))]
    made = [Row(row[0][0], tuple(text for _, text in row)) for row in rows]
    return Table(first - 1, made[0].cells if made else (), tuple(made[1:]))


def take_wiki_tables(lines: list[str], fenced: list[bool], tables: list[Table]) -> None:
    """`{|` to `|}` of MediaWiki, and rows below a `||header||` of Jira."""
    at = 0
    while at < len(lines):
        if not fenced[at] and lines[at].startswith("{|"):
            last = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("|}")), None)
            if last is None:
                return
            _replace(lines, at, last, _wiki_table(lines[at + 1 : last], at + 2), tables)
            at = last
        elif not fenced[at] and lines[at].startswith("||") and lines[at].rstrip().endswith("||"):
            last = at
            while last + 1 < len(lines) and lines[last + 1].startswith("|"):
                last += 1
            header = tuple(cell.strip() for cell in lines[at].strip().strip("|").split("||"))
            rows = tuple(
                Row(i + 1, tuple(c.strip() for c in lines[i].strip().strip("|").split("|")))
                for i in range(at + 1, last + 1)
            )
            _replace(lines, at, last, Table(at + 1, header, rows), tables)
            at = last
        at += 1


def _wiki_table(lines: list[str], first: int) -> Table:
    header: tuple[str, ...] = ()
    rows: list[tuple[int, list[str]]] = []
    for offset, line in enumerate(lines):
        if line.startswith("!"):
            header += tuple(cell.strip() for cell in line[1:].split("!!"))
        elif line.startswith("|-"):
            rows.append((first + offset + 1, []))
        elif line.startswith("|") and not line.startswith("|+"):
            if not rows:
                rows.append((first + offset, []))
            rows[-1][1].extend(cell.strip() for cell in line[1:].split("||"))
    return Table(first - 1, header, tuple(Row(line, tuple(cells)) for line, cells in rows if cells))
