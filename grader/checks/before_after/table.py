"""All ids of the touched modules with what each did in every run, and what that makes of them one by one."""

from collections.abc import Iterable
from functools import cached_property

from grader.domain.comparison import Runs, TestSources, Transition, compare
from grader.domain.observation import Cause, Ended, Outcome, SuiteObservation, TestId, function_of
from grader.domain.verdict import PairedTest

_RED = frozenset({Outcome.FAILED, Outcome.SETUP_ERROR, Outcome.TIMEOUT, Outcome.KILLED})
_FINE = frozenset({Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED})


class Table:
    """All ids of the touched modules, with what each did in every run."""

    def __init__(self, runs: Runs, sources: TestSources) -> None:
        self.runs = runs
        self.sources = sources
        everything = (*runs.after[:1], *runs.before[:1], *((runs.original,) if runs.original else ()))
        self.ids = tuple(dict.fromkeys(test.id for run in everything for test in run.tests))

    def before(self, test: TestId) -> frozenset[Outcome]:
        return frozenset(run.outcome(test) for run in self.runs.before if run.was_asked(test))

    def after(self, test: TestId) -> frozenset[Outcome]:
        return frozenset(run.outcome(test) for run in self.runs.after if run.was_asked(test))

    def original(self, test: TestId) -> Outcome:
        return self.runs.original.outcome(test) if self.runs.original else Outcome.NOT_COLLECTED

    def is_flaky(self, test: TestId) -> bool:
        """Whether repeats disagree about what counts: before, whether the call failed; after, whether it passed."""
        if Outcome.PASSED not in self.after(test) and self.after(test) <= _RED:
            return False
        return len({_kind(outcome) for outcome in self.before(test)}) > 1 or len(self.after(test)) > 1

    @cached_property
    def transitions(self) -> dict[TestId, Transition]:
        """What became of each id whose repeats agree."""
        steady = (test for test in self.ids if not self.is_flaky(test))
        return {test: compare(min(self.before(test)), min(self.after(test))) for test in steady}

    def having(self, *wanted: Transition) -> tuple[TestId, ...]:
        return tuple(test for test in self.ids if self.transitions.get(test) in wanted)

    @cached_property
    def unstable(self) -> tuple[TestId, ...]:
        """Ids of the change's own, or such as would count, whose repeats disagree."""
        return tuple(test for test in self.ids if self.is_flaky(test) and self._decides(test))

    def _decides(self, test: TestId) -> bool:
        if not self.sources.is_unchanged(test):
            return True
        return (
            Outcome.FAILED in self.before(test) and self.after(test) == {Outcome.PASSED} and not self._was_green(test)
        )

    def _was_green(self, test: TestId) -> bool:
        return self.original(test) is Outcome.PASSED

    @cached_property
    def red_after(self) -> tuple[TestId, ...]:
        """Ids that should pass on the fix and do not."""
        return tuple(test for test in self.ids if self._is_red_after(test)) + self.broken_elsewhere

    def _is_red_after(self, test: TestId) -> bool:
        match self.transitions.get(test):
            case Transition.PASS_TO_FAIL | Transition.VANISHES:
                return not self._is_harmlessly_gone(test)
            case Transition.STAYS_RED:
                return self._was_green(test) or not self.sources.is_unchanged(test)
            case Transition.UNCOUNTED:
                return self.before(test) == {Outcome.FAILED}
            case Transition.PASS_TO_UNCOUNTED | Transition.ABSENT:
                return self._was_green(test) and not self._is_harmlessly_gone(test)
            case _:
                return False

    def _is_harmlessly_gone(self, test: TestId) -> bool:
        """Whether an id that the fix no longer has was renamed or given other parameters, or still holds on the fix."""
        if self.after(test) != {Outcome.NOT_COLLECTED} or self.collection_problem(self.runs.after):
            return False
        if self.before(test) == {Outcome.FAILED}:
            return test in self.other_parameters
        return self.sources.is_defined(test) or self._old_test_has_no_say(test)

    @cached_property
    def other_parameters(self) -> tuple[TestId, ...]:
        """Ids that fail before and that the fix does not have, though it runs their function with other parameters.

        The tests are the same on both sides, so the parameters are made of something that the fix changed.
        """
        red = self.having(Transition.VANISHES)
        return tuple(
            test
            for test in red
            if self.before(test) == {Outcome.FAILED} and not self._was_green(test) and self._holds_otherwise(test)
        )

    def _holds_otherwise(self, test: TestId) -> bool:
        """Whether that function is green on the fix with every parameter that it has there, and has any."""
        function = function_of(test)
        seen = [self.after(other) for other in self.ids if test != function and other.startswith(f"{function}[")]
        there = [outcomes for outcomes in seen if outcomes != {Outcome.NOT_COLLECTED}]
        return bool(there) and all(outcomes == {Outcome.PASSED} for outcomes in there)

    def _old_test_has_no_say(self, test: TestId) -> bool:
        """Whether base's version of a test holds on the fix, or asks for names that the fix took away with it."""
        run = self.runs.base_tests_on_fix
        if run is None:
            return False
        cause = run.by_id[test].cause if test in run.by_id else None
        return run.outcome(test) in (Outcome.PASSED, Outcome.NOT_COLLECTED) or cause is Cause.TEST_ERROR

    @cached_property
    def broken_elsewhere(self) -> tuple[TestId, ...]:
        """Ids of untouched modules that are green in every run on base and red in every run on the fix."""
        if not self.runs.rest_original or not self.runs.rest_after:
            return ()
        first = self.runs.rest_original[0]
        return tuple(
            test.id
            for test in first.tests
            if all(run.outcome(test.id) is Outcome.PASSED for run in self.runs.rest_original)
            and not any(run.outcome(test.id) in _FINE for run in self.runs.rest_after)
        )

    @cached_property
    def broken(self) -> tuple[TestId, ...]:
        """Ids that were green on base, or with the new tests on base, and should be on the fix."""
        return tuple(
            test
            for test in self.red_after
            if self._was_green(test) or self.before(test) == {Outcome.PASSED} or test in self.broken_elsewhere
        )

    @cached_property
    def appearing(self) -> tuple[TestId, ...]:
        """Ids that pass after and that base could not collect, because their module failed there."""
        failed = self.collection_problem(self.runs.before)
        found = self.having(Transition.APPEARS)
        return tuple(test for test in found if failed) if failed else ()

    def collection_problem(self, runs: Iterable[SuiteObservation]) -> str:
        """Why modules could not be collected, or the session not finished; empty when all went well."""
        for run in runs:
            if run.collection_errors:
                error = run.collection_errors[0]
                return f"{error.id}: {_first_line(error.message)}" if error.id else _first_line(error.message)
            if run.ended is not Ended.EXITED and not run.tests:
                return f"the session ended by its {run.ended.replace('_', ' ')}"
        return ""

    def paired(self) -> tuple[PairedTest, ...]:
        return tuple(self._pair(test) for test in self.ids) + tuple(
            self._pair_elsewhere(t) for t in self.broken_elsewhere
        )

    def _pair(self, test: TestId) -> PairedTest:
        seen = [run.by_id[test] for run in self.runs.before if test in run.by_id]
        worst = next((found for found in seen if found.cause is not None), None)
        absent = not seen and self.runs.before and self.collection_problem(self.runs.before)
        cause = worst.cause if worst else Cause.NOT_COLLECTED if absent else None
        message = worst.message if worst else str(absent or "")
        return PairedTest(
            id=test,
            original=self.original(test),
            before=_shown(self.runs.before, test),
            after=_shown(self.runs.after, test),
            before_cause=cause,
            message=message or self._after_message(test),
        )

    def _after_message(self, test: TestId) -> str:
        seen = (run.by_id[test].message for run in self.runs.after if test in run.by_id)
        return next((message for message in seen if message), "")

    def _pair_elsewhere(self, test: TestId) -> PairedTest:
        run = self.runs.rest_after[0]
        message = run.by_id[test].message if test in run.by_id else ""
        original = self.runs.rest_original[0].outcome(test)
        return PairedTest(id=test, original=original, before=None, after=run.outcome(test), message=message)


def _kind(outcome: Outcome) -> Outcome:
    """The outcome, with the limits that may end one and the same test taken for one."""
    return Outcome.KILLED if outcome is Outcome.TIMEOUT else outcome


def _shown(runs: tuple[SuiteObservation, ...], test: TestId) -> Outcome | None:
    """The outcome to show for repeats: the first that is not green."""
    outcomes = [run.outcome(test) for run in runs if run.was_asked(test)]
    return next((outcome for outcome in outcomes if outcome is not Outcome.PASSED), outcomes[0] if outcomes else None)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
