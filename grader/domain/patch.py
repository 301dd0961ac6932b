"""Applies a unified diff (`git diff`) to a tree in memory; pure, exact, no fuzz."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.tree import File, Tree

_HEADER = re.compile(r"^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class _Hunk:
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def apply(tree: Tree, diff: str) -> Tree:
    """The tree after a diff; text before it is skipped. ValueError names the file and the hunk that does not fit."""
    for old, new, hunks in _files(diff.splitlines(keepends=True)):
        text = ""
        if old is not None:
            if old not in tree.by_path:
                raise ValueError(f"{old}: there is no such file")
            text = tree.by_path[old].content.decode()
            tree = tree.without([old])
        changed = _patched(text, hunks, where=new or old or "")
        if new is not None:
            tree = tree.with_files([File(path=new, content=changed.encode())])
    return tree


def _files(lines: list[str]) -> Iterator[tuple[str | None, str | None, list[_Hunk]]]:
    place = 0
    while place < len(lines):
        if not (lines[place].startswith("--- ") and place + 1 < len(lines) and lines[place + 1].startswith("+++ ")):
            place += 1
            continue
        old, new = _name(lines[place]), _name(lines[place + 1])
        hunks, place = _hunks(lines, place + 2)
        yield old, new, hunks


def _name(line: str) -> str | None:
    name = line[4:].split("\t")[0].strip()
    return None if name == "/dev/null" else name.split("/", 1)[-1]


def _hunks(lines: list[str], place: int) -> tuple[list[_Hunk], int]:
    hunks = []
    while place < len(lines) and (header := _HEADER.match(lines[place])):
        place += 1
        body: list[tuple[str, str]] = []
        while place < len(lines) and lines[place][:1] in (" ", "-", "+", "\\", "\n") and not _starts_file(lines, place):
            kind, rest = (" ", "\n") if lines[place] == "\n" else (lines[place][0], lines[place][1:])
            if kind == "\\":
                body[-1] = (body[-1][0], body[-1][1].rstrip("\n"))
            else:
                body.append((kind, rest))
            place += 1
        old = tuple(text for kind, text in body if kind != "+")
        hunks.append(_Hunk(int(header[1]), old, tuple(text for kind, text in body if kind != "-")))
    return hunks, place


def _starts_file(lines: list[str], place: int) -> bool:
    return lines[place].startswith("--- ") and place + 1 < len(lines) and lines[place + 1].startswith("+++ ")


def _patched(text: str, hunks: list[_Hunk], *, where: str) -> str:
    lines = text.splitlines(keepends=True)
    shift = 0
    for number, hunk in enumerate(hunks, start=1):
        place = _locate(lines, hunk, max(0, hunk.start - 1 + shift))
        if place is None:
            raise ValueError(f"{where}: hunk {number} does not fit")
        lines[place : place + len(hunk.old)] = hunk.new
        shift += len(hunk.new) - len(hunk.old)
    return "".join(lines)


def _locate(lines: list[str], hunk: _Hunk, wanted: int) -> int | None:
    """The place nearest to the wanted one where all old lines stand."""
    size = len(hunk.old)
    places = [n for n in range(len(lines) - size + 1) if tuple(lines[n : n + size]) == hunk.old]
    return min(places, key=lambda n: abs(n - wanted)) if places else None
