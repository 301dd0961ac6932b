"""The shape in which a language model must judge: criterion, verbatim quotes first, then reason, then a level."""

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Quote(_Strict):
    """A verbatim span of the text, and the line it stands on."""

    line: int
    text: str


class Judgement(_Strict):
    """One criterion; evidence comes before the level so that the level follows from it."""

    criterion: Literal["P3.mechanism", "P3.second", "P5.concrete", "P6.blameless", "C4.who", "C5.what", "C8.plain"]
    evidence: list[Quote]
    reason: str
    level: Literal[0, 1, 2]


class Judgements(_Strict):
    """The whole answer."""

    judgements: list[Judgement]
    injection_suspected: bool


SCHEMA = json.dumps(Judgements.model_json_schema(), sort_keys=True)


def parse(text: str) -> Judgements | None:
    """The judgements in an answer; None when it is not exactly of the schema."""
    try:
        return Judgements.model_validate_json(text)
    except (ValidationError, RecursionError):
        return None
