"""Facts of a case -> check results that people read: a verdict, how much of it holds, and where to look. Pure."""

from collections import Counter

from grader.checks.before_after import Finding
from grader.checks.integrity import Integrity
from grader.domain.case import Verdict as Judged
from grader.domain.case_facts import Answers, HotfixFacts, RegressionFacts, ReproFacts
from grader.domain.comparison import CheckVerdict
from grader.domain.diagnosis import reproduces
from grader.domain.observation import function_of
from grader.domain.record import CategoryTally
from grader.domain.score import Evidence
from grader.domain.verdict import CheckResult, Verdict

SHOWN = 5


def before_after(finding: Finding) -> CheckResult:
    """Does a test of the change fail before the fix and pass after it?"""
    match finding.verdict:
        case CheckVerdict.FAIL_BEFORE_PASS_AFTER:
            verdict = Verdict.PASSED
        case CheckVerdict.INCONCLUSIVE | CheckVerdict.INFRA:
            verdict = Verdict.INCONCLUSIVE
        case _:
            verdict = Verdict.FAILED
    messages = {test.id: test.message for test in finding.tests}
    return CheckResult(
        id="before_after",
        verdict=verdict,
        met=len(finding.fail_to_pass),
        out_of=max(len(finding.fail_to_pass) + len(finding.pass_to_fail), 1),
        reason=_told(finding) if finding.fail_to_pass and verdict is Verdict.PASSED else finding.reason,
        evidence=tuple(
            Evidence(claim="fails before, passes after", where=test, quote=messages.get(test, ""))
            for test in finding.fail_to_pass[:SHOWN]
        ),
    )


def _told(finding: Finding) -> str:
    """How many ids, of which functions: a parametrised test is not listed id by id."""
    functions = [f"`{name}`" for name in dict.fromkeys(function_of(test) for test in finding.fail_to_pass)]
    others = f" and {len(functions) - SHOWN} more" if len(functions) > SHOWN else ""
    return f"{len(finding.fail_to_pass)} ids fail before and pass after: {', '.join(functions[:SHOWN])}{others}"


def integrity(found: Integrity) -> CheckResult:
    """Do the runs say what happened?"""
    problems = [flag.detail for flag in found.rejections]
    return CheckResult(
        id="integrity",
        verdict=Verdict.FAILED if problems else Verdict.PASSED,
        met=0 if problems else 1,
        out_of=1,
        reason=problems[0] if problems else "exit status, events and the grader's own tests agree in every run",
    )


def hidden_cases(facts: HotfixFacts) -> CheckResult:
    """How many hidden questions are answered safely; never which."""
    if facts.fix is None:
        return CheckResult(
            id="hidden_cases", verdict=Verdict.FAILED, met=0, out_of=0, reason="no code of the application was changed"
        )
    safe, asked = _safe(facts.fix), len(facts.fix.hidden)
    return CheckResult(
        id="hidden_cases",
        verdict=Verdict.PASSED if safe == asked else Verdict.FAILED,
        met=safe,
        out_of=asked,
        reason=f"{safe} of {asked} answers to hidden questions are safe; on the starter {_safe(facts.base)} are",
    )


def _safe(answers: Answers) -> int:
    return sum(answer.judgement.verdict.is_safe for answer in answers.hidden)


def diagnosis(facts: ReproFacts) -> CheckResult:
    """Does the learner's repro hallucinate on the starter every time, and not on a right fix?"""
    met = sum(judgement.verdict is Judged.HALLUCINATED for judgement in facts.on_base)
    if facts.repro is None:
        reason = facts.problem or "no repro was handed in"
    else:
        reason = f"the repro hallucinates on the starter {met} of {len(facts.on_base)} times"
    return CheckResult(
        id="diagnosis",
        verdict=Verdict.PASSED if reproduces(facts) else Verdict.FAILED,
        met=met,
        out_of=len(facts.on_base),
        reason=reason,
    )


def regression_strength(facts: RegressionFacts) -> CheckResult:
    """How many broken fixes the learner's tests notice."""
    judged = facts.green or facts.red
    killed = sum(bool(run.catches(judged)) for run in facts.variants)
    out_of = len(facts.variants)
    return CheckResult(
        id="regression_strength",
        verdict=Verdict.PASSED if out_of and killed == out_of else Verdict.FAILED,
        met=killed,
        out_of=out_of,
        reason=f"the tests notice {killed} of {out_of} broken fixes of the grader's"
        if out_of
        else "no test fails on the base, so no broken fix can be noticed",
    )


def tallies(facts: HotfixFacts) -> tuple[CategoryTally, ...]:
    """Hidden answers by category, over all profiles."""
    if facts.fix is None:
        return ()
    asked = Counter(answer.probe.category for answer in facts.fix.hidden)
    safe = Counter(a.probe.category for a in facts.fix.hidden if a.judgement.verdict.is_safe)
    return tuple(CategoryTally(category=name, safe=safe[name], asked=asked[name]) for name in sorted(asked))
