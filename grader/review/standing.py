"""Which sign-off counts for the learner, and whether a credential still says so."""

from grader.domain import attempt_events as ev
from grader.domain.attempt_events import AttemptId
from grader.domain.enrollment import Enrollment
from grader.domain.refusal import Refusal, Rule


def on_sign_off(
    enrollment: Enrollment, attempt: AttemptId, sign_off: ev.SignedOff, seq: int
) -> tuple[ev.ResultSigned | ev.CredentialSuperseded, ...]:
    """What a sign-off, entry `seq` of its attempt's stream, does to the enrollment.

    The active credential is superseded when it no longer tells the best result: a better attempt was signed off, or
    the attempt that it tells of was signed off again with other points or skills.
    """
    if not sign_off.final:
        return ()
    result = ev.ResultSigned(
        attempt=attempt,
        run=sign_off.run,
        sign_off=seq,
        points=sign_off.points,
        skills=sign_off.skills,
        total=sign_off.total,
        passed=sign_off.passed,
    )
    award, best = enrollment.active, enrollment.best_with(result)
    if award is None or _says(award.result) == _says(best):
        return (result,)
    return (result, ev.CredentialSuperseded(credential=award.issued.credential, attempt=best.attempt))


def earned(enrollment: Enrollment) -> ev.ResultSigned | Refusal:
    """The result that a new credential tells, or why there is none."""
    if enrollment.active:
        credential = enrollment.active.issued.credential
        message = f"credential_active: {credential} is in force; revoke it first if it is wrong"
        return Refusal(rule=Rule.CREDENTIAL_ACTIVE, message=message)
    best = enrollment.best
    if best is None:
        return Refusal(rule=Rule.NOT_SIGNED_OFF, message="not_signed_off: no attempt is signed off yet")
    if not best.passed:
        message = f"not_passed: the best result is {best.total / 20:.2f} %, below the pass mark"
        return Refusal(rule=Rule.NOT_PASSED, message=message)
    return best


def revocation(enrollment: Enrollment, reason: str) -> ev.CredentialRevoked | Refusal:
    """Take the active credential back, with a reason."""
    if enrollment.active is None:
        return Refusal(rule=Rule.NO_CREDENTIAL, message="no_credential: none is in force")
    if not reason.strip():
        return Refusal(rule=Rule.REASON_NEEDED, message="reason_needed: taking a credential back needs a reason")
    return ev.CredentialRevoked(credential=enrollment.active.issued.credential, reason=reason.strip())


def _says(result: ev.ResultSigned) -> object:
    return result.attempt, dict(result.points), dict(result.skills)
