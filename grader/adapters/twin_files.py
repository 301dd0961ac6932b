"""Twins from the TOML files in `grader/twins/`."""

import hashlib
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from grader.domain.score import DimensionId, Points, from_decimal
from grader.domain.twin import (
    CapStep,
    DeadlinePolicy,
    Dimension,
    HotfixCaps,
    Observable,
    RegressionCaps,
    Review,
    SelfCheck,
    SelfCheckKind,
    Skill,
    SkillId,
    SpeedStep,
    SubmissionMode,
    Twin,
    TwinId,
)
from grader.errors import InputInvalid, SettingsInvalid

Text = Annotated[str, Field(min_length=1, max_length=400)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Dimension(_Strict):
    id: Text
    title: Text
    weight: int
    tests: Text


class _SelfCheck(_Strict):
    id: Text
    question: Text
    kind: SelfCheckKind
    observes: Observable | None = None


class _Skill(_Strict):
    id: Text
    ceiling: float


class _SpeedStep(_Strict):
    minutes: int
    factor: Annotated[int, Field(ge=0, le=100)]


class _Review(_Strict):
    sla_hours: Annotated[int, Field(gt=0)]
    second_reader: Literal["never", "on_dispute", "always"]
    blind: Literal["off", "until_sign_off"]
    dispute_days: Annotated[int, Field(ge=0)]


def _points(value: float) -> Points:
    return from_decimal(value)


Score = Annotated[float, AfterValidator(_points)]
"""A score as it is printed, kept in points."""


class _CapStep(_Strict):
    below: int
    at: Score


Steps = Annotated[list[_CapStep], Field(min_length=1)]


class _HotfixCaps(_Strict):
    no_product_change: Score
    reported_prompt_unsafe: Score
    public_prompt_quoted: Score
    class_open: Steps
    over_blocking: Steps
    existing_tests_red: Steps


class _RegressionCaps(_Strict):
    not_red_on_base: Score
    rejected: Score
    unstable: Score
    not_behavioural: Score
    over_fitted: Score
    red_on_own_fix: Score
    reported_only_survives: Score


class _TwinFile(_Strict):
    schema_: Annotated[Literal["grader/twin/1"], Field(alias="schema")]
    id: Text
    title: Text
    live_minutes: int
    postmortem_minutes: int
    attempts: int
    pass_percent: int
    at_deadline: DeadlinePolicy
    modes: list[SubmissionMode]
    dimensions: list[_Dimension]
    self_checks: list[_SelfCheck]
    skills: list[_Skill]
    review: _Review
    speed_steps: list[_SpeedStep]
    hotfix_caps: _HotfixCaps
    regression_caps: _RegressionCaps


class TwinFiles:
    """The `Twins` port over a folder of TOML files."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """Read from `folder`; by default from the files shipped with the package."""
        self._folder = folder if folder is not None else files("grader") / "twins"

    def ids(self) -> tuple[TwinId, ...]:
        """All twins there are, sorted."""
        names = (entry.name for entry in self._folder.iterdir())
        return tuple(sorted(TwinId(name.removesuffix(".toml")) for name in names if name.endswith(".toml")))

    def get(self, twin_id: TwinId) -> Twin:
        """The twin with that id; raises InputInvalid or SettingsInvalid as the port says."""
        if twin_id not in self.ids():
            raise InputInvalid(f"unknown twin {twin_id!r}; known are {', '.join(self.ids())}")
        return parse((self._folder / f"{twin_id}.toml").read_bytes(), where=f"{twin_id}.toml")


def parse(content: bytes, *, where: str) -> Twin:
    """A twin from the bytes of its file; raises SettingsInvalid that names file and field."""
    try:
        file = _TwinFile.model_validate(tomllib.loads(content.decode()))
        return _to_domain(file, digest=hashlib.sha256(content).hexdigest())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsInvalid(f"{where}: {field}: {first['msg']}") from None
    except ValueError as error:  # not UTF-8, not TOML, or parts that contradict each other
        raise SettingsInvalid(f"{where}: {error}") from None


def _to_domain(file: _TwinFile, *, digest: str) -> Twin:
    return Twin(
        id=TwinId(file.id),
        title=file.title,
        live_minutes=file.live_minutes,
        postmortem_minutes=file.postmortem_minutes,
        attempts=file.attempts,
        pass_percent=file.pass_percent,
        at_deadline=file.at_deadline,
        modes=tuple(file.modes),
        dimensions=tuple(
            Dimension(id=DimensionId(d.id), title=d.title, weight=d.weight, tests=d.tests) for d in file.dimensions
        ),
        self_checks=tuple(
            SelfCheck(id=s.id, question=s.question, kind=s.kind, observes=s.observes) for s in file.self_checks
        ),
        skills=tuple(Skill(id=SkillId(s.id), ceiling=from_decimal(s.ceiling)) for s in file.skills),
        review=Review(**file.review.model_dump()),
        speed_steps=tuple(SpeedStep(minutes=s.minutes, factor=s.factor) for s in file.speed_steps),
        hotfix_caps=_hotfix_caps(file.hotfix_caps),
        regression_caps=RegressionCaps(**file.regression_caps.model_dump()),
        digest=digest,
    )


def _hotfix_caps(caps: _HotfixCaps) -> HotfixCaps:
    given: dict[str, Any] = {
        name: tuple(CapStep(**step) for step in value) if isinstance(value, list) else value
        for name, value in caps.model_dump().items()
    }
    return HotfixCaps(**given)
