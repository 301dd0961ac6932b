"""A learner's minimal repro, `grader/repro/1`: read strictly, bounded, with one line for each mistake."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.domain.case_facts import Repro
from grader.errors import SubmissionRejected

MOST_BYTES = 64 * 1024
Turn = Annotated[str, Field(min_length=1, max_length=4000)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_: Annotated[Literal["grader/repro/1"], Field(alias="schema")]
    turns: Annotated[list[Turn], Field(min_length=1, max_length=12)]
    stream: bool = False
    failure_class: Annotated[str, Field(max_length=60)]
    file: Annotated[str, Field(max_length=200)]
    symbol: Annotated[str, Field(max_length=100)] = ""
    customer: Annotated[str, Field(max_length=60)] = ""


def read_repro(content: bytes, *, where: str) -> Repro:
    """The repro; raises SubmissionRejected naming the field and what is wrong with it."""
    if len(content) > MOST_BYTES:
        raise SubmissionRejected(f"{where}: larger than {MOST_BYTES // 1024} KiB")
    try:
        file = _File.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SubmissionRejected(f"{where}: {field or 'the document'}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise SubmissionRejected(f"{where}: not JSON") from None
    return Repro(
        turns=tuple(file.turns),
        stream=file.stream,
        failure_class=file.failure_class,
        file=file.file,
        symbol=file.symbol,
        customer=file.customer,
    )
