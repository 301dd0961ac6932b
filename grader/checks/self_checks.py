"""A learner's answers to the self-checks beside what was found: answers with observations, and flags. Pure."""

from collections.abc import Iterable, Mapping

from grader.domain.submission import SelfCheckAnswer
from grader.domain.twin import Observable, SelfCheck, SelfCheckKind
from grader.domain.verdict import Flag


def compare(
    checks: Iterable[SelfCheck], answers: Iterable[SelfCheckAnswer], seen: Mapping[Observable, bool | None]
) -> tuple[SelfCheckAnswer, ...]:
    """One answer per self-check of the twin, in its order; None where it was not answered or cannot be observed."""
    given = {answer.id: answer for answer in answers}
    compared = []
    for check in checks:
        answer = given.get(check.id)
        compared.append(
            SelfCheckAnswer(
                id=check.id,
                answer=answer.answer if answer else None,
                observed=seen.get(check.observes) if check.observes else None,
                forced=bool(answer and answer.forced),
                reason=answer.reason if answer else "",
            )
        )
    return tuple(compared)


def flags(checks: Iterable[SelfCheck], answers: Iterable[SelfCheckAnswer]) -> tuple[Flag, ...]:
    """What a mentor must look at: forced answers, and answers that do not match what was found."""
    kinds = {check.id: check for check in checks}
    found: list[Flag] = []
    for answer in answers:
        question = kinds[answer.id].question
        if answer.forced:
            found.append(Flag(id="forced_self_check", detail=f"{answer.id} was forced: {answer.reason}"))
        elif answer.answer is False and kinds[answer.id].kind is SelfCheckKind.CRITICAL:
            found.append(Flag(id="failed_self_check", detail=f"{answer.id} ({question}) was answered no, not forced"))
        if answer.contradicted:
            said, seen = ("yes", "no") if answer.answer else ("no", "yes")
            found.append(
                Flag(id="self_check_mismatch", detail=f"{answer.id} ({question}) was answered {said}; found: {seen}")
            )
    return tuple(found)
