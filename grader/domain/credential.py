"""What a passed, signed-off attempt earns, as an Open Badges 3.0 AchievementCredential over VC Data Model 2.0.

Built from the ledger alone and not signed yet. All numbers are text, as the specification wants them.
Source: 1EdTech, Open Badges Specification 3.0, sections B.1 (data models) and the RubricScore and Percent result types.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from grader.domain.attempt import Attempt
from grader.domain.attempt_events import ResultSigned
from grader.domain.instant import Instant, to_datetime
from grader.domain.ledger import Entry, digest
from grader.domain.score import DimensionId
from grader.domain.twin import Twin

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """Everything that a credential tells. `subject` is a URI of the learner's, empty for an opaque one.

    `head` is the last entry of the attempt's stream: its hash anchors the ledger outside the database. `evidence` are
    addresses where the report can be read. `ordinal` counts the credentials of the same enrollment from 1.
    """

    twin: Twin
    attempt: Attempt
    result: ResultSigned
    head: Entry
    learner: str
    subject: str
    evidence: tuple[str, ...]
    ordinal: int
    issued_at: Instant

    @property
    def id(self) -> str:
        """The credential's id; the same sign-off issued again has the same one."""
        return _urn(f"{self.head.stream}/{self.result.sign_off}/{self.ordinal}")


def to_credential(earned: Earned, issuer: str, name: str) -> dict[str, Any]:
    """The document to be signed by `issuer`, a DID; `name` is what people call it."""
    return {
        "@context": list(CONTEXTS),
        "id": earned.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": earned.twin.title,
        "issuer": {"id": issuer, "type": ["Profile"], "name": name},
        "validFrom": _seconds(earned.issued_at),
        "awardedDate": _seconds(_signed_at(earned)),
        "credentialSubject": _subject(earned),
        "evidence": _evidence(earned),
    }


def _subject(earned: Earned) -> dict[str, Any]:
    submission = earned.attempt.submission
    salt = digest(earned.id.encode())[:16]
    hashed = digest(f"{earned.learner}{salt}".encode())
    return {
        "id": earned.subject or _urn(f"learner/{earned.attempt.started.learner}"),
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": f"sha256${hashed}",
                "identityType": "userName",
                "salt": salt,
            }
        ],
        "activityStartDate": _seconds(earned.attempt.started.opened_at),
        "activityEndDate": _seconds(submission.at if submission else earned.attempt.started.deadline),
        "achievement": _achievement(earned),
        "result": _results(earned),
    }


def _achievement(earned: Earned) -> dict[str, Any]:
    twin, terms = earned.twin, earned.attempt.terms
    rubric = ", ".join(f"{_title(twin, dimension)} {weight} %" for dimension, weight in terms.rubric)
    return {
        "id": _urn(f"twin/{terms.twin}/{terms.twin_digest}"),
        "type": ["Achievement"],
        "achievementType": "Assessment",
        "name": twin.title,
        "description": f"{twin.title}: {twin.live_minutes} minutes live, then a post-mortem, on the server's clock.",
        "criteria": {
            "narrative": f"Weighted rubric ({rubric}); pass mark {terms.pass_percent} %; every score confirmed or "
            "changed, and signed off, by a mentor."
        },
        "resultDescription": _descriptions(earned),
    }


def _descriptions(earned: Earned) -> list[dict[str, Any]]:
    terms = earned.attempt.terms
    rubric = [
        {
            "id": _description(earned, dimension),
            "type": ["ResultDescription"],
            "name": _title(earned.twin, dimension),
            "resultType": "RubricScore",
            "valueMin": "0.00",
            "valueMax": "1.00",
        }
        for dimension in terms.weights
    ]
    total = {
        "id": _description(earned, "total"),
        "type": ["ResultDescription"],
        "name": "Weighted total",
        "resultType": "Percent",
        "valueMin": "0",
        "valueMax": "100",
        "requiredValue": str(terms.pass_percent),
    }
    skills = [
        {
            "id": _description(earned, skill),
            "type": ["ResultDescription"],
            "name": f"Skill weight: {skill}",
            "resultType": "ext:SkillWeight",
            "valueMin": "0.00",
            "valueMax": _hundredths(terms.ceilings[skill]),
            "alignment": [_alignment(skill)],
        }
        for skill in earned.result.skills
    ]
    return [*rubric, total, *skills]


def _results(earned: Earned) -> list[dict[str, Any]]:
    points, result = earned.result.points, earned.result
    rubric = [(dimension, _hundredths(5 * points[dimension])) for dimension in earned.attempt.terms.weights]
    values = [*rubric, ("total", f"{result.total / 20:.2f}")]
    plain = [
        {"type": ["Result"], "resultDescription": _description(earned, name), "value": value} for name, value in values
    ]
    skills = [
        {
            "type": ["Result"],
            "resultDescription": _description(earned, skill),
            "value": _hundredths(weight),
            "alignment": [_alignment(skill)],
        }
        for skill, weight in result.skills.items()
    ]
    return [*plain, *skills]


def _evidence(earned: Earned) -> list[dict[str, Any]]:
    run = earned.attempt.runs[earned.result.run - 1]
    head = earned.head
    record = {
        "type": ["Evidence"],
        "name": "Record of the grader's run",
        "description": f"sha256:{run.record}",
        "narrative": f"Run {run.number} of grader {run.grader}; proposals and decisions stand side by side.",
    }
    ledger = {
        "type": ["Evidence"],
        "name": "Head of the ledger",
        "description": f"sha256:{head.hash}",
        "narrative": f"Entry {head.seq} of stream {head.stream}; every entry before it follows from this hash.",
    }
    links = [{"id": url, "type": ["Evidence"], "name": "Report"} for url in earned.evidence]
    return [*links, record, ledger]


def _signed_at(earned: Earned) -> Instant:
    return next(s.at for s in earned.attempt.sign_offs if s.seq == earned.result.sign_off)


def _title(twin: Twin, dimension: DimensionId) -> str:
    """The dimension's title today; its id when the twin has dropped it since the attempt began."""
    return next((each.title for each in twin.dimensions if each.id == dimension), dimension)


def _alignment(skill: str) -> dict[str, Any]:
    return {"type": ["Alignment"], "targetName": skill, "targetUrl": _urn(f"skill/{skill}"), "targetCode": skill}


def _description(earned: Earned, name: str) -> str:
    return _urn(f"twin/{earned.attempt.terms.twin_digest}/result/{name}")


def _urn(name: str) -> str:
    """A URN that only depends on the name (RFC 4122 version 5)."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:grader:{name}").urn


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


def _seconds(instant: Instant) -> str:
    return to_datetime(instant).isoformat(timespec="seconds").replace("+00:00", "Z")
