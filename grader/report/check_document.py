"""A check as the `grader/check/1` JSON object; verdicts and words are those of docs/grading.md."""

from collections import Counter
from typing import Any

from grader.domain.comparison import CheckReport
from grader.domain.verdict import Mutant, MutantStatus, PairedTest

SCHEMA = "grader/check/1"


def to_document(report: CheckReport) -> dict[str, Any]:
    """The document; everything but `seconds` is the same for the same inputs and seed."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "base": report.base,
        "fix": report.fix,
        "test_files": list(report.test_files),
        "source_files": list(report.source_files),
        "fail_to_pass": list(report.fail_to_pass),
        "pass_to_pass": list(report.pass_to_pass),
        "pass_to_fail": list(report.pass_to_fail),
        "tests": [_test(test) for test in report.tests],
        "strength": _strength(report.mutants),
        "flags": [{"id": flag.id, "detail": flag.detail} for flag in report.flags],
        "image": report.image,
        "runtime": report.runtime,
        "seed": report.seed,
        "runs": report.runs,
        "seconds": {
            "image": round(report.seconds.image, 3),
            "runs": round(report.seconds.runs, 3),
            "total": round(report.seconds.total, 3),
        },
    }


def _test(test: PairedTest) -> dict[str, Any]:
    return {
        "id": test.id,
        "original": test.original,
        "before": test.before,
        "after": test.after,
        "before_cause": test.before_cause,
        "message": test.message,
    }


def _strength(mutants: tuple[Mutant, ...]) -> dict[str, Any]:
    counts = Counter(mutant.status for mutant in mutants)
    return {**{status.value: counts[status] for status in MutantStatus}, "mutants": [_mutant(m) for m in mutants]}


def _mutant(mutant: Mutant) -> dict[str, Any]:
    return {
        "id": mutant.id,
        "kind": mutant.kind,
        "file": mutant.file,
        "line": mutant.line,
        "status": mutant.status.value,
        "killed_by": list(mutant.killed_by),
        "diff": mutant.diff,
    }
