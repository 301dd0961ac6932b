"""Records as files (`grader/record/1`): encode, and decode strictly.

Promise: `decode(encode(record)) == record`, and any bytes give a Record or one InputInvalid that names the field.
Unknown fields are refused: a record may come from a job that held untrusted code. The shapes are those of
`grader.domain.record`; only what JSON cannot say is said differently (points as decimals, times as `…Z`, the window in
minutes).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar, cast

import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from grader.domain.record import Provenance, Record
from grader.domain.score import Cap, Points, PreScore, as_decimal, from_decimal
from grader.domain.timeline import Timeline
from grader.errors import InputInvalid

T = TypeVar("T")

SCHEMA = "grader/record/1"
MAX_BYTES = 8 * 1024 * 1024
GRID = 2000
"""An overall is a sum of whole percents times twentieths, hence a multiple of 1/2000."""


def encode(record: Record) -> dict[str, Any]:
    """The record as one JSON object."""
    return {"schema": SCHEMA, **_CODEC.unstructure(record)}


def decode(content: bytes, *, where: str) -> Record:
    """The record in `content`; raises InputInvalid that starts with `where` and names the field."""
    if len(content) > MAX_BYTES:
        raise InputInvalid(f"{where}: larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputInvalid(f"{where}: not JSON: {error}") from None
    if not isinstance(document, dict) or document.pop("schema", None) != SCHEMA:
        raise InputInvalid(f"{where}: not a {SCHEMA} document")
    try:
        return _CODEC.structure(document, Record)
    except cattrs.BaseValidationError as error:
        raise InputInvalid(f"{where}: {cattrs.transform_error(error)[0].replace('$.', '', 1)}") from None


def _scalar(value: object, wanted: type[T]) -> T:
    """JSON values are taken as they are: no `"1"` for 1, no 1 for true; an integer will do for a float."""
    fits = type(value) in (int, float) if wanted is float else type(value) is wanted
    if not fits:
        raise TypeError(f"expected {wanted.__name__}")
    return cast(T, value)


def _word(value: object, wanted: type[StrEnum]) -> StrEnum:
    return wanted(_scalar(value, str))


def _moment(value: object, _: type) -> datetime:
    moment = datetime.fromisoformat(_scalar(value, str))
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return moment.astimezone(UTC)


def _as_z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _fraction(value: object, _: type) -> Fraction:
    exact = Fraction(round(_scalar(value, float) * GRID), GRID)
    if not 0 <= exact <= 1 or abs(exact - Fraction(_scalar(value, float))) > Fraction(1, 10**9):
        raise ValueError("not a weighted average of points")
    return exact


def _pre_score(value: PreScore) -> dict[str, Any]:
    return {
        "dimension": value.dimension,
        "points": None if value.points is None else as_decimal(value.points),
        "reason": value.reason,
        "caps": [cap.reason for cap in value.caps],
        "applied_caps": [{"id": cap.id, "at": as_decimal(cap.at), "reason": cap.reason} for cap in value.caps],
        "confidence": value.confidence.value,
        "scored_by": value.scored_by.value,
        "evidence": _CODEC.unstructure(value.evidence),
    }


def _read_pre_score(value: object, _: type) -> PreScore:
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    fields = dict(value)
    caps = fields.pop("caps", [])
    fields["caps"] = fields.pop("applied_caps", [])
    found = _PLAIN_PRE_SCORE(fields, PreScore)
    if caps != [cap.reason for cap in found.caps]:
        raise ValueError("caps and applied_caps disagree")
    return found


def _timeline(value: Timeline) -> dict[str, Any]:
    return {
        "opened_at": _as_z(value.opened_at),
        "window_minutes": value.window.total_seconds() / 60,
        "events": _CODEC.unstructure(value.events),
    }


def _codec() -> cattrs.Converter:
    codec = cattrs.Converter(forbid_extra_keys=True)
    codec.register_structure_hook_func(lambda t: t in (bool, int, float, str), _scalar)
    codec.register_structure_hook_func(lambda t: isinstance(t, type) and issubclass(t, StrEnum), _word)
    codec.register_structure_hook_func(lambda t: t is Points, lambda value, _: from_decimal(_scalar(value, float)))
    codec.register_structure_hook(datetime, _moment)
    codec.register_unstructure_hook(datetime, _as_z)
    codec.register_structure_hook(Fraction, _fraction)
    codec.register_unstructure_hook(Fraction, float)
    codec.register_structure_hook(timedelta, lambda value, _: timedelta(minutes=_scalar(value, float)))
    codec.register_structure_hook(
        Timeline,
        make_dict_structure_fn(
            Timeline, codec, window=override(rename="window_minutes"), _cattrs_forbid_extra_keys=True
        ),
    )
    codec.register_unstructure_hook(Timeline, _timeline)
    codec.register_unstructure_hook(PreScore, _pre_score)
    trees = override(unstruct_hook=dict, struct_hook=_trees)
    codec.register_unstructure_hook(Provenance, make_dict_unstructure_fn(Provenance, codec, trees=trees))
    codec.register_structure_hook(
        Provenance, make_dict_structure_fn(Provenance, codec, trees=trees, _cattrs_forbid_extra_keys=True)
    )
    return codec


def _trees(value: object, _: type) -> tuple[tuple[str, str], ...]:
    return tuple((_scalar(name, str), _scalar(digest, str)) for name, digest in _scalar(value, dict).items())


_CODEC = _codec()
_PLAIN_PRE_SCORE = make_dict_structure_fn(PreScore, _CODEC, _cattrs_forbid_extra_keys=True)
_CODEC.register_structure_hook(PreScore, _read_pre_score)
_CODEC.register_structure_hook(Cap, make_dict_structure_fn(Cap, _CODEC, _cattrs_forbid_extra_keys=True))
