"""Equal ids of one parametrised test are one row; what tells most comes first."""

from grader.domain.observation import Cause, Outcome, TestId
from grader.domain.verdict import PairedTest
from grader.report.paired import rows


def paired(test_id: str, before: Outcome, after: Outcome | None = Outcome.PASSED, message: str = "") -> PairedTest:
    cause = Cause.ASSERTION if before is Outcome.FAILED else None
    return PairedTest(
        id=TestId(test_id), original=None, before=before, after=after, before_cause=cause, message=message
    )


def test_ids_that_did_the_same_are_one_row_with_the_first_message() -> None:
    found = rows(
        [
            paired("t.py::test_b", Outcome.PASSED),
            paired("t.py::test_a[one]", Outcome.FAILED, message="first"),
            paired("t.py::test_a[two]", Outcome.PASSED),
            paired("t.py::test_a[x[1]]", Outcome.FAILED, message="second"),
        ]
    )
    assert [(row.name, row.count, row.before, row.after, row.test.message) for row in found] == [
        ("t.py::test_a", "2 of 3 ids", "failed, assertion", "passed", "first"),
        ("t.py::test_b", "", "passed", "passed", ""),
        ("t.py::test_a[two]", "", "passed", "passed", ""),
    ]


def test_red_after_comes_before_what_changed_nothing_and_all_ids_are_counted_plainly() -> None:
    found = rows(
        [
            paired("t.py::test_a[1]", Outcome.PASSED, Outcome.FAILED),
            paired("t.py::test_a[2]", Outcome.PASSED, Outcome.FAILED),
            paired("t.py::test_b", Outcome.FAILED),
            paired("t.py::test_c", Outcome.FAILED, None),
        ]
    )
    assert [(row.name, row.count, row.after) for row in found] == [
        ("t.py::test_b", "", "passed"),
        ("t.py::test_c", "", "not run"),
        ("t.py::test_a", "2 ids", "failed"),
    ]
