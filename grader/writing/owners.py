"""Owners of more than one follow-up: whom a group stands under, and sentences about all of them."""

import re

from grader.writing.lexicon import word_list
from grader.writing.owner_fields import keyed
from grader.writing.owner_words import Owners, all_owners, leading_owners
from grader.writing.people import is_name, owners_in_field
from grader.writing.plain import plain


def is_group(raw: str) -> Owners:
    """Owners that a line names and says nothing else: "JG:", "**Alice**", "### Payments squad", "Owner: Alice"."""
    text = plain(raw).strip()
    pair = keyed(text)
    if pair and pair[0] in word_list("people", "owner_fields"):
        return owners_in_field(pair[1])
    text = re.sub(r"\s*(?:\([^()]*\)|[:：—–-])\s*$", "", text).strip()
    text = re.sub(
        r"^(?:actions?|action items|items|tasks|follow-ups?|todos?) (?:for|of|owned by|by|on)\s+|^for\s+|"
        r"^assigned to\s+|^owned by\s+",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(r"(?:['’]s)?\s+(?:actions?|action items|items|tasks|follow-ups?|todos?)$", "", text, flags=re.I)
    if not text or len(text) > 60:
        return ()
    return all_owners(text) or ((text,) if is_name(text) and len(text.split()) > 1 else ())


_ALL_BY = re.compile(
    r"\b(?:all|every|each|everything|these|both)\b[^.:;]{0,60}?\b(?:owned by|assigned to|owner(?:s)? (?:is|"
    r"are)|belong to|on|taken by|led by)\s*:?\s+"
    r"|\b(?:owner|dri|assignee|responsible)s?\b[^.:;]{0,20}\b(?:for|of)\s+(?:all|every|each|everything|the "
    r"following|these)\b[^.:;]{0,40}?(?:\s+is\s+|\s+are\s+|[:：=]\s*)",
    re.I,
)
_OWNS_ALL = re.compile(
    r"\b(?:owns?|takes?|will own|am responsible for|is responsible for|will (?:do|handle|take))\s+(?:all|every|"
    r"each|everything|both)\b",
    re.I,
)


def section_wide(raw: str) -> Owners:
    """Owners that a sentence gives to every follow-up: "(all owned by X)", "Owner for all items: X", "I own all"."""
    text = plain(raw)
    if found := _ALL_BY.search(text):
        return leading_owners(text[found.end() :])[0]
    if found := _OWNS_ALL.search(text):
        head = re.split(r"[.(;]\s*", text[: found.start()])[-1].strip()
        owners, rest = leading_owners(head)
        return owners if not rest.strip() else ()
    return ()
