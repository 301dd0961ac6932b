"""Does the change come with a test that fails before it and passes after it? Pure: runs in, verdict out.

The rules are those of docs/grading.md, 1 and 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from grader.domain.comparison import CheckVerdict, Runs, TestSources, Transition, compare
from grader.domain.observation import Cause, Ended, Outcome, SuiteObservation, TestId
from grader.domain.verdict import Flag, PairedTest

_RED = frozenset({Outcome.FAILED, Outcome.SETUP_ERROR, Outcome.TIMEOUT, Outcome.KILLED})
_FINE = frozenset({Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED})
SHOWN = 3
"""How many test ids a reason names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict over before and after, with the ids behind it."""

    verdict: CheckVerdict
    reason: str
    fail_to_pass: tuple[TestId, ...] = ()
    pass_to_pass: tuple[TestId, ...] = ()
    pass_to_fail: tuple[TestId, ...] = ()
    not_collected: tuple[TestId, ...] = ()
    """Ids that pass after and could not be collected before, less the masked ones, which were green on base."""
    tests: tuple[PairedTest, ...] = ()
    flags: tuple[Flag, ...] = ()


def judge(runs: Runs, sources: TestSources) -> Finding:
    """The verdict; raises nothing."""
    if not sources.touched:
        return Finding(verdict=CheckVerdict.NO_TEST, reason="the change adds or edits no test module")
    table = _Table(runs, sources)
    verdict, reason = _verdict(table)
    return Finding(
        verdict=verdict,
        reason=reason,
        fail_to_pass=table.having(Transition.FAIL_TO_PASS),
        pass_to_pass=table.having(Transition.PASS_TO_PASS),
        pass_to_fail=table.broken,
        not_collected=tuple(test for test in table.appearing if table.original(test) is not Outcome.PASSED),
        tests=table.paired(),
        flags=tuple(_flags(table)),
    )


def accept_structural(finding: Finding, restored: tuple[SuiteObservation, ...]) -> Finding:
    """The finding once the tests that base cannot collect ran on the fix's names with base's behaviour.

    Those that fail there in every run guard the change; without any the finding stays inconclusive.
    """
    red = tuple(
        test
        for test in finding.not_collected
        if restored and all(run.outcome(test) is Outcome.FAILED for run in restored)
    )
    if not red:
        return finding
    detail = f"not collected on base; red with the fix's names and the base's behaviour: {_list(red)}"
    return replace(
        finding,
        verdict=CheckVerdict.FAIL_BEFORE_PASS_AFTER,
        reason=f"passed on the fix and failed where only the base's behaviour was put back: {_list(red)}",
        fail_to_pass=red,
        flags=(*finding.flags, Flag(id="structural", detail=detail)),
    )


class _Table:
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
            return False
        return self.sources.is_defined(test) or self._old_test_has_no_say(test)

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


def _verdict(table: _Table) -> tuple[CheckVerdict, str]:
    found = table.having(Transition.FAIL_TO_PASS)
    if not table.ids and not table.collection_problem((*table.runs.before, *table.runs.after)):
        return CheckVerdict.NO_TEST, f"no test is collected from {_list(table.sources.touched)}"
    if table.unstable:
        return CheckVerdict.UNSTABLE, f"repeats disagree on {_list(table.unstable)}"
    if table.red_after:
        return CheckVerdict.FAILS_AFTER, f"should pass on the fix and did not: {_list(table.red_after)}"
    if problem := table.collection_problem(table.runs.after):
        return CheckVerdict.FAILS_AFTER, f"on the fix a test module cannot be run: {problem}"
    if found:
        one = len(found) == 1
        words = "fails on the base and passes on the fix" if one else "fail on the base and pass on the fix"
        return CheckVerdict.FAIL_BEFORE_PASS_AFTER, f"{_list(found)} {words}"
    if table.appearing:
        problem = table.collection_problem(table.runs.before)
        return CheckVerdict.INCONCLUSIVE, f"on the base the tests cannot be collected, so none of them fails: {problem}"
    if broken := table.having(Transition.BREAKS_TO_PASS):
        return (
            CheckVerdict.INCONCLUSIVE,
            f"broke on the base before it could fail (set-up error or limit): {_list(broken)}",
        )
    return CheckVerdict.PASSES_BEFORE, "no touched test fails on the base"


def _flags(table: _Table) -> Iterable[Flag]:
    causes = {test.id: test.before_cause for test in table.paired()}
    found = table.having(Transition.FAIL_TO_PASS)
    if found and all(causes[test] is Cause.TEST_ERROR for test in found):
        yield Flag(
            id="weak_failure",
            detail=f"the test's own code raises, as where a name is missing: {_list(found)}",
        )
    for test in table.ids:
        if table.is_flaky(test):
            before, after = (" and ".join(sorted(seen)) for seen in (table.before(test), table.after(test)))
            yield Flag(id="flaky_test", detail=f"{test}: before {before}, after {after}")
    masked = [test for test in table.appearing if table.original(test) is Outcome.PASSED]
    if masked:
        yield Flag(
            id="masked",
            detail=f"passed on the base as it was; not collected with the change's tests: {_list(masked)}",
        )
    if bool(table.runs.rest_original) is not bool(table.runs.rest_after):
        where = "fix" if table.runs.rest_original else "base"
        yield Flag(
            id="suite_not_finished", detail=f"the untouched test modules did not come to their end on the {where}"
        )
    gone = [test for test in table.having(Transition.ABSENT) if not table.sources.is_defined(test)]
    if gone:
        yield Flag(id="test_removed", detail=f"gone: {_list(gone)}")


def _kind(outcome: Outcome) -> Outcome:
    """The outcome, with the limits that may end one and the same test taken for one."""
    return Outcome.KILLED if outcome is Outcome.TIMEOUT else outcome


def _shown(runs: tuple[SuiteObservation, ...], test: TestId) -> Outcome | None:
    """The outcome to show for repeats: the first that is not green."""
    outcomes = [run.outcome(test) for run in runs if run.was_asked(test)]
    return next((outcome for outcome in outcomes if outcome is not Outcome.PASSED), outcomes[0] if outcomes else None)


def _list(ids: Iterable[str]) -> str:
    names = list(ids)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
