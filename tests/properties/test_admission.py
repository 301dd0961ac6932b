"""No entry makes admission raise anything but SubmissionRejected, and what passes is safe to write anywhere."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake.admission import Admission, Entry, EntryKind

NAMES = st.sampled_from(["a", "A", "é", "..", ".git", "con", "x.py", " ", "\n", "\u202e"]) | st.text(max_size=5)
PATHS = st.binary(max_size=30) | st.lists(NAMES, max_size=5).map(lambda parts: "/".join(parts).encode(errors="replace"))
ENTRIES = st.builds(Entry, path=PATHS, kind=st.sampled_from(EntryKind), size=st.integers(min_value=0, max_value=2**40))


@given(st.lists(ENTRIES, max_size=8))
def test_admission_never_crashes_and_lets_no_unsafe_path_in(entries: list[Entry]) -> None:
    admission = Admission()
    admitted = []
    for entry in entries:
        try:
            admitted.append(admission.admit(entry))
        except SubmissionRejected as refused:
            assert str(refused).isprintable()
            continue
        assert entry.kind in (EntryKind.FILE, EntryKind.EXECUTABLE, EntryKind.FOLDER)
    for path in admitted:
        assert path
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/"))
        assert not any(unicodedata.category(character).startswith("C") for character in path)
