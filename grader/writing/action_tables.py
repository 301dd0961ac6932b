"""Tables of follow-ups: which column holds the owner, the task and the date; rows that are templates are no items."""

import re
from collections.abc import Sequence

from grader.domain.prose import FollowUp
from grader.writing.content import has_content
from grader.writing.due import due_in, ticket_in
from grader.writing.foreign_tables import Row, Table
from grader.writing.lexicon import word_list
from grader.writing.owner_fields import field_owners
from grader.writing.owner_sentences import sentence_owners
from grader.writing.owner_words import is_sure
from grader.writing.people import owners_in_field
from grader.writing.plain import folded, plain

_AMBIGUOUS_OWNER = frozenset({"name", "person", "team", "responsibility", "lead"})


def table_items(table: Table, *, certain: bool) -> list[FollowUp]:
    """The follow-ups in a table. Outside the follow-ups section (`certain=False`) it must show both task and owner."""
    table = _upright(table)
    header = [_column(cell) for cell in table.header]
    owner = _first(header, "owner_fields")
    task = _first(header, "item_fields")
    if owner is not None and task is not None and header[owner] == header[task]:
        owner = None
    if owner is None and certain:
        owner = _column_of_people(table, header, task)
    if owner is None and task is None and not certain:
        return []
    if not certain and (
        owner is None or task is None or header[owner] in _AMBIGUOUS_OWNER or not _is_task(header[task])
    ):
        return []
    if task is None:
        task = _widest(table.rows, owner)
    rows = table.rows if owner is not None or _is_header(header) else (Row(table.line, table.header), *table.rows)
    return [item for row in rows if (item := _item(row, header, owner, task)) is not None]


def _column_of_people(table: Table, header: Sequence[str], task: int | None) -> int | None:
    """The column of an unknown name that holds little but sure owners; None when there is none."""
    known = frozenset().union(
        *(word_list("people", kind) for kind in ("not_owner_fields", "due_fields", "other_fields", "item_fields"))
    )
    for at, name in enumerate(header):
        cells = [row.cells[at] for row in table.rows if at < len(row.cells) and has_content(row.cells[at])]
        people = [cell for cell in cells if (owners := owners_in_field(cell)) and is_sure(owners)]
        if at != task and name and name not in known and cells and 2 * len(people) > len(cells):
            return at
    return None


def _is_task(column: str) -> bool:
    """A column that can only hold tasks, wherever the table stands."""
    return column in word_list("people", "item_fields") - {
        "what",
        "item",
        "items",
        "description",
        "issue",
        "summary",
        "title",
        "change",
        "step",
        "was",
        "quoi",
        "activity",
        "fix",
        "ne",
        "co",
        "内容",
        "qué",
        "descripción",
        "cosa",
        "wat",
        "vad",
        "hva",
        "hvad",
    }


def _column(cell: str) -> str:
    words = folded(plain(cell)).strip(" *_:?.#")
    return re.sub(r"\s*\([^()]*\)\s*$", "", words) if words not in word_list("people", "owner_fields") else words


def _first(header: Sequence[str], kind: str) -> int | None:
    sure = [index for index, cell in enumerate(header) if cell in word_list("people", kind)]
    better = [index for index in sure if header[index] not in _AMBIGUOUS_OWNER]
    return next(iter(better or sure), None)


def _is_header(header: Sequence[str]) -> bool:
    return any(
        cell in word_list("people", kind) or cell in ("", "#", "no", "no.", "id", "nr", "nr.")
        for cell in header
        for kind in ("owner_fields", "item_fields", "due_fields", "other_fields")
    )


def _upright(table: Table) -> Table:
    """A table whose first column holds the field names, turned so that each item is a row."""
    rows = [Row(table.line, table.header), *table.rows]
    names = [_column(row.cells[0]) if row.cells else "" for row in rows]
    known = sum(
        name in word_list("people", "owner_fields")
        or name in word_list("people", "due_fields")
        or name in word_list("people", "item_fields")
        for name in names
    )
    across = sum(
        _column(cell) in word_list("people", "owner_fields") | word_list("people", "item_fields")
        for cell in table.header
    )
    if known < 2 or across > 1 or not any(name in word_list("people", "owner_fields") for name in names):
        return table
    width = max(len(row.cells) for row in rows)
    line = next(
        (row.line for row, name in zip(rows, names, strict=True) if name in word_list("people", "item_fields")),
        table.line,
    )
    columns = [tuple(row.cells[at] if at < len(row.cells) else "" for row in rows) for at in range(width)]
    return Table(table.line, columns[0], tuple(Row(line, column) for column in columns[1:]))


def _widest(rows: Sequence[Row], owner: int | None) -> int:
    width = max((len(row.cells) for row in rows), default=0)
    sizes = [
        sum(len(row.cells[at]) for row in rows if at < len(row.cells)) if at != owner else -1 for at in range(width)
    ]
    return sizes.index(max(sizes)) if sizes else 0


def _item(row: Row, header: Sequence[str], owner: int | None, task: int) -> FollowUp | None:
    text = row.cells[task] if task < len(row.cells) else ""
    if not has_content(text) or len([cell for cell in row.cells if cell]) < 1:
        return None
    if owner is not None and owner < len(row.cells) and _column(row.cells[owner]) == header[owner] and row.cells[owner]:
        return None
    return FollowUp(
        line=row.line,
        text=plain(text),
        owners=_owners(row, header, owner, text),
        due=_due(row, header),
        ticket=_ticket(row),
    )


def _owners(row: Row, header: Sequence[str], owner: int | None, text: str) -> tuple[str, ...]:
    if owner is not None:
        found: list[str] = []
        for at, name in enumerate(header):
            if (
                (name in word_list("people", "owner_fields") or at == owner)
                and at < len(row.cells)
                and (at == owner or name not in _AMBIGUOUS_OWNER)
            ):
                found += owners_in_field(row.cells[at])
        return tuple(dict.fromkeys(found))
    if owners := field_owners(text) or sentence_owners(text):
        return owners
    for at, cell in enumerate(row.cells):
        known = at < len(header) and any(
            header[at] in word_list("people", kind) for kind in ("not_owner_fields", "other_fields", "due_fields")
        )
        if not known and re.fullmatch(r"(?:@[\w.-]+[\s,/&]*)+", plain(cell)):
            return owners_in_field(cell)
    return ()


def _due(row: Row, header: Sequence[str]) -> str | None:
    for at, name in enumerate(header):
        if (
            name in word_list("people", "due_fields")
            and at < len(row.cells)
            and (found := due_in(plain(row.cells[at]), field=True))
        ):
            return found
    return next((found for cell in row.cells if (found := due_in(plain(cell)))), None)


def _ticket(row: Row) -> str | None:
    return next((found for cell in row.cells if (found := ticket_in(cell))), None)
