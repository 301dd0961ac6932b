"""The rows of a post-mortem's timeline, with the day rolled over at midnight."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from grader.domain.prose import Section, TimelineRow
from grader.writing.clock import ZONE, day_alone, moment_at_start
from grader.writing.content import has_content
from grader.writing.document import Code, Heading, Item, Line, Paragraph
from grader.writing.due import DATE
from grader.writing.foreign_tables import Table
from grader.writing.plain import plain, sentences
from grader.writing.sections import Piece

HALF_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Rows:
    """What the timeline says, and whether it tells its zone and date; `in_section` when a label opened it."""

    rows: tuple[TimelineRow, ...]
    zone_line: int | None
    date_line: int | None
    in_section: bool
    disorder: tuple[int, ...]
    """Lines whose time is earlier than that of the row before, midnight aside."""


@dataclass
class _Found:
    line: int
    at: str
    text: str
    minute: int | None
    day: date | None
    day_text: str | None


def read_rows(pieces: tuple[Piece, ...]) -> Rows:
    """Rows of the timeline section; without one, of the longest run of timed rows elsewhere (at least three)."""
    inside = [piece for piece in pieces if Section.TIMELINE in piece.sections]
    found = _once(_rows(inside)) or _once(_military(inside))
    in_section = bool(found)
    if not found:
        elsewhere = [p for p in pieces if not p.barred and Section.FOLLOW_UPS not in p.sections]
        found = _once(_rows(elsewhere, dated=False))
        found = found if len(found) >= 3 else []
    rows, disorder = _ordered(found)
    lines = [line for piece in (inside or pieces) for line in _all_lines(piece)]
    everything = [line for piece in pieces for line in _all_lines(piece)]
    zone = _line_with(ZONE, lines) or _line_with(_ALL_TIMES, everything)
    dated = (
        next((row.line for row in rows if row.date), None) or _line_with(DATE, lines) or _line_with(DATE, everything)
    )
    return Rows(rows, zone, dated, in_section, disorder)


_ALL_TIMES = re.compile(
    r"\b(?:all )?times?(?:stamps)? (?:are |is |shown |given |below |listed )*(?:in )?\(?(?:UTC|GMT|CES?T|BST|"
    r"[ECMP][SD]T|IST|JST)|\b(?:UTC|GMT)\b"
)


def _line_with(pattern: re.Pattern[str], lines: list[Line]) -> int | None:
    return next((line.number for line in lines if pattern.search(line.text)), None)


def _all_lines(piece: Piece) -> Iterator[Line]:
    match piece.block:
        case Heading():
            yield Line(piece.line, piece.block.text)
        case Paragraph():
            yield from piece.block.lines
        case Item():
            yield from piece.block.lines
            for child in piece.block.children:
                yield from _all_lines(Piece(child, piece.line, piece.sections))
        case Table():
            yield Line(piece.block.line, " | ".join(piece.block.header))
            for row in piece.block.rows:
                yield Line(row.line, " | ".join(row.cells))
        case Code():
            return


_BARE_CLOCK = re.compile(r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\b[\s:–—-]+(?P<text>\D.*)$")


def _military(pieces: list[Piece]) -> list[_Found]:
    """Rows such as "1204 deploy": four digits are a clock only where at least three lines begin so."""
    found = [
        _Found(line.number, f"{row['h']}:{row['m']}", row["text"], int(row["h"]) * 60 + int(row["m"]), None, None)
        for piece in pieces
        if not isinstance(piece.block, (Table, Code))
        for line in _entry_lines(piece.block)
        if not line.quoted and (row := _BARE_CLOCK.match(plain(line.text)))
    ]
    return found if len(found) >= 3 else []


def _rows(pieces: list[Piece], *, dated: bool = True) -> list[_Found]:
    """Timed rows; when there are none, dated ones."""
    timed = list(_timed(pieces))
    if timed or not dated:
        return timed
    return list(_dated(pieces))


_Day = tuple[date | None, str | None]


@dataclass
class _Walk:
    """What the walk knows at one line: the day that was set last, and a time that waits for its text."""

    day: _Day = (None, None)
    pending: _Found | None = None

    def take(self, line: Line) -> _Found | None:
        """The row that a line completes, if it does."""
        found = _from_line(line, self.day)
        if found is None:
            return self._text(line)
        if found.day_text:
            self.day = (found.day, found.day_text)
        self.pending = None if found.text else found
        return found if found.text else None

    def _text(self, line: Line) -> _Found | None:
        alone = day_alone(plain(line.text))
        waiting = self.pending
        if alone and not alone[2]:
            self.day = (alone[0], alone[1])
        elif waiting is not None and has_content(line.text):
            self.pending = None
            return replace(waiting, text=plain(line.text))
        return None


def _timed(pieces: list[Piece]) -> Iterator[_Found]:
    walk = _Walk()
    for piece in pieces:
        if isinstance(piece.block, Table):
            yield from _table_rows(piece.block, walk.day)
            continue
        for line in _entry_lines(piece.block):
            if not line.quoted and (found := walk.take(line)):
                yield found


def _entry_lines(block: object) -> Iterator[Line]:
    """Lines that may begin a row: of headings, paragraphs, and items at any depth."""
    match block:
        case Heading():
            yield Line(block.line, block.text)
        case Paragraph():
            for line in block.lines:
                parts = sentences(line.text)
                if len(parts) > 1 and moment_at_start(plain(parts[1])):
                    yield from (Line(line.number, part, line.quoted) for part in parts)
                else:
                    yield line
        case Item():
            first = [Line(block.line, " ".join(line.text for line in _wrapped(block.lines)), _quoted(block.lines))]
            yield from first if block.lines else []
            yield from block.lines[len(_wrapped(block.lines)) :]
            for child in block.children:
                yield from _entry_lines(child)
        case _:
            return


def _wrapped(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The first line and those that only continue it."""
    for at, line in enumerate(lines[1:], start=1):
        if moment_at_start(plain(line.text)):
            return lines[:at]
    return lines


def _quoted(lines: tuple[Line, ...]) -> bool:
    return bool(lines) and lines[0].quoted


def _from_line(line: Line, day: tuple[date | None, str | None]) -> _Found | None:
    found = moment_at_start(plain(line.text))
    if found is None:
        return None
    text = found.rest if has_content(found.rest) else ""
    return _Found(
        line.number,
        found.at,
        text,
        found.minute,
        found.day or (None if found.day_text else day[0]),
        found.day_text or day[1],
    )


def _table_rows(table: Table, day: tuple[date | None, str | None]) -> Iterator[_Found]:
    header = [row for row in (table.header,) if any(moment_at_start(plain(cell)) for cell in row[:2])]
    rows = [(table.line, cells) for cells in header] + [(row.line, row.cells) for row in table.rows]
    for line, cells in rows:
        shown = [plain(cell) for cell in cells]
        at = next((i for i, cell in enumerate(shown[:4]) if moment_at_start(cell)), None)
        days = [
            (i, alone) for i, cell in enumerate(shown[:3]) if (alone := day_alone(cell)) and not alone[2] and i != at
        ]
        if days:
            day = (days[0][1][0], days[0][1][1])
        if at is None:
            continue
        found = moment_at_start(shown[at])
        assert found is not None
        skipped = {at, *(i for i, _ in days)}
        text = " — ".join(part for part in (found.rest, *(c for i, c in enumerate(shown) if i not in skipped)) if part)
        if found.day_text:
            day = (found.day, found.day_text)
        if has_content(text):
            yield _Found(line, found.at, text, found.minute, found.day or day[0], found.day_text or day[1])


def _dated(pieces: list[Piece]) -> Iterator[_Found]:
    for piece in pieces:
        if isinstance(piece.block, Table):
            for row in piece.block.rows:
                alone = day_alone(plain(row.cells[0])) if row.cells else None
                text = " — ".join(plain(cell) for cell in row.cells[1:] if cell)
                if alone and has_content(text):
                    yield _Found(
                        row.line, alone[0].isoformat() if alone[0] else alone[1], text, None, alone[0], alone[1]
                    )
            continue
        for line in _entry_lines(piece.block):
            alone = day_alone(plain(line.text)) if not line.quoted else None
            if alone and has_content(alone[2]) and not isinstance(piece.block, Heading):
                yield _Found(line.number, _shown(alone), alone[2], None, alone[0], alone[1])


def _shown(alone: tuple[date | None, str, str]) -> str:
    known = alone[0] and re.search(r"20\d\d|\.\d\d$", alone[1])
    return alone[0].isoformat() if known and alone[0] else alone[1]


def _once(found: list[_Found]) -> list[_Found]:
    seen: dict[tuple[str, str, str | None], _Found] = {}
    for row in found:
        seen.setdefault((row.at, row.text.casefold(), row.day_text), row)
    return list(seen.values())


def _ordered(found: list[_Found]) -> tuple[tuple[TimelineRow, ...], tuple[int, ...]]:
    """Rows with their minute from the first day's midnight; a fall of more than half a day is the next day."""
    rows: list[TimelineRow] = []
    disorder: list[int] = []
    day_number, first_day, last, last_text = 0, next((f.day for f in found if f.day), None), None, None
    for row in found:
        minute = row.minute
        another = row.day_text and last_text and row.day_text != last_text
        rolled = minute is not None and last is not None and last - (day_number * 1440 + minute) > HALF_DAY
        if row.day and first_day:
            day_number = max((row.day - first_day).days, 0)
            day_number += last is not None and minute is not None and last - (day_number * 1440 + minute) > HALF_DAY
        elif another or rolled:
            day_number += 1
        last_text = row.day_text or last_text
        total = None if minute is None else day_number * 1440 + minute
        if total is not None:
            if last is not None and total < last:
                disorder.append(row.line)
            last = total if last is None else max(total, last)
        iso = row.day.isoformat() if row.day and re.search(r"20\d\d|\d\.\d\d$", row.day_text or "") else row.day_text
        rows.append(TimelineRow(line=row.line, at=row.at, text=row.text, minute=total, date=iso))
    return tuple(rows), tuple(disorder)
