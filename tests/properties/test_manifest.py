"""No bytes make the manifest reader raise anything but one printable InputInvalid."""

from hypothesis import given
from hypothesis import strategies as st

from grader.errors import InputInvalid
from grader.intake.manifest import Trust, read_manifest

KEYS = st.sampled_from(
    ["schema", "case", "mode", "repo_url", "archive", "self_checks", "force", "F1", "fix", "diagnosis"]
)
VALUES = st.sampled_from(
    [
        '"grader/submission/1"',
        '"repo_url"',
        '"file_upload"',
        '"https://github.com/a/b"',
        "true",
        "1",
        "{F1 = true}",
        "[]",
    ]
) | st.text(max_size=8).map(lambda text: f'"{text}"')
LINES = st.tuples(KEYS, VALUES).map(" = ".join) | KEYS.map(lambda key: f"[{key}]")


@given(
    st.binary(max_size=200) | st.lists(LINES, max_size=8).map(lambda lines: "\n".join(lines).encode(errors="replace"))
)
def test_the_reader_never_crashes(content: bytes) -> None:
    try:
        read_manifest(content, where="submission.toml", trust=Trust.STRANGER)
    except InputInvalid as invalid:
        assert "\n" not in str(invalid)
