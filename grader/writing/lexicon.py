"""The words of `lexicon.toml`, read once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def lexicon() -> dict[str, Any]:
    """The whole file; a malformed one is a packaging fault and stops at first use."""
    loaded: dict[str, Any] = tomllib.loads((files("grader.writing") / "lexicon.toml").read_text(encoding="utf-8"))
    return loaded


@cache
def word_list(*path: str) -> frozenset[str]:
    """The set of words at `path`, e.g. `word_list("people", "nobody")`."""
    found: Any = lexicon()
    for key in path:
        found = found[key]
    return frozenset(found)


@cache
def given_names() -> frozenset[str]:
    """Given names, folded: with one of these a capitalised word is a person."""
    return frozenset(str(lexicon()["people"]["given_names"]).split())
