"""The documents: where the manifest says, or under their usual names, nearest to the root."""

import pytest

from grader.domain.tree import File, Tree
from grader.domain.twin import SubmissionMode
from grader.errors import SubmissionRejected
from grader.intake.documents import MAX_DOCUMENT, documents
from grader.intake.manifest import Manifest


def manifest(postmortem: str = "") -> Manifest:
    return Manifest(case="c", mode=SubmissionMode.REPO_URL, source=".", postmortem=postmortem)


def tree(**contents: bytes) -> Tree:
    names = {"deep": "docs/incident/postmortem.md", "near": "docs/Post-Mortem.md", "other": "notes.md"}
    return Tree.of(File(path=names[key], content=content) for key, content in contents.items())


def test_the_usual_name_nearest_to_the_root_is_found() -> None:
    found = documents(tree(deep=b"deep", near=b"\xef\xbb\xbfnear \xff"), manifest())
    assert found.postmortem is not None
    assert (found.postmortem.path, found.postmortem.text) == ("docs/Post-Mortem.md", "near �")
    assert found.diagnosis is None
    assert found.paths == ("docs/Post-Mortem.md",)


def test_the_manifest_has_the_last_word() -> None:
    found = documents(tree(deep=b"deep", other=b"other"), manifest("notes.md"))
    assert found.postmortem is not None
    assert found.postmortem.text == "other"


def test_a_named_document_that_is_missing_or_too_long_is_refused() -> None:
    with pytest.raises(SubmissionRejected, match=r"there is no 'gone\.md'"):
        documents(tree(other=b""), manifest("gone.md"))
    with pytest.raises(SubmissionRejected, match=r"notes\.md: larger than"):
        documents(tree(other=b"x" * (MAX_DOCUMENT + 1)), manifest("notes.md"))
