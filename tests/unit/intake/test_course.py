"""The course's file: read strictly, with one line for each mistake; the example that operators copy is right."""

from pathlib import Path

import pytest

from grader import wiring
from grader.domain.twin import TwinId
from grader.errors import SettingsInvalid
from grader.intake.course import MAX_BYTES, Delivery, read_course
from grader.intake.manifest import Trust, read_manifest

EXAMPLE = Path(__file__).parents[3] / "examples/submissions-repo"
GOOD = 'schema = "grader/course/1"\ncase = "airline-refund"\n[[mentors]]\nid = 1002\n'


def test_the_example_is_right() -> None:
    course = read_course((EXAMPLE / ".github/grader.toml").read_bytes())
    assert (course.twin, course.mentors, course.credentials) == ("jt-incident-4", {1002: "mia"}, Delivery.COMMIT)
    assert course.case == "airline-refund"
    where = "submissions/example/submission.toml"
    manifest = read_manifest((EXAMPLE / where).read_bytes(), where=where, trust=Trust.STRANGER)
    twin = wiring.twins().get(TwinId(course.twin))
    assert manifest.case == course.case
    assert {each.id for each in manifest.self_checks} == {each.id for each in twin.self_checks}


def test_the_pull_request_template_names_every_self_check() -> None:
    text = (EXAMPLE / ".github/PULL_REQUEST_TEMPLATE.md").read_text()
    for check in wiring.twins().get(TwinId("jt-incident-4")).self_checks:
        assert f"**{check.id}** {check.question}" in text


def test_what_is_left_out_has_a_default() -> None:
    course = read_course(GOOD.encode())
    assert (course.twin, course.credentials) == ("jt-incident-4", Delivery.COMMIT)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "is missing on the default branch"),
        (b"\xff", "utf-8"),
        (b"[" * 5000, "grader.toml"),
        (b"x" * (MAX_BYTES + 1), "larger than"),
        (GOOD.replace("course/1", "course/2").encode(), "schema"),
        (GOOD.replace("airline-refund", "../../etc").encode(), "case"),
        (GOOD.replace("1002", '"1002"').encode(), r"mentors\.0\.id"),
        (GOOD.replace("1002", "-1").encode(), r"mentors\.0\.id"),
        (GOOD.replace("1002", "true").encode(), r"mentors\.0\.id"),
        (GOOD.replace("1002", '1002\nlogin = "a b"').encode(), r"mentors\.0\.login"),
        (f'surprise = "x"\n{GOOD}'.encode(), "surprise"),
        (f'credentials = "mail"\n{GOOD}'.encode(), "credentials"),
        (b'schema = "grader/course/1"\ncase = "airline-refund"\n', "at least one mentor"),
    ],
)
def test_each_mistake_is_one_line_that_names_it(content: bytes | None, told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told) as error:
        read_course(content)
    assert "\n" not in str(error.value)
