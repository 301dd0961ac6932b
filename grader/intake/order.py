"""Orders as files (`grader/order/1`): how the job that holds the token tells the job that grades what to do.

Promise: `read_order(write_order(order)) == order`, and any bytes give an Order or one InputInvalid.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from grader.domain.order import Order
from grader.domain.submission import SelfCheckAnswer
from grader.domain.timeline import Timeline, TimelineEvent, TimelineKind
from grader.errors import InputInvalid

MAX_BYTES = 48 * 1024 * 1024
"""An archive of the largest size that intake takes, in base64, with room for the timeline."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(_Strict):
    id: str
    answer: Annotated[bool, Field(strict=True)] | None
    forced: Annotated[bool, Field(strict=True)]
    reason: str


class _Event(_Strict):
    kind: TimelineKind
    at: AwareDatetime
    author: str
    text: str
    edited: Annotated[bool, Field(strict=True)]
    commit: str


class _File(_Strict):
    schema_: Annotated[Literal["grader/order/1"], Field(alias="schema")]
    pull: int
    attempt: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    run: Annotated[int, Field(gt=0)]
    twin: str
    case: str
    manifest: str
    archive: str
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})?$")]
    answers: list[_Answer]
    received_at: AwareDatetime
    deadline: AwareDatetime
    opened_at: AwareDatetime
    window_minutes: Annotated[int, Field(gt=0)]
    events: list[_Event]


def write_order(order: Order) -> bytes:
    """The order as one JSON object."""
    document = {
        "schema": "grader/order/1",
        "pull": order.pull,
        "attempt": order.attempt,
        "run": order.run,
        "twin": order.twin,
        "case": order.case,
        "manifest": base64.b64encode(order.manifest).decode(),
        "archive": base64.b64encode(order.archive).decode(),
        "commit": order.commit,
        "answers": [
            {"id": each.id, "answer": each.answer, "forced": each.forced, "reason": each.reason}
            for each in order.answers
        ],
        "received_at": _iso(order.received_at),
        "deadline": _iso(order.deadline),
        "opened_at": _iso(order.timeline.opened_at),
        "window_minutes": order.timeline.window // timedelta(minutes=1),
        "events": [
            {
                "kind": each.kind.value,
                "at": _iso(each.at),
                "author": each.author,
                "text": each.text,
                "edited": each.edited,
                "commit": each.commit,
            }
            for each in order.timeline.events
        ],
    }
    return json.dumps(document, ensure_ascii=False).encode()


def read_order(content: bytes, *, where: str) -> Order:
    """The order in `content`; raises InputInvalid that names the file and the field."""
    if len(content) > MAX_BYTES:
        raise InputInvalid(f"{where}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return _to_domain(_File.model_validate_json(content))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputInvalid(f"{where}: {field}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise InputInvalid(f"{where}: {error}") from None


def _to_domain(file: _File) -> Order:
    return Order(
        pull=file.pull,
        attempt=file.attempt,
        run=file.run,
        twin=file.twin,
        case=file.case,
        manifest=base64.b64decode(file.manifest, validate=True),
        archive=base64.b64decode(file.archive, validate=True),
        commit=file.commit,
        answers=tuple(
            SelfCheckAnswer(id=each.id, answer=each.answer, observed=None, forced=each.forced, reason=each.reason)
            for each in file.answers
        ),
        received_at=file.received_at.astimezone(UTC),
        deadline=file.deadline.astimezone(UTC),
        timeline=Timeline(
            opened_at=file.opened_at.astimezone(UTC),
            window=timedelta(minutes=file.window_minutes),
            events=tuple(
                TimelineEvent(
                    kind=each.kind,
                    at=each.at.astimezone(UTC),
                    author=each.author,
                    text=each.text,
                    edited=each.edited,
                    commit=each.commit,
                )
                for each in file.events
            ),
        ),
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
