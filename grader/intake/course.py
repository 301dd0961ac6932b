"""The course's file in its submissions repository, `.github/grader.toml`: case, mentors, how credentials are delivered.

schema = "grader/course/1"
twin = "jt-incident-4"
case = "airline-refund"
credentials = "commit"                      # or "artifact"

[[mentors]]
id = 1002                                   # the numeric account id: a login can change hands
login = "mia"                               # who is called when a review waits too long
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from grader.domain.twin import TwinId
from grader.errors import SettingsInvalid

PATH = ".github/grader.toml"
MAX_BYTES = 256 * 1024
Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Delivery(StrEnum):
    """Where a credential goes."""

    COMMIT = "commit"
    """Into the folder `credentials/` of the submissions repository."""
    ARTIFACT = "artifact"
    """Attached to the workflow run that issued it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What an operator set; `mentors` are logins by numeric account id, empty where the file names none."""

    twin: TwinId
    case: str
    mentors: Mapping[int, str]
    credentials: Delivery


class _Mentor(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[int, Field(gt=0)]
    login: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][A-Za-z0-9-]{0,38})?$")] = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    schema_: Annotated[Literal["grader/course/1"], Field(alias="schema")]
    twin: Slug = "jt-incident-4"
    case: Slug
    credentials: Delivery = Delivery.COMMIT
    mentors: list[_Mentor] = []


def read_course(content: bytes | None) -> Course:
    """The course in the file's bytes; raises SettingsInvalid that names the file and the field."""
    if content is None:
        raise SettingsInvalid(f"{PATH} is missing on the default branch; copy it from examples/submissions-repo")
    if len(content) > MAX_BYTES:
        raise SettingsInvalid(f"{PATH}: larger than {MAX_BYTES // 1024} KiB")
    try:
        file = _File.model_validate(tomllib.loads(content.decode()))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsInvalid(f"{PATH}: {field}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{PATH}: {error}") from None
    mentors = {mentor.id: mentor.login for mentor in file.mentors}
    if not mentors:
        raise SettingsInvalid(f"{PATH}: name at least one mentor ([[mentors]] with the numeric account id)")
    return Course(twin=TwinId(file.twin), case=file.case, mentors=mentors, credentials=file.credentials)
