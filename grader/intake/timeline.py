"""Timeline files (`grader/timeline/1`): bytes -> the server-timed events of one attempt.

Promise: any bytes give a Timeline or one InputInvalid that names the file and the field; nothing else is raised.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from grader.domain.timeline import Outage, Timeline, TimelineEvent, TimelineKind
from grader.errors import InputInvalid

SCHEMA = "grader/timeline/1"
MAX_BYTES = 1024 * 1024
MAX_EVENTS = 2000
MAX_TEXT = 20_000
"""Characters of one event's text; GitHub's own limit of 65,536 for a comment leaves no honest update this long."""
MAX_WINDOW = 7 * 24 * 60
PROBED = "as the server's own probe noted"

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this schema",
    "timezone_aware": "needs a time zone, as in 2026-03-01T12:00:00Z",
    "json_invalid": "is not JSON",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Event(_Strict):
    kind: TimelineKind
    at: AwareDatetime
    author: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = ""
    edited: Annotated[bool, Field(strict=True)] = False
    commit: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{7,64})?$")] = ""


class _Outage(_Strict):
    from_: Annotated[AwareDatetime, Field(alias="from")]
    until: AwareDatetime | None = None


class _File(_Strict):
    schema_: Annotated[Literal["grader/timeline/1"], Field(alias="schema")]
    opened_at: AwareDatetime
    window_minutes: Annotated[int, Field(strict=True, gt=0, le=MAX_WINDOW)]
    events: Annotated[list[_Event], Field(max_length=MAX_EVENTS)]
    outages: Annotated[list[_Outage], Field(max_length=MAX_EVENTS)] = []


def read_timeline(content: bytes, *, where: str) -> Timeline:
    """The timeline in `content`; `where` names the file in messages. Events come back in order of time.

    Events at the same time keep their order. Raises InputInvalid: too large, not UTF-8, not JSON, a field that is
    missing, unknown, of the wrong type or beyond a cap, a key given twice, or a time without a zone.
    """
    if len(content) > MAX_BYTES:
        raise InputInvalid(
            f"{where}: larger than {MAX_BYTES // 1024} KiB; a timeline holds at most {MAX_EVENTS} events"
        )
    try:
        file = _File.model_validate(_parse(content, where))
        return _to_domain(file)
    except ValidationError as error:
        raise InputInvalid(f"{where}: {_first(error)}") from None
    except OverflowError:
        raise InputInvalid(f"{where}: a time is outside the calendar") from None


def _parse(content: bytes, where: str) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputInvalid(f"{where}: not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise InputInvalid(f"{where}: line {error.lineno} column {error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise InputInvalid(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise InputInvalid(f"{where}: {error}") from None


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:40]!r} is given twice")
        found[key] = value
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    return f"{place or 'the document'}: {_WORDS.get(first['type'], first['msg'])}"


def _to_domain(file: _File) -> Timeline:
    events = (
        TimelineEvent(kind=e.kind, at=_utc(e.at), author=e.author, text=e.text, edited=e.edited, commit=e.commit)
        for e in file.events
    )
    return Timeline(
        opened_at=_utc(file.opened_at),
        window=timedelta(minutes=file.window_minutes),
        events=tuple(sorted(events, key=lambda event: event.at)),
        outages=tuple(
            Outage(start=_utc(each.from_), end=_utc(each.until) if each.until else None, why=PROBED)
            for each in file.outages
        ),
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
