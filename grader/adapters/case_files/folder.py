"""One case's folder: reads its files and trees, and names the file in every complaint."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import BaseModel

from grader.adapters.case_files import yaml_lines
from grader.adapters.case_files.instance import Option, fill
from grader.domain import patch
from grader.domain.tree import File, Tree
from grader.errors import CaseBroken

Schema = TypeVar("Schema", bound=BaseModel)
ANEW = "make it anew from the tree it changes, or leave it empty until then (docs/write-a-case.md)"
LEFT_OUT = ("__pycache__", ".pytest_cache", ".DS_Store")


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of one case, by path below its folder."""

    root: Traversable
    name: str

    def where(self, path: str) -> str:
        """How a file is named to people."""
        return f"{self.name}/{path}"

    def at(self, path: str) -> Traversable:
        """A file or folder below this one."""
        place = self.root
        for part in path.split("/"):
            place = place / part
        return place

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.at(path).is_file()

    def content(self, path: str, *, asked_by: str = "") -> bytes:
        """A file's bytes; CaseBroken when there is none."""
        if not self.has(path):
            raise CaseBroken(
                f"{self.where(path)}: the file is missing" + (f" ({asked_by} names it)" if asked_by else "")
            )
        return self.at(path).read_bytes()

    def text(self, path: str, *, asked_by: str = "") -> str:
        """A file's text; CaseBroken when it is not UTF-8."""
        try:
            return self.content(path, asked_by=asked_by).decode()
        except UnicodeDecodeError:
            raise CaseBroken(f"{self.where(path)}: not UTF-8") from None

    def yaml(self, path: str, schema: type[Schema], slots: Mapping[str, Option] | None = None) -> Schema:
        """A YAML file as its schema, slots filled when they are given."""
        data, node = yaml_lines.read(self.text(path), where=self.where(path))
        return yaml_lines.check(schema, self.filled(data, slots, path), node, where=self.where(path))

    def filled(self, data: Any, slots: Mapping[str, Option] | None, path: str) -> Any:  # noqa: ANN401
        """Plain data with its slots filled; CaseBroken names a slot that is not declared."""
        try:
            return data if slots is None else fill(data, slots)
        except KeyError as error:
            lines = self.text(path).splitlines()
            slot = str(error.args[0])
            line = next((n for n, text in enumerate(lines, start=1) if "{{" in text and slot in text), 1)
            raise CaseBroken(f"{self.where(path)}:{line}: {{{{{slot}}}}} is not a declared slot") from None

    def tree(self, path: str) -> Tree:
        """Every file below a folder."""
        return Tree.of(_files(self.at(path), ""))

    def patched(self, tree: Tree, path: str, *, asked_by: str) -> Tree:
        """A tree after one of the case's patches; CaseBroken when it does not fit."""
        try:
            return patch.apply(tree, self.text(path, asked_by=asked_by))
        except ValueError as error:
            raise CaseBroken(f"{self.where(path)}: does not apply: {error}; {ANEW}") from None

    def json_texts(self, path: str) -> list[str]:
        """Every text in a JSON file that is long enough to be a fact."""
        try:
            return list(_texts(json.loads(self.content(path))))
        except ValueError as error:
            raise CaseBroken(f"{self.where(path)}: not JSON: {error}") from None


def _texts(data: object) -> Iterator[str]:
    match data:
        case str() if len(data) > 12:
            yield data
        case list():
            for item in data:
                yield from _texts(item)
        case dict():
            for item in data.values():
                yield from _texts(item)


def _files(folder: Traversable, prefix: str) -> Iterator[File]:
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        if entry.name in LEFT_OUT or entry.name.endswith(".pyc"):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield File(path=f"{prefix}{entry.name}", content=entry.read_bytes())
