"""Owners that a field names: `Owner: x` and its wordings; the surest place."""

import re
from functools import cache

from grader.writing.lexicon import word_list
from grader.writing.owner_words import Owners, leading_owners
from grader.writing.people import owners_in_field
from grader.writing.plain import folded, plain

AMBIGUOUS_FIELDS = frozenset(
    {
        "name",
        "person",
        "team",
        "chi",
        "wie",
        "kto",
        "kdo",
        "kim",
        "qui",
        "who",
        "co",
        "lead",
        "wer",
        "hvem",
        "vem",
        "kuka",
        "quem",
        "pic",
        "responsibility",
    }
)
"""Keys that hold an owner in a form or a table and are common words in running text."""


@cache
def _field_pattern() -> re.Pattern[str]:
    keys = sorted(word_list("people", "owner_fields") - AMBIGUOUS_FIELDS, key=len, reverse=True)
    inline = "|".join(re.escape(key) for key in keys)
    return re.compile(rf"(?:^|(?<=[\s(（\[,;.|•—–-]))({inline})\s?(?:[:：=]|->|→)\s*", re.I)


@cache
def _next_field() -> re.Pattern[str]:
    keys = (
        word_list("people", "due_fields")
        | word_list("people", "other_fields")
        | word_list("people", "not_owner_fields")
        | word_list("people", "item_fields")
    )
    listed = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    return re.compile(rf"(?:^|[\s,;(|（、。·•—–-])+(?:{listed})\s?[:：=]", re.I)


_NOT_THIS_OWNER = re.compile(
    r"\b(?:document|doc|service|product|code|incident|case|page|post-?mortem|report|data|previous|former|no|"
    r"without|missing|repo|repository|alert|system|module|component)s?['’]?s?\s+$",
    re.I,
)


_PHRASE = re.compile(
    r"\b(?:assigned to|assign to|owned by|led by|driven by|handled by|taken (?:on )?by|picked up by|ownership "
    r"(?:lies )?with|delegated to|"
    r"owner(?:ship)? is|dri is|(?:to be |will be |be |is |being )(?:done|implemented|delivered|written|added|"
    r"completed|fixed|built|run|organi[sz]ed|scheduled|created|updated|drafted|set up|carried out|made|"
    r"reviewed and merged|automated|tested|introduced) by|"
    r"verantwortlich(?: ist)?|zuständig(?: ist)?|übernimmt|a cargo de|a cargo do|pris en charge par|confié à|"
    r"assigné à|attribué à|asignado a|asignada a|atribuído a|assegnato a|toegewezen aan)\s+|[(–—-]\s*done by\s+",
    re.I,
)


_TODO = re.compile(r"\b(?:TODO|FIXME|AI|ACTION|OWNER|DRI)\s?[(\[]\s*([^()\[\]]{1,60})\s*[)\]]")


def field_owners(text: str) -> Owners | None:
    """Owners in an `Owner: x` of any wording in `text`; None when there is no such field, () when it names nobody."""
    text = plain(text)
    found_field = False
    for found in _field_pattern().finditer(text):
        if _NOT_THIS_OWNER.search(text[: found.start()]):
            continue
        found_field = True
        if owners := owners_in_field(_field_value(text[found.end() :])):
            return owners
    for found in _TODO.finditer(text):
        if owners := owners_in_field(found[1]):
            return owners
    for found in _PHRASE.finditer(text):
        if owners := leading_owners(text[found.end() :])[0]:
            return owners
    return () if found_field else None


def _field_value(rest: str) -> str:
    cut = _next_field().search(rest)
    value = rest[: cut.start()] if cut else rest
    value = (
        re.split(r"[)\]）|]|(?<=[^\s.]{3})[.!。](?:\s|$)|\s[—–]\s", value, maxsplit=1)[0]
        if "(" not in value.split(")")[0]
        else value
    )
    return value[:200]


def keyed(text: str) -> tuple[str, str] | None:
    """`Key: value` of a whole line whose key is a field of follow-ups; the key comes back folded."""
    found = re.match(r"^([^:：=]{1,40}?)\s?(?:[:：=]|\s[—–-](?=\s))\s*(.*)$", plain(text))
    if not found:
        return None
    key = re.sub(r"\s*(?:#|no\.?|nr\.?)?\s*\d{1,2}$", "", folded(found[1]).strip(" *_()?"))
    for kind in ("owner_fields", "not_owner_fields", "due_fields", "other_fields", "item_fields"):
        if key in word_list("people", kind):
            return key, found[2].strip()
    return None
