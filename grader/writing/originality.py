"""How much a text says that is its own: words without repetition, and the share copied from known texts."""

from collections.abc import Iterable
from fractions import Fraction

from grader.domain.prose import KnownText
from grader.writing.plain import plain, sentences, words
from grader.writing.repetition import kept

SHINGLE = 8


def distinct_words(lines: Iterable[str]) -> int:
    """Words, each counted once per two words before it in its sentence: repeating a text or a word adds nothing.

    Scripts without spaces count two characters as a word.
    """
    seen: set[tuple[str, str, str]] = set()
    for line in lines:
        for sentence in sentences(plain(line)):
            first, second = "", ""
            for word in _once(tuple(_units(sentence))):
                seen.add((first, second, word))
                first, second = second, word
    return len(seen)


def _once(units: tuple[str, ...]) -> Iterable[str]:
    return (units[index] for index in kept(units)[0])


def _units(text: str) -> Iterable[str]:
    for word in words(text):
        if len(word) > 2 and "\u3040" <= word[0] <= "\u9fff":
            yield from (word[at : at + 2] for at in range(0, len(word), 2))
        else:
            yield word


def copied_share(text: str, known: Iterable[KnownText]) -> tuple[Fraction, str]:
    """The largest share of the text's 8-word runs that one known text holds, and that text's name."""
    best: tuple[Fraction, str] = (Fraction(0), "")
    listed = tuple(known)
    mine = _shingles(text) if listed else frozenset()
    for other in listed if mine else ():
        share = Fraction(len(mine & _shingles(other.text)), len(mine))
        best = max(best, (share, other.name))
    return best


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    listed = words(plain(text))
    return frozenset(tuple(listed[at : at + SHINGLE]) for at in range(len(listed) - SHINGLE + 1))
