"""The mutants of a fix: its hunks and files put back, and small edits on the lines that it added or changed.

Each edit is known to compile, and to something else than the fix does; a revert that does not compile says so.
Which are taken when there are more than the limit follows from the seed alone, and they are spread over the hunks.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from grader.domain.change import Change, FileClass
from grader.domain.tree import File
from grader.execution.hunks import Hunk, hunks, lines_of, reverts
from grader.execution.operators import Edit, edits
from grader.execution.source_map import LARGEST, Source, fingerprint
from grader.execution.variation import Variation, diff_of

DEFAULT_LIMIT = 20


def plan(change: Change, *, limit: int = DEFAULT_LIMIT, seed: int = 0) -> tuple[Variation, ...]:
    """At most `limit` mutants of the fix, in order of file and line; at least half of them reverts if there are any.

    A change to the same tree with the same seed gives the same mutants.
    """
    put_back = sorted(map(_tried, reverts(change)), key=lambda v: (not v.compiles, _lot(seed, v.id)))
    edited = tuple(_first(limit, _spread(change, seed)))
    kept = min(len(put_back), max(limit - len(edited), (limit + 1) // 2))
    chosen = [*put_back[:kept], *edited[: limit - kept]]
    return tuple(sorted(chosen, key=lambda variation: (variation.path, variation.line, variation.id)))


def edited_lines(change: Change) -> Iterator[tuple[Hunk, Sequence[Edit], Source]]:
    """For each hunk of a Python file, the edits that begin on its lines."""
    files = {changed.path: changed.fix for changed in change.of(FileClass.PRODUCT) if changed.fix is not None}
    sources = {path: Source.of(file) for path, file in files.items() if path.endswith(".py")}
    found = {path: tuple(edits(source)) for path, source in sources.items() if source is not None}
    for hunk in hunks(change):
        source = sources.get(hunk.path)
        if source is not None:
            yield hunk, [edit for edit in found[hunk.path] if hunk.holds(edit.line)], source


def _spread(change: Change, seed: int) -> Iterator[Variation]:
    """Every mutant by edits that is worth running: the hunks take turns, and within one the lines do."""
    files = {changed.path: changed.fix for changed in change.of(FileClass.PRODUCT) if changed.fix is not None}
    seen: set[tuple[str, bytes]] = set()
    turns = [
        _of_hunk(hunk, _in_turns(chosen, hunk.path, seed), files[hunk.path], source)
        for hunk, chosen, source in edited_lines(change)
    ]
    for fingerprinted in filter(None, chain.from_iterable(zip_longest(*turns))):
        variation, digest = fingerprinted
        if (variation.path, digest) not in seen:
            seen.add((variation.path, digest))
            yield variation


def _in_turns(chosen: Sequence[Edit], path: str, seed: int) -> Iterator[Edit]:
    by_line: dict[int, list[Edit]] = {}
    for edit in sorted(chosen, key=lambda edit: _lot(seed, f"{path} {edit}")):
        by_line.setdefault(edit.line, []).append(edit)
    lines = sorted(by_line, key=lambda line: _lot(seed, f"{path} line {line}"))
    return filter(None, chain.from_iterable(zip_longest(*(by_line[line] for line in lines))))


def _of_hunk(hunk: Hunk, chosen: Iterable[Edit], fix: File, source: Source) -> Iterator[tuple[Variation, bytes]]:
    """Each edit that compiles to something else than the fix, with what it compiles to."""
    original = fingerprint(source.text)
    mark = fix.content[: len(fix.content) - len(source.text)]
    for edit in chosen:
        text = edit.applied(source.text)
        digest = fingerprint(text)
        if digest is not None and digest != original:
            result = File(path=hunk.path, content=mark + text, executable=fix.executable)
            yield _variation(hunk, edit, fix, result), digest


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


def _first(limit: int, variations: Iterator[Variation]) -> Iterator[Variation]:
    return (variation for _, variation in zip(range(limit), variations, strict=False))


def _lot(seed: int, name: str) -> bytes:
    """A place in line that follows from the seed and cannot be foreseen without it."""
    return hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).digest()
