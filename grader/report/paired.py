"""Tests before and after as people read them: the most telling first, equal ids of one parametrised test in one row."""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.domain.observation import Outcome, function_of
from grader.domain.verdict import PairedTest


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """Ids of one test function that did the same on both trees; `test` is the first of them, to be quoted."""

    __test__ = False

    test: PairedTest
    ids: int
    of: int
    """How many ids the function has in all."""

    @property
    def name(self) -> str:
        """The id, or the function's where it stands for several."""
        return function_of(self.test.id) if self.ids > 1 else self.test.id

    @property
    def count(self) -> str:
        """`14 of 16 ids`; empty for a single id."""
        if self.ids == 1:
            return ""
        return f"{self.ids} ids" if self.ids == self.of else f"{self.ids} of {self.of} ids"

    @property
    def before(self) -> str:
        """What it did on the base, in words: `failed, assertion`."""
        return _before(self.test)

    @property
    def after(self) -> str:
        """What it did on the fix, in words."""
        return _words(self.test.after)


def rows(tests: Iterable[PairedTest]) -> tuple[TestRow, ...]:
    """The most telling first: fails before and passes after, red after, the learner's others."""
    groups: dict[tuple[str, str, str], list[PairedTest]] = {}
    sizes: dict[str, int] = {}
    for test in sorted(tests, key=_rank):
        of = function_of(test.id)
        sizes[of] = sizes.get(of, 0) + 1
        groups.setdefault((of, _before(test), _words(test.after)), []).append(test)
    return tuple(
        TestRow(test=group[0], ids=len(group), of=sizes[function_of(group[0].id)]) for group in groups.values()
    )


def _rank(test: PairedTest) -> int:
    if test.after not in (Outcome.PASSED, None):
        return 1
    return 0 if test.before is Outcome.FAILED else 2


def _before(test: PairedTest) -> str:
    words = _words(test.before)
    if test.before is None or test.before_cause is None or test.before_cause.value == test.before.value:
        return words
    return f"{words}, {test.before_cause.replace('_', ' ')}"


def _words(outcome: Outcome | None) -> str:
    return "not run" if outcome is None else outcome.replace("_", " ")
