"""Labels: what a heading, a bold line or a line with a colon names, and how sure that is."""

import re
from dataclasses import dataclass
from functools import cache

from grader.domain.prose import Section
from grader.writing.document import Line
from grader.writing.lexicon import word_list
from grader.writing.plain import label, plain

BOLD_RANK, PLAIN_RANK, BULLET_RANK = 7, 8, 9
"""Headings rank 1..6; a label in bold, in plain text or in a bullet ends with the next one of its rank or better."""


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
        and only_label(text)
    ):
        return Label(line.number, text, PLAIN_RANK)
    return None


def only_label(text: str) -> bool:
    """Whether a line says nothing but a synonym."""
    words = label(text)
    return any(
        words in word_list("sections", section, key) for section in Section for key in ("starts", "exact", "ends")
    )


def is_field(text: str) -> bool:
    """Whether a label is a field of a follow-up's form ("Owner", "Due") and not of the document."""
    words = label(text)
    return any(words in word_list("people", kind) for kind in ("owner_fields", "due_fields", "other_fields"))
