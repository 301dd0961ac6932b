"""Inline markup -> plain words, and words -> a form that can be compared."""

import re
import unicodedata
from functools import lru_cache

_LINK = re.compile(r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,500}(?:\s[^()]{0,200})?\)|\[[^\[\]]{0,100}\])")
_MENTION = re.compile(r"\[~([\w.@-]{1,60})\]")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]{1,500})>")
_STRUCK = re.compile(r"~~[^~]{1,500}~~")
_CODE = re.compile(r"(`{1,3})([^`\n]{1,500})\1")
_EMPHASIS = re.compile(r"\*{1,3}|(?<![^\W_])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![^\W_])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """What a reader of the rendered page sees; struck-out text is gone, code keeps its words."""
    if "~~" in text:
        text = _STRUCK.sub("", text)
    if "[" in text:
        text = _MENTION.sub(r"\1", _LINK.sub(r"\1", text))
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", text)
    if "`" in text:
        text = _CODE.sub(r"\2", text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return _SPACES.sub(" ", text).strip()


def without_code(text: str) -> str:
    """The text with code spans blanked, for rules about what a person says."""
    return _CODE.sub(" ", text) if "`" in text else text


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """NFKC, lower case, straight quotes, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    for curly, straight in (("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2011", "-")):
        text = text.replace(curly, straight)
    return _SPACES.sub(" ", text).strip()


_LEADING = re.compile(
    r"^(?:(?:\d+|[ivx]{1,4}|[a-h])(?:\.\d+)*\s?[.):、]\s*|\d+(?:\.\d+)*\s+|§\s*\d*\s*|step \d+:?\s*)+(?=\S)"
)


@lru_cache(maxsize=4096)
def label(text: str) -> str:
    """A heading or label as it is looked up: folded, no numbers in front, no emoji, no `#*_:?` round it."""
    words = folded(plain(text).replace("|", " "))
    words = "".join(c if unicodedata.category(c) not in ("So", "Sk", "Cn", "Co", "Cs") else " " for c in words)
    words = words.strip(" #*_:?!.=-–—>•\ufe0f`'\"")
    words = _LEADING.sub("", words)
    words = re.sub(r"\((?:[^()]{0,60})\)|\[(?:[^\[\]]{0,60})\]", " ", words)
    words = words.replace("&", " and ").replace("’", "'")
    return _SPACES.sub(" ", words).strip(" #*_:?!.=-–—'\"")


_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"')\]]?\s+(?=[^\s])|(?<=[。！？])")


def sentences(text: str) -> list[str]:
    """The text cut at sentence ends."""
    return [part for part in _SENTENCE.split(text) if part and part.strip()]


_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[^\W_]")


def words(text: str) -> list[str]:
    """Words, folded."""
    return _WORD.findall(folded(text))
