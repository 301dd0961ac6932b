"""A follow-up while it is read, and what becomes of it: owners, due date, ticket; the same text once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from grader.domain.prose import FollowUp
from grader.writing.document import Line
from grader.writing.due import due_in, ticket_in
from grader.writing.lexicon import word_list
from grader.writing.owner_fields import field_owners, keyed
from grader.writing.owner_sentences import sentence_owners
from grader.writing.owners import is_group
from grader.writing.people import owners_in_field
from grader.writing.plain import folded, plain


@dataclass
class Draft:
    """A follow-up that is still being read: its own lines, and the lines of detail below it."""

    lines: list[Line]
    details: list[Line] = field(default_factory=list)
    group: tuple[str, ...] = ()
    group_due: str | None = None
    ready: FollowUp | None = None

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def finished(draft: Draft, everywhere: tuple[str, ...]) -> FollowUp:
    """The follow-up that a draft has become; `everywhere` owns what nobody owns."""
    if draft.ready is not None:
        ready = draft.ready
        return replace(ready, owners=ready.owners or draft.group or everywhere, due=ready.due or draft.group_due)
    text = draft.text
    details = [line.text for line in draft.details]
    return FollowUp(
        line=draft.lines[0].number,
        text=plain(text),
        owners=_owners(text, details, draft.group) or everywhere,
        due=_due(text, details) or draft.group_due,
        ticket=next((found for part in (text, *details) if (found := ticket_in(part))), None),
    )


def _owners(text: str, details: list[str], group: tuple[str, ...]) -> tuple[str, ...]:
    for part in (text, *details):
        if owners := field_owners(part):
            return owners
    for detail in details:
        pair = keyed(detail)
        if pair and pair[0] in word_list("people", "owner_fields") and (owners := owners_in_field(pair[1])):
            return owners
        if not pair and (owners := is_group(detail)):
            return owners
    stated_empty = any(field_owners(part) == () for part in (text, *details))
    return group or (() if stated_empty else sentence_owners(text))


def _due(text: str, details: list[str]) -> str | None:
    if found := due_in(plain(text)):
        return found
    for detail in details:
        pair = keyed(detail)
        if found := due_in(plain(detail), field=bool(pair and pair[0] in word_list("people", "due_fields"))):
            return found
    return None


def once(items: Iterator[FollowUp]) -> tuple[FollowUp, ...]:
    """Each follow-up once, whatever its owners; the first place stays."""
    kept: dict[str, FollowUp] = {}
    for item in items:
        key = _key(item)
        if key in kept:
            known = kept[key]
            kept[key] = replace(known, owners=known.owners or item.owners, due=known.due or item.due)
        else:
            kept[key] = item
    return tuple(kept.values())


def _key(item: FollowUp) -> str:
    """The item's words without its owners, so that naming one does not make it another item."""
    text = folded(item.text)
    for owner in item.owners:
        text = text.replace(folded(owner), "")
    return re.sub(r"\b(?:owner|assignee|assigned to|owned by|dri)\b|[\W_]+", "", text) or folded(item.text)
