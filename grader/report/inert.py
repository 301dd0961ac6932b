"""Untrusted words made inert for GitHub Markdown: they are seen as they are, and do nothing.

Anything that came from a learner, or quotes one, leaves through here. Outside code only plain words pass; whatever
could be a mention, reference, link, image, marker, tag or entity becomes a code span, which GitHub never interprets.
"""

import re
import unicodedata
from itertools import pairwise

MAX_QUOTE = 4096
"""Longest learner text shown in one place, in characters."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, format characters (bidi, zero-width, tags), surrogates, private use, unassigned, separators."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Letters and marks that print nothing."""
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_PLAIN = re.compile(r"[\w.,;:!?()'\"%+=/–—…’‘“”·×→°€$£*~≥≤-]+\Z")
_LIVE = re.compile(
    r"://|www\.|(?:^|\W|\w)\.[^\W\d]|__|GH-\d|^\W*[0-9a-f]{7,64}\W*$|^/\w|:[a-z_+-][\w+-]*:|^(?:mailto|xmpp|https?|ftp):",
    re.IGNORECASE,
)
"""What a plain-looking word could still be: a link, a file or domain, a reference, a commit, a command, an emoji."""
_LATIN_DOTS = frozenset({"e.g.", "i.e.", "(e.g.", "(i.e."})
_MARKUP = re.compile(r"([\\`*_~])")
_OPENER = re.compile(r"^(\d+)([.)])\Z|^([-+=#>:])")


def clean(text: str, *, limit: int = MAX_QUOTE) -> str:
    """The visible characters of `text` with `\\n` line ends and spaces for tabs; cut at `limit`, which is then said."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    seen = "".join(c for c in text[: limit * 4] if c == "\n" or not _hidden(c))
    return seen if len(seen) <= limit else f"{seen[:limit]}… ({len(text) - limit} characters more)"


def _hidden(character: str) -> bool:
    return character in _FILLERS or unicodedata.category(character) in _INVISIBLE


def one_line(text: str, *, limit: int = 300) -> str:
    """`clean`, with every run of white space made one space."""
    return clean(" ".join(clean(text, limit=limit * 4).split()), limit=limit)


def fenced(text: str, *, language: str = "text", limit: int = MAX_QUOTE) -> str:
    """A fenced block whose fence is longer than any run of backticks or tildes in it."""
    shown = clean(text, limit=limit).strip("\n")
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def code(text: str, *, limit: int = 200) -> str:
    """A code span on one line, whole also inside a table cell; empty text becomes an empty-set sign."""
    shown = one_line(text, limit=limit)
    if not shown:
        return "∅"
    # A table is split at unescaped pipes before code spans are read, and there no backslash can stand before a pipe.
    shown = shown.replace("\\|", "\\¦").replace("|", "\\|")
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def prose(text: str, *, limit: int = 600) -> str:
    """A sentence of ours that may quote a learner: backticked parts and everything not plain become code spans."""
    shown = one_line(text, limit=limit)
    parts: list[str] = []
    end = 0
    for match in _CODE.finditer(shown):
        parts.append(_words(shown[end : match.start()]))
        parts.append(code(match[2], limit=limit))
        end = match.end()
    parts.append(_words(shown[end:]))
    # Two code spans that touch would be read as one longer run of backticks.
    return "".join(
        f" {b}" if a.endswith("`") and b.startswith("`") else b for a, b in pairwise(["", *filter(None, parts)])
    )


def _words(text: str) -> str:
    return "".join(part if part.isspace() else _word(part) for part in re.split(r"(\s+)", text) if part)


def _word(word: str) -> str:
    if word in _LATIN_DOTS:
        return word
    if not _PLAIN.match(word) or _LIVE.search(word):
        return _spanned(word)
    return _OPENER.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", _MARKUP.sub(r"\\\1", word))


def _spanned(word: str) -> str:
    """The word as code, with its outer punctuation left outside where that is plain."""
    match = re.match(r"([(\"'“‘]*)(.*?)([)\"'”’,;:.!?…]*)\Z", word, re.DOTALL)
    if match is None or not match[2]:
        return code(word)
    return f"{match[1]}{code(match[2])}{match[3]}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+|~+", text)), default=0)
