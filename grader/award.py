"""WALK: the best signed-off result of a learner -> a signed credential, and its standing in the ledger."""

import json
from dataclasses import dataclass

from grader.attempts import Reading, Request
from grader.domain import facts
from grader.domain.attempt_events import CredentialIssued, PersonId
from grader.domain.credential import Earned, to_credential
from grader.domain.enrollment import Award, Enrollment, attempt_stream
from grader.domain.instant import Instant
from grader.domain.ledger import canonical
from grader.domain.refusal import Refusal
from grader.domain.twin import Twin, TwinId
from grader.errors import StreamMoved
from grader.ports import Contents, People, Records, Signed, Signer
from grader.review.standing import earned, revocation

TRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports of this walk."""

    records: Records
    contents: Contents
    people: People
    signer: Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whose credential at which twin, and what it shall say beyond the ledger.

    `issuer` is the name that people read; `subject` a URI of the learner's, empty for an opaque one.
    """

    learner: PersonId
    twin: Twin
    issuer: str
    subject: str = ""
    evidence: tuple[str, ...] = ()


def issue(wish: Wish, tools: Tools, request: Request) -> Signed | Refusal:
    """Sign for the best result and record it; while it is in force, asking again gives the same files again."""
    for _ in range(TRIES):
        reading = Reading(tools.records)
        enrollment = reading.enrollment(wish.learner, wish.twin.id)
        if enrollment.active and (kept := tools.contents.get(enrollment.active.issued.document)):
            return Signed(**json.loads(kept))
        answer = earned(enrollment)
        if isinstance(answer, Refusal):
            return answer
        told = _earned(reading, enrollment, wish, tools.people, request.received_at)
        signed = _signed(told, wish, tools.signer)
        document = canonical({"document": signed.document, "jwt": signed.jwt}).encode()
        event = CredentialIssued(
            credential=told.id,
            attempt=answer.attempt,
            run=answer.run,
            sign_off=answer.sign_off,
            total=answer.total,
            document=tools.contents.keep(document),
            head=told.head.hash,
        )
        try:
            reading.append([facts.draft(enrollment.stream, request.received_at, event)], request)
        except StreamMoved:
            continue
        return signed
    raise StreamMoved(f"the enrollment of {wish.learner} is too busy; try again")


def revoke(learner: PersonId, twin: Twin, reason: str, records: Records, request: Request) -> str | Refusal:
    """Take the credential in force back; the answer is its id."""
    for _ in range(TRIES):
        reading = Reading(records)
        enrollment = reading.enrollment(learner, twin.id)
        event = revocation(enrollment, reason)
        if isinstance(event, Refusal):
            return event
        try:
            reading.append([facts.draft(enrollment.stream, request.received_at, event)], request)
        except StreamMoved:
            continue
        return event.credential
    raise StreamMoved(f"the enrollment of {learner} is too busy; try again")


def standing(credential: str, records: Records) -> Award | None:
    """How this installation's ledger has the credential stand; None when it knows none of that id."""
    streams = {entry.stream for entry in records.entries("enrollment/") if credential in entry.body}
    for stream in streams:
        _, learner, twin = stream.split("/", 2)
        enrollment = Reading(records).enrollment(PersonId(learner), TwinId(twin))
        for award in enrollment.awards:
            if award.issued.credential == credential:
                return award
    return None


def _signed(told: Earned, wish: Wish, signer: Signer) -> Signed:
    return signer.sign(lambda issuer: to_credential(told, issuer, wish.issuer))


def _earned(reading: Reading, enrollment: Enrollment, wish: Wish, people: People, now: Instant) -> Earned:
    result = enrollment.best
    if result is None:
        raise ValueError(f"nothing was signed off for {enrollment.learner}")
    stream = reading.stream(attempt_stream(result.attempt))
    return Earned(
        twin=wish.twin,
        attempt=facts.fold_attempt(result.attempt, stream),
        result=result,
        head=stream[-1],
        learner=people.login_of(wish.learner) or wish.learner,
        subject=wish.subject,
        evidence=wish.evidence,
        ordinal=len(enrollment.awards) + 1,
        issued_at=now,
    )
