"""Settings, read once from `GRADER_*` variables; unknown or malformed ones stop start-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from grader.errors import SettingsInvalid

OUTSIDE = frozenset({"GRADER_REQUIRE", "GRADER_TRACEBACK"})
"""Variables with our prefix that are no settings: the test command's required parts, and tracebacks for developers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its default; the variable is `GRADER_` and the field's name in upper case."""

    state: Path = field(default_factory=lambda: platformdirs.user_state_path("grader"))
    """Folder for caches, the ledger and the installation's id."""
    ledger: str = ""
    """Address of the ledger: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`; empty is a file in `state`."""
    issuer: str = ""
    """The `did:web:...` that issues credentials; empty is the `did:key` of the installation's own key."""
    issuer_name: str = "grader"
    """What people call the issuer of credentials."""
    user: str = ""
    """Login of whoever calls `grader attempt` and `grader review`, where `--as` does not say."""
    runtime: str = ""
    """Container runtime to require (`runsc` or `runc`); empty takes the best that passes its self-check."""
    cases: str = ""
    """Folders of private cases, separated by `:`."""
    case_secret: str = ""
    """Fills in the hidden questions of all cases; two deployments with different secrets ask different ones."""
    language_model: str = ""
    """Snapshot of the language model that may adjust prose scores within bounds; empty leaves them to the rules."""
    language_model_url: str = ""
    """Base address of an OpenAI-compatible service; empty is the vendor's own."""
    language_model_key: str = ""
    """Its key."""
    language_model_seconds: int = 60
    """How long one question may take, retries included."""
    language_model_prices: str = ""
    """Price of a million tokens in and out, `IN:OUT`, for the cost in the record; empty counts tokens only."""
    tree_files: int = 2_000
    """How many files a tree that `grader check` reads may have."""
    tree_mib: int = 64
    """How large such a tree may be, in MiB."""
    tree_file_mib: int = 16
    """How large one of its files may be, in MiB."""


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number above 0")
    return number


_PARSE: Mapping[str, Callable[[str], Any]] = {
    "state": Path,
    "language_model_seconds": _positive,
    "tree_files": _positive,
    "tree_mib": _positive,
    "tree_file_mib": _positive,
}


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment; raises SettingsInvalid naming the variable."""
    known = {f"GRADER_{f.name.upper()}": f.name for f in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith("GRADER_") or variable in OUTSIDE:
            continue
        if variable not in known:
            raise SettingsInvalid(f"unknown setting {variable}; known are {', '.join(sorted(known))}")
        name = known[variable]
        try:
            values[name] = _PARSE.get(name, str)(text)
        except ValueError as error:
            raise SettingsInvalid(f"{variable}={text!r} is malformed: {error}") from None
    return Settings(**values)
