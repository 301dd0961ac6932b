"""The follow-ups of a post-mortem: tables, lists, groups, forms, prose; each with owners, due date and ticket."""

import re
from dataclasses import dataclass, field

from grader.domain.prose import FollowUp, Section
from grader.writing.action_tables import table_items
from grader.writing.categories import is_category, is_closing_remark
from grader.writing.content import has_content
from grader.writing.document import Heading, Item, Line, Paragraph
from grader.writing.drafts import Draft, finished, once
from grader.writing.due import due_in, ticket_in
from grader.writing.foreign_tables import Table
from grader.writing.labels import is_barred, sections_of
from grader.writing.lexicon import word_list
from grader.writing.owner_fields import AMBIGUOUS_FIELDS, field_owners, keyed
from grader.writing.owner_sentences import sentence_owners
from grader.writing.owner_words import leading_owners
from grader.writing.owners import is_group, section_wide
from grader.writing.people import owners_in_field
from grader.writing.plain import label, plain, sentences
from grader.writing.sections import Piece, lines_of


@dataclass
class _State:
    """What the walk through the section knows at one point."""

    drafts: list[Draft] = field(default_factory=list)
    group: tuple[str, ...] = ()
    group_due: str | None = None
    everywhere: tuple[str, ...] = ()
    pending: Line | None = None
    """A sub-heading or bold line that may turn out to be an item with a form below it."""


def read_follow_ups(pieces: tuple[Piece, ...]) -> tuple[FollowUp, ...]:
    """Every follow-up once, in order; the same text twice is one, with the owners of both."""
    section = [piece for piece in pieces if Section.FOLLOW_UPS in piece.sections]
    stray = [
        piece
        for piece in pieces
        if Section.FOLLOW_UPS not in piece.sections and not piece.barred and isinstance(piece.block, Table)
    ]
    state = _State()
    listed = any(isinstance(piece.block, (Item, Table)) and not piece.is_label for piece in section)
    for piece in section:
        _take(piece, state, listed=listed)
    _flush_pending(state, as_item=False)
    for piece in stray:
        assert isinstance(piece.block, Table)
        items = table_items(piece.block, certain=False)
        state.drafts += [Draft([Line(item.line, item.text)], ready=item) for item in items]
    return once(finished(draft, state.everywhere) for draft in state.drafts if has_content(draft.text))


def only_prose(pieces: tuple[Piece, ...]) -> bool:
    """Whether the follow-ups stand in running text: no list, no table, no form."""
    return not any(
        isinstance(piece.block, (Item, Table)) or (isinstance(piece.block, Heading) and not piece.is_label)
        for piece in pieces
        if Section.FOLLOW_UPS in piece.sections
    )


def _take(piece: Piece, state: _State, *, listed: bool) -> None:
    match piece.block:
        case Heading():
            _flush_pending(state, as_item=False)
            _heading(piece, state)
        case Table():
            _flush_pending(state, as_item=False)
            for item in table_items(piece.block, certain=True):
                state.drafts.append(Draft([Line(item.line, item.text)], [], state.group, state.group_due, item))
        case Item() | Paragraph() if piece.is_label:
            _label_line(piece.block.lines[0], state)
        case Item():
            _item(piece.block, state)
        case Paragraph():
            for line in piece.block.lines:
                _line(line, state, listed=listed)
        case _:
            pass


def _label_line(line: Line, state: _State) -> None:
    state.group, state.group_due = (), due_in(line.text) if "(" in line.text else None
    state.everywhere = state.everywhere or section_wide(line.text)


def _heading(piece: Piece, state: _State) -> None:
    assert isinstance(piece.block, Heading)
    text = piece.block.text
    line = Line(piece.block.line, text)
    state.group = () if sections_of(text)[0] else is_group(text)
    state.group_due = due_in(text) if re.search(r"[(\[:]|target|due|by ", text, re.I) else None
    state.everywhere = state.everywhere or section_wide(text)
    if (
        not state.group
        and not sections_of(text)[0]
        and piece.under == text
        and not is_category(text)
        and len(label(text).split()) >= 2
    ):
        state.pending = line


def _flush_pending(state: _State, *, as_item: bool) -> None:
    if state.pending is not None and as_item:
        state.drafts.append(Draft([state.pending], [], state.group, state.group_due))
    state.pending = None


def _line(line: Line, state: _State, *, listed: bool) -> None:
    """A line of text inside the section: a form's field, a group, a sentence about all items, or an item in prose."""
    text = line.text
    pair = keyed(text)
    if wide := section_wide(text):
        state.everywhere = state.everywhere or wide
        return
    if pair and (pair[1] or pair[0] not in word_list("people", "item_fields")):
        _line_of_form(line, pair, state)
    elif owners := is_group(text):
        state.group = owners
    else:
        _free_line(line, state, listed=listed)


def _line_of_form(line: Line, pair: tuple[str, str], state: _State) -> None:
    if pair[0] not in word_list("people", "item_fields"):
        _field(line, state)
        return
    state.pending = None
    state.drafts.append(Draft([Line(line.number, pair[1])], [], state.group, state.group_due))


def _free_line(line: Line, state: _State, *, listed: bool) -> None:
    text = line.text
    if text.startswith("**") and text.rstrip(" :").endswith("**") and not is_category(text):
        _flush_pending(state, as_item=False)
        state.group, state.pending = (), line
        return
    if state.pending is not None and not listed:
        _flush_pending(state, as_item=True)
        state.drafts[-1].details.append(line)
        return
    if text.rstrip().endswith(":") or is_category(text):
        state.group, state.group_due = (), due_in(text)
        return
    if not listed or re.match(r"(?:TODO|FIXME|ACTION|AI)\b\s?[(\[:]", text):
        _prose(line, state)
        return
    state.group = ()


def _field(line: Line, state: _State) -> None:
    """`Owner: x` on a line of its own: of the pending heading, else of the item above, else of what follows."""
    _flush_pending(state, as_item=True)
    if state.drafts and not (state.drafts[-1].ready and state.drafts[-1].ready.owners):
        state.drafts[-1].details.append(line)
    else:
        state.group = is_group(line.text) or state.group
        state.group_due = due_in(line.text, field=True) or state.group_due


_ONLY_OWNER = re.compile(r"^(?:the\s+)?(?:owner|dri|assignee|responsible)s?\s*(?:is|are|:|=)\s+(?:\S+\s*){1,4}$", re.I)
_OBLIGATION = re.compile(
    r"\b(?:will|shall|should|must|need(?:s)? to|have to|has to|going to|plan(?:s|ned)? to|to be|todo|owns?|is "
    r"responsible|are responsible|agreed to|assigned|wird|werden|müssen|sollen|soll|va|allons|devons|doit|"
    r"vamos a|va a|debe|debemos|vamos|deve|devemos|dobbiamo|zal|zullen|moeten|ska|skal|должны|должен|будет|"
    r"будем)\b|'ll\b|する|予定|将|要|할 것",
    re.I,
)


def _prose(line: Line, state: _State) -> None:
    """Running text: each sentence that obliges somebody is an item; a wrapped sentence goes on in the next line."""
    last = state.drafts[-1] if state.drafts else None
    if last and last.ready is None and last.lines[-1].number == line.number - 1 and line.text[:1].islower():
        last.lines.append(line)
        return
    for sentence in sentences(line.text):
        if state.drafts and _ONLY_OWNER.match(sentence) and field_owners(sentence):
            state.drafts[-1].details.append(Line(line.number, sentence))
            continue
        owned = field_owners(sentence) or sentence_owners(sentence)
        starts_as_task = bool(
            re.match(r"(?:TODO|FIXME|ACTION|AI)\b|[A-Z][a-z]+ (?:the|a|an|all|every|our)\b|\d+[.)]", sentence)
        )
        if owned or starts_as_task or _OBLIGATION.search(sentence):
            state.drafts.append(Draft([Line(line.number, sentence)], [], state.group, state.group_due))


def _item(item: Item, state: _State) -> None:
    first = item.lines[0].text if item.lines else ""
    pair = keyed(first)
    if pair and _is_form_field(pair[0], state) and not _is_owner_then_task(pair, item):
        _form(item, pair, state)
        return
    _flush_pending(state, as_item=False)
    children = [child for child in item.children if isinstance(child, Item)]
    if children and (owners := is_group(first)) and not all(_is_detail(child) for child in children):
        _children(item, children, state, group=owners)
    elif children and _holds_items(item, first, children):
        _children(item, children, state, group=state.group)
    elif not is_closing_remark(first):
        draft = Draft(list(item.lines), _details(item), state.group, state.group_due)
        state.drafts.append(draft)
        for child in item.children:
            if isinstance(child, Table):
                state.drafts += [
                    Draft([Line(row.line, row.text)], ready=row) for row in table_items(child, certain=False)
                ]


def _is_form_field(key: str, state: _State) -> bool:
    """Whether a bullet `Key: value` belongs to a form: a field of what stands above, or the form's next item."""
    if key in word_list("people", "item_fields"):
        return True
    fields = (
        word_list("people", "owner_fields") | word_list("people", "due_fields") | word_list("people", "other_fields")
    )
    return (key in fields and (state.pending is not None or bool(state.drafts))) or key in word_list(
        "people", "owner_fields"
    )


def _is_owner_then_task(pair: tuple[str, str], item: Item) -> bool:
    """`Owner: Alice — add the gate` is an item of its own, and so is `Team: add the gate`, which names nobody."""
    if pair[0] not in word_list("people", "owner_fields"):
        return False
    if any((below := keyed(line.text)) and below[0] in word_list("people", "item_fields") for line in item.lines[1:]):
        return True
    owners, rest = leading_owners(pair[1])
    if pair[0] in AMBIGUOUS_FIELDS and not owners and len(pair[1].split()) > 1:
        return not owners_in_field(pair[1]) and pair[1][:1].islower()
    return bool(owners) and bool(re.match(r"\s*(?:[—–-]|->|→|:)\s", rest)) and len(rest.split()) > 3


def _form(item: Item, pair: tuple[str, str], state: _State) -> None:
    key, value = pair
    if key in word_list("people", "item_fields") and value:
        _flush_pending(state, as_item=False)
        state.drafts.append(
            Draft([Line(item.line, value), *item.lines[1:]], _details(item), state.group, state.group_due)
        )
    elif key in word_list("people", "item_fields"):
        _children(item, [child for child in item.children if isinstance(child, Item)], state, group=state.group)
    else:
        _field(item.lines[0], state)
        if state.drafts:
            state.drafts[-1].details += [*item.lines[1:], *_details(item)]


def _holds_items(item: Item, first: str, children: list[Item]) -> bool:
    """Whether a bullet only gathers the bullets below it."""
    if all(_is_detail(child) for child in children):
        return False
    if is_category(first):
        return True
    own = field_owners(first) or sentence_owners(first)
    if own:
        return False
    if first.rstrip().endswith((":", ":**")):
        return True
    named = sum(bool(_own_owners(child)) for child in children)
    return named > 0 and (named > 1 or len(children) > 1 or (item.checked is None and children[0].checked is not None))


def _own_owners(item: Item) -> tuple[str, ...]:
    if not item.lines or _is_detail(item):
        return ()
    text = " ".join(line.text for line in item.lines)
    return field_owners(text) or sentence_owners(text)


def _is_detail(item: Item) -> bool:
    """A nested bullet that is a field, a bare owner, a date or a ticket."""
    if not item.lines:
        return True
    text = plain(item.lines[0].text)
    return (
        bool(keyed(text)) or bool(is_group(text)) or (len(text.split()) <= 2 and bool(due_in(text) or ticket_in(text)))
    )


def _children(item: Item, children: list[Item], state: _State, *, group: tuple[str, ...]) -> None:
    before, before_due = state.group, state.group_due
    state.group = group
    state.group_due = due_in(item.lines[0].text) if item.lines and due_in(item.lines[0].text) else before_due
    for child in children:
        if is_barred(label(child.lines[0].text) if child.lines else "") and child.children:
            continue
        _item(child, state)
    state.group, state.group_due = before, before_due


def _details(item: Item) -> list[Line]:
    return [line for child in item.children if not isinstance(child, Table) for line in lines_of(child)]
