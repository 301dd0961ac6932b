"""Reads what a recipe asks pip for, and refuses whatever would run code or read files on the host."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from grader.domain.sandbox import EnvironmentRecipe
from grader.errors import InputInvalid

COMMENT = re.compile(r"(^|\s)#.*$")
HASH = re.compile(r"\s+--hash[= ]\S+")
PLAIN_OPTIONS = frozenset({"--pre", "--prefer-binary", "--require-hashes"})
INDEX_OPTIONS = frozenset({"-i", "--index-url", "--extra-index-url", "--trusted-host"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A recipe that may be handed to pip: requirement lines, and specifiers to install without what they depend on."""

    lines: tuple[str, ...]
    alone: tuple[str, ...]
    names: frozenset[str]
    hashed: bool


def read(recipe: EnvironmentRecipe) -> Wanted:
    """Check every line; raises InputInvalid naming the first one that is refused."""
    lines: list[str] = []
    names: set[str] = set()
    for where, line in _lines(recipe):
        if not line.startswith("-"):
            names.add(_name(where, line))
        elif not _option_is_allowed(line):
            raise InputInvalid(f"{where}: {line!r}: only named packages can be installed; take this line out")
        lines.append(line)
    alone = tuple(spec.strip() for spec in recipe.installs_no_deps)
    names.update(_name("--install-no-deps", spec) for spec in alone)
    hashed = any("--hash" in line or line == "--require-hashes" for line in lines)
    return Wanted(lines=tuple(lines), alone=alone, names=frozenset(names), hashed=hashed)


def _lines(recipe: EnvironmentRecipe) -> Iterator[tuple[str, str]]:
    text = (recipe.requirements or "").lstrip("\ufeff").replace("\r\n", "\n")
    joined = re.sub(r"\\\n", " ", text)
    for line in joined.split("\n"):
        bare = COMMENT.sub("", line).strip()
        if bare:
            yield "requirements", bare
    for spec in recipe.installs:
        yield "--install", spec.strip()


def _option_is_allowed(line: str) -> bool:
    option, _, value = line.replace("=", " ", 1).partition(" ")
    if option in PLAIN_OPTIONS:
        return not value
    if option == "--trusted-host":
        return bool(value)
    return option in INDEX_OPTIONS and urlsplit(value.strip()).scheme in {"http", "https"}


def _name(where: str, line: str) -> str:
    try:
        requirement = Requirement(HASH.sub("", line))
    except InvalidRequirement:
        raise InputInvalid(f"{where}: {line!r} is not a package specifier such as `requests>=2`") from None
    if requirement.url and not _is_wheel(requirement.url):
        raise InputInvalid(f"{where}: {line!r}: only the http(s) address of a wheel can be installed by address")
    return canonicalize_name(requirement.name)


def _is_wheel(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and parts.path.endswith(".whl")
