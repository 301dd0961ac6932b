"""The mutants of a fix: its hunks and files put back, and small edits on the lines that it added or changed.

Each edit is known to compile, and to something else than the fix does; a revert that does not compile says so.
Which are taken when there are more than the limit follows from the seed alone, and they are spread over the hunks.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, zip_longest

from grader.domain.change import Change, FileClass
from grader.domain.tree import File
from grader.execution.hunks import Hunk, hunks, lines_of, reverts
from grader.execution.operators import Edit, edits
from grader.execution.source_map import LARGEST, Source, fingerprint
from grader.execution.variation import Variation, diff_of

DEFAULT_LIMIT = 20
MOST_EDITS = 5_000
"""Edits of one module that are considered; a module with more is data, or made to keep the grader busy."""
TRIES = 6
"""How many edits are compiled for each mutant that may be taken."""


def plan(change: Change, *, limit: int = DEFAULT_LIMIT, seed: int = 0) -> tuple[Variation, ...]:
    """At most `limit` mutants of the fix, in order of file and line; at least half of them reverts if there are any.

    A change to the same tree with the same seed gives the same mutants.
    """
    put_back = sorted(map(_tried, reverts(change)), key=lambda v: (not v.compiles, _lot(seed, v.id)))
    edited = tuple(islice(_spread(change, seed, tries=TRIES * limit), limit))
    kept = min(len(put_back), max(limit - len(edited), (limit + 1) // 2))
    chosen = [*put_back[:kept], *edited[: limit - kept]]
    return tuple(sorted(chosen, key=lambda variation: (variation.path, variation.line, variation.id)))


def edited_lines(change: Change) -> Iterator[tuple[Hunk, Sequence[Edit], Source]]:
    """For each hunk of a Python file, the edits that begin on its lines."""
    files = {changed.path: changed.fix for changed in change.of(FileClass.PRODUCT) if changed.fix is not None}
    sources = {path: Source.of(file) for path, file in files.items() if path.endswith(".py")}
    found = {path: tuple(islice(edits(source), MOST_EDITS)) for path, source in sources.items() if source is not None}
    for hunk in hunks(change):
        source = sources.get(hunk.path)
        if source is not None:
            yield hunk, [edit for edit in found[hunk.path] if hunk.holds(edit.line)], source


def _spread(change: Change, seed: int, *, tries: int) -> Iterator[Variation]:
    """Every mutant by edits that is worth running: the hunks take turns, and within one the lines do."""
    files = {changed.path: changed.fix for changed in change.of(FileClass.PRODUCT) if changed.fix is not None}
    seen: set[tuple[str, bytes]] = set()
    turns = [
        _of_hunk(hunk, _in_turns(chosen, hunk.path, seed), files[hunk.path], source)
        for hunk, chosen, source in edited_lines(change)
    ]
    for edit, hunk, result, digest in islice(filter(None, chain.from_iterable(zip_longest(*turns))), tries):
        if digest is not None and (hunk.path, digest) not in seen:
            seen.add((hunk.path, digest))
            yield _variation(hunk, edit, files[hunk.path], result)


def _in_turns(chosen: Sequence[Edit], path: str, seed: int) -> Iterator[Edit]:
    by_line: dict[int, list[Edit]] = {}
    for edit in sorted(chosen, key=lambda edit: _lot(seed, f"{path} {edit}")):
        by_line.setdefault(edit.line, []).append(edit)
    lines = sorted(by_line, key=lambda line: _lot(seed, f"{path} line {line}"))
    return filter(None, chain.from_iterable(zip_longest(*(by_line[line] for line in lines))))


def _of_hunk(
    hunk: Hunk, chosen: Iterable[Edit], fix: File, source: Source
) -> Iterator[tuple[Edit, Hunk, File, bytes | None]]:
    """Each edit with what the file becomes and compiles to, None where that is nothing or what the fix compiles to."""
    original = fingerprint(source.text)
    mark = fix.content[: len(fix.content) - len(source.text)]
    for edit in chosen:
        text = edit.applied(source.text)
        digest = fingerprint(text)
        result = File(path=hunk.path, content=mark + text, executable=fix.executable)
        yield edit, hunk, result, digest if digest != original else None


def _variation(hunk: Hunk, edit: Edit, fix: File, result: File) -> Variation:
    name = hashlib.sha256(result.content).hexdigest()[:8]
    return Variation(
        id=f"{edit.kind}:{hunk.path}:{edit.line}:{name}",
        kind=edit.kind,
        path=hunk.path,
        line=edit.line,
        hunk=hunk.number,
        diff=diff_of(hunk.path, lines_of(fix), lines_of(result)),
        result=result,
    )


def _tried(variation: Variation) -> Variation:
    """A revert may leave half a statement behind."""
    result = variation.result
    if result is None or not result.path.endswith(".py") or len(result.content) > LARGEST:
        return variation
    return replace(variation, compiles=fingerprint(result.content) is not None)


def _lot(seed: int, name: str) -> bytes:
    """A place in line that follows from the seed and cannot be foreseen without it."""
    return hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).digest()
