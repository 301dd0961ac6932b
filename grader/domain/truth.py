"""The answer key of a case for prose: what a truthful post-mortem can say, and what none may say."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement that can be recognised in prose.

    `wordings` are phrases, compared word by word without case, markup or punctuation; a clause that denies one
    ("no card numbers were exposed") does not make the claim. `says` is the sentence shown to a mentor.
    """

    id: str
    says: str
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A fact of the incident's own timeline: when it happened, and the phrases by which a row names it."""

    id: str
    at: datetime
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCount:
    """How many were affected, and the words for what is counted (`customers`, `conversations`)."""

    value: int
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTruth:
    """What is true of one case. Every field may be empty: what is not known is not judged.

    `components` are names of the defective part as people write them (`app/prompt.py`, `prompt.build`, `prompt
    builder`); `inventory` names every part of the application, the defective one included; `fault` holds phrases for
    the failure class (`no documents`, `empty retrieval`, `grounding rule`); `trigger` holds names of what set it off
    (commit ids, the change's subject). `did_not_happen` and `forbidden` are claims that contradict the case.
    """

    components: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    fault: tuple[str, ...] = ()
    trigger: tuple[str, ...] = ()
    affected: AffectedCount | None = None
    moments: tuple[Moment, ...] = ()
    did_not_happen: tuple[Claim, ...] = ()
    forbidden: tuple[Claim, ...] = ()
