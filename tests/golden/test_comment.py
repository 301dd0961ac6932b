"""What people read in the comment, word for word. `UPDATE_GOLDEN=1` renews the files."""

import os
from pathlib import Path

import pytest

from grader.adapters.twin_files import TwinFiles
from grader.domain.twin import TwinId
from grader.report.comment import MAX_COMMENT, Framing, comment
from grader.report.record_file import decode

HERE = Path(__file__).parent
TWIN = TwinFiles().get(TwinId("jt-incident-4"))


@pytest.mark.parametrize("name", ["full", "partial"])
def test_the_comment_reads_as_agreed(name: str) -> None:
    record = decode((HERE / "records" / f"{name}.json").read_bytes(), where=name)
    framing = Framing(
        learner="ada", attempt=1, head="<!-- marker -->", tail="| when | who |\n|---|---|\n| 12:30 | ada |"
    )
    text = comment(record, TWIN, framing)
    golden = HERE / f"comment-{name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
    assert len(text) < MAX_COMMENT
