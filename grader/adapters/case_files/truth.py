"""`grader/truth.yaml`: what a truthful post-mortem of the case can say, and what none may say."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from grader.adapters.case_files.folder import Folder
from grader.adapters.case_files.schema import Name, Strict, Text
from grader.domain.truth import AffectedCount, CaseTruth, Claim, Moment

PATH = "grader/truth.yaml"


class _Claim(Strict):
    id: Name
    says: Text
    wordings: Annotated[list[Text], Field(min_length=1)]


class _Moment(Strict):
    id: Name
    at: Annotated[datetime, Field(strict=False)]
    wordings: Annotated[list[Text], Field(min_length=1)]


class _Affected(Strict):
    value: int
    units: Annotated[list[Text], Field(min_length=1)]


class _Truth(Strict):
    schema_: Annotated[Literal["grader/truth/1"], Field(alias="schema")]
    components: list[Text]
    inventory: list[Text] = Field(default=[])
    fault: list[Text] = Field(default=[])
    trigger: list[Text] = Field(default=[])
    affected: _Affected | None = None
    moments: list[_Moment] = Field(default=[])
    did_not_happen: list[_Claim] = Field(default=[])
    forbidden: list[_Claim] = Field(default=[])


def read(folder: Folder) -> CaseTruth:
    """The truth of one case; CaseBroken names file, line and field of the first mistake."""
    file = folder.yaml(PATH, _Truth)
    affected = AffectedCount(value=file.affected.value, units=tuple(file.affected.units)) if file.affected else None
    return CaseTruth(
        components=tuple(file.components),
        inventory=tuple(file.inventory),
        fault=tuple(file.fault),
        trigger=tuple(file.trigger),
        affected=affected,
        moments=tuple(Moment(id=m.id, at=m.at, wordings=tuple(m.wordings)) for m in file.moments),
        did_not_happen=tuple(map(_claim, file.did_not_happen)),
        forbidden=tuple(map(_claim, file.forbidden)),
    )


def _claim(claim: _Claim) -> Claim:
    return Claim(id=claim.id, says=claim.says, wordings=tuple(claim.wordings))
