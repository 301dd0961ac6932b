"""Fills a case's templates for one deployment: `{{slot}}` and `{{slot.part}}`, chosen by the deployment's secret."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Option = str | Mapping[str, str | int | float]
T = TypeVar("T")
_SLOT = re.compile(r"\{\{\s*([a-z0-9_-]+)(?:\.([a-z0-9_-]+))?\s*\}\}")


@dataclass(frozen=True, slots=True)
class Instance:
    """One deployment's choices for one case; two secrets choose differently, one secret always the same."""

    secret: str
    case: str

    def number(self, *labels: str) -> int:
        """A large number that depends on the secret, the case and the labels only."""
        message = "\x1f".join((self.case, *labels)).encode()
        return int.from_bytes(hmac.digest(self.secret.encode(), message, hashlib.sha256)[:8], "big")

    def choose(self, options: Sequence[T], *labels: str) -> T:
        """One of the options."""
        return options[self.number(*labels) % len(options)]

    def slots(self, declared: Mapping[str, Sequence[Option]], *labels: str) -> dict[str, Option]:
        """A choice for every declared slot."""
        return {name: self.choose(options, "slot", name, *labels) for name, options in declared.items()}

    def session(self, probe: str) -> str:
        """A session id that tells nothing about the probe."""
        return f"{self.number('session', probe):016x}"


def fill(data: Any, slots: Mapping[str, Option]) -> Any:  # noqa: ANN401 - plain YAML data
    """Plain data with every slot in its texts filled; KeyError names a slot or a part that is not declared."""
    match data:
        case str():
            return _SLOT.sub(lambda found: _text(found, slots), data)
        case list():
            return [fill(item, slots) for item in data]
        case dict():
            return {key: fill(value, slots) for key, value in data.items()}
        case _:
            return data


def _text(found: re.Match[str], slots: Mapping[str, Option]) -> str:
    name, part = found.groups()
    option = slots[name]
    if isinstance(option, str):
        if part is not None:
            raise KeyError(f"{name}.{part}")
        return option
    if part is None or part not in option:
        raise KeyError(f"{name}.{part}" if part else name)
    return str(option[part])
