"""The persons that a document names, so that a fault can be told to be put on one."""

import re
from collections.abc import Iterable, Iterator

from grader.writing.document import Line
from grader.writing.lexicon import word_list
from grader.writing.plain import folded, plain


def is_word(word: str) -> bool:
    """Whether a capitalised word is known to be none of a name."""
    return word in word_list("people", "not_names") or word in word_list("blame", "starters")


def people_named(owners: Iterable[tuple[str, ...]], lines: Iterable[Line]) -> frozenset[str]:
    """Names known from the document: owners of follow-ups, and the fields for author, commander, responders."""
    return frozenset(_known(owners, lines))


def _known(owners: Iterable[tuple[str, ...]], lines: Iterable[Line]) -> Iterator[str]:
    for group in owners:
        for owner in group:
            words = folded(owner.strip("@"))
            if words not in word_list("people", "first_person") and words not in word_list("people", "departments"):
                yield words
                yield words.split()[0]
    for line in lines:
        found = re.match(
            r"^\**(?:authors?|incident commander|ic|responders?|participants|attendees|on-call|scribe|prepared "
            r"by|written by)\**\s*[:：]\**\s*(.{1,200})$",
            plain(line.text),
            re.I,
        )
        for name in re.findall(r"[A-ZÀ-Þ][\w’'-]+", found[1]) if found else ():
            if not is_word(folded(name)):
                yield folded(name)
