"""On any change to real modules: mutants compile, differ, and touch the fix's lines only."""

import textwrap
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import File
from grader.execution.hunks import hunks
from grader.execution.mutants import plan
from grader.execution.source_map import fingerprint

LIBRARY = Path(textwrap.__file__).parent
MODULES = [
    (LIBRARY / name).read_bytes()
    for name in ("textwrap.py", "bisect.py", "heapq.py", "shlex.py", "quopri.py", "fnmatch.py", "sched.py")
]


@settings(max_examples=25)
@given(st.sampled_from(MODULES), st.data())
def test_mutants_of_real_modules(fix: bytes, data: st.DataObject) -> None:
    lines = fix.splitlines(keepends=True)
    touched = data.draw(st.sets(st.integers(min_value=0, max_value=len(lines) - 1), min_size=1, max_size=6))
    base = b"".join(b"# was here\n" if number in touched else line for number, line in enumerate(lines))
    seed = data.draw(st.integers(min_value=0, max_value=1000))
    files = File(path="m.py", content=base), File(path="m.py", content=fix)
    change = Change(files=(ChangedFile(path="m.py", file_class=FileClass.PRODUCT, base=files[0], fix=files[1]),))
    made = plan(change, limit=12, seed=seed)
    assert len(made) <= 12
    assert len({variation.id for variation in made}) == len({variation.result for variation in made}) == len(made)
    known = {hunk.number: hunk for hunk in hunks(change)}
    for variation in made:
        assert variation.result is not None
        if variation.kind not in ("hunk_revert", "file_revert"):
            assert known[variation.hunk].holds(variation.line)
            digest = fingerprint(variation.result.content)
            assert digest is not None
            assert digest != fingerprint(fix)
            altered = variation.result.content.splitlines(keepends=True)
            assert altered[: variation.line - 1] == lines[: variation.line - 1]
