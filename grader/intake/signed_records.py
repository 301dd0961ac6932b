"""Signed-off results -> pairs of what was proposed and what a mentor decided.

Read are `grader/attempt/1` documents (`grader attempt show --json`) and `grader/record/1` documents that carry the
mentor's `decisions` (`[{"dimension": ..., "points": ...}]`); several in one file stand one a line.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.domain.agreement import Pair
from grader.domain.score import DimensionId, Points, ScoredBy, from_decimal
from grader.errors import InputInvalid

Score = Annotated[float, Field(ge=0, le=1)]


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Decision(_Loose):
    dimension: str = ""
    points: Score
    pre_score: Score | None = None


class _PreScore(_Loose):
    dimension: str
    points: Score | None
    scored_by: ScoredBy = ScoredBy.RULES


class _RecordFile(_Loose):
    schema_: Annotated[Literal["grader/record/1"], Field(alias="schema")]
    pre_scores: list[_PreScore]
    decisions: list[_Decision] = []


class _SignOff(_Loose):
    points: dict[str, Score]


class _Dimension(_Loose):
    id: str
    pre_score: Score | None = None
    scored_by: ScoredBy = ScoredBy.RULES
    decision: _Decision | None = None


class _AttemptFile(_Loose):
    schema_: Annotated[Literal["grader/attempt/1"], Field(alias="schema")]
    dimensions: list[_Dimension]
    sign_offs: list[_SignOff] = []


def read_pairs(content: bytes, *, where: str) -> tuple[Pair, ...]:
    """The pairs in a file; none when nothing in it is signed off. Raises InputInvalid naming the file and the field."""
    return tuple(pair for document in _documents(content, where) for pair in _pairs(document, where))


def _documents(content: bytes, where: str) -> list[Any]:
    try:
        text = content.decode("utf-8-sig")
        try:
            return [json.loads(text)]
        except json.JSONDecodeError:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise InputInvalid(f"{where}: not JSON: {error}") from None


def _pairs(document: Any, where: str) -> Iterator[Pair]:  # noqa: ANN401 - parsed JSON of any shape
    schema = document.get("schema") if isinstance(document, dict) else None
    try:
        if schema == "grader/record/1":
            yield from _of_record(_RecordFile.model_validate(document))
        elif schema == "grader/attempt/1":
            yield from _of_attempt(_AttemptFile.model_validate(document))
        else:
            raise InputInvalid(f"{where}: expected grader/record/1 or grader/attempt/1, found {str(schema)[:40]!r}")
    except ValidationError as error:
        first = error.errors()[0]
        raise InputInvalid(f"{where}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    except ValueError as error:
        raise InputInvalid(f"{where}: {error}") from None


def _of_record(file: _RecordFile) -> Iterator[Pair]:
    decided = {decision.dimension: decision.points for decision in file.decisions}
    for score in file.pre_scores:
        if score.points is not None and score.dimension in decided:
            yield _pair(score.dimension, score.scored_by, score.points, decided[score.dimension])


def _of_attempt(file: _AttemptFile) -> Iterator[Pair]:
    """Only signed-off attempts count; the pre-score is the one that the mentor saw."""
    signed = file.sign_offs[-1].points if file.sign_offs else {}
    for dimension in file.dimensions:
        seen = dimension.decision.pre_score if dimension.decision else None
        proposed = seen if seen is not None else dimension.pre_score
        if proposed is not None and dimension.id in signed:
            yield _pair(dimension.id, dimension.scored_by, proposed, signed[dimension.id])


def _pair(dimension: str, scorer: ScoredBy, proposed: float, decided: float) -> Pair:
    points: tuple[Points, Points] = (from_decimal(proposed), from_decimal(decided))
    return Pair(dimension=DimensionId(dimension), scorer=scorer, proposed=points[0], decided=points[1])
