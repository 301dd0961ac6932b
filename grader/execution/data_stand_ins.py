"""Data files that only one side of a change has, put beside the other side's code: their presence then tells nothing.

A rules table or a template is worth nothing without code that reads it: a test that asks whether the file is there, or
searches it for words, looks at something else than behaviour. Yet where code finds files by itself, by their suffix or
in a listing, a file is behaviour. So it is copied whole only where the other side's code cannot come upon it, blanked
where the code could make up its name but would have to read it, and left out where it can be found without being read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.domain.tree import File, Tree

_LOOKS_ROUND = re.compile(rb"\b(i?glob|rglob|listdir|scandir|iterdir|walk|exists|lexists|is_file|isfile|is_resource)\b")
"""Calls that tell of a file without reading it."""
_VISIBLE = re.compile(rb"[^\n\r]")


def stand_ins(here: Tree, there: Tree, product: Iterable[str]) -> tuple[File, ...]:
    """For `here`: what it gets of the data files among `product` that only `there` has."""
    product = frozenset(product)
    code = [file.content for file in here.files if file.path in product and file.path.endswith(".py")]
    missing = (path for path in sorted(product) if path in there.by_path and path not in here.by_path)
    return tuple(_all(here, (there.by_path[path] for path in missing), code))


def _all(here: Tree, files: Iterable[File], code: list[bytes]) -> Iterator[File]:
    looks_round = any(_LOOKS_ROUND.search(text) for text in code)
    for file in files:
        if file.path.endswith((".py", ".pyc", ".so")) or not file.content:
            continue  # an empty file says what it says by being there
        name = file.path.rpartition("/")[2]
        if any(name.encode() in text for text in code):
            continue
        if not _could_be_found(file, here, code):
            yield file
        elif not looks_round:
            yield replace(file, content=_VISIBLE.sub(b" ", file.content))


def _could_be_found(file: File, here: Tree, code: list[bytes]) -> bool:
    """Whether code that knows no such name could still make it up: by its suffix, or because it has others like it."""
    folder, _, name = file.path.rpartition("/")
    suffix = name[name.rfind(".") :] if "." in name else name
    beside = (other.path.rpartition("/") for other in here.files)
    return any(suffix.encode() in text for text in code) or any(
        place == folder and other.endswith(suffix) for place, _, other in beside
    )
