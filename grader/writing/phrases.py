"""Looking for words and phrases of the lexicon in a text, at word borders, quickly."""

import re
from functools import cache

from grader.writing.lexicon import word_list
from grader.writing.plain import folded


@cache
def phrases(*path: str) -> re.Pattern[str]:
    """A pattern for any phrase of a word list. Long ones match as stems (`hallucinat`); short ones, and those
    that end in a space, only whole."""
    listed = sorted(word_list(*path), key=len, reverse=True)
    return re.compile("|".join(_bordered(phrase) for phrase in listed))


def _bordered(phrase: str) -> str:
    text = re.escape(phrase.strip())
    if not phrase.isascii() and not any("a" <= c <= "z" for c in phrase):
        return text
    closed = phrase.endswith(" ") or len(phrase.strip()) < 5
    return rf"(?<![^\W_]){text}" + (r"(?![^\W_])" if closed else "")


@cache
def whole_words(*path: str) -> re.Pattern[str]:
    """A pattern for any phrase of a word list as whole words."""
    listed = sorted(word_list(*path), key=len, reverse=True)
    ascii_like = "|".join(re.escape(word) for word in listed if any("a" <= c <= "z" or c.isdigit() for c in word))
    others = "|".join(re.escape(word) for word in listed if not any("a" <= c <= "z" or c.isdigit() for c in word))
    return re.compile(rf"(?<![^\W_])(?:{ascii_like})(?![^\W_])" + (f"|{others}" if others else ""))


def holds(text: str, *path: str) -> bool:
    """Whether a text holds a phrase of the list (stems count)."""
    return bool(phrases(*path).search(folded(text)))


def holds_word(text: str, *path: str) -> bool:
    """Whether a text holds a phrase of the list as whole words."""
    return bool(whole_words(*path).search(folded(text)))
