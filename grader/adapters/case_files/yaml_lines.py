"""Strict YAML for case authors: every mistake is named by file, line and field."""

from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from grader.errors import CaseBroken

File = TypeVar("File", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Safe, without dates and without yes/no: a date stays the text that was written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if first not in "yYnNoO"
}


def read(text: str, *, where: str) -> tuple[Any, yaml.Node]:
    """Plain data and the nodes that know its lines; raises CaseBroken."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise CaseBroken(f"{where}:1: the file is empty")
            _refuse_duplicates(node, where)
            return loader.construct_document(node), node
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CaseBroken(f"{where}:{line}: {error.problem or 'not YAML'}") from None
    except yaml.YAMLError as error:
        raise CaseBroken(f"{where}:1: not YAML: {error}") from None


def check(schema: type[File], data: object, node: yaml.Node, *, where: str) -> File:
    """Data as its schema; raises CaseBroken for the first mistake."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        found = error.errors()  # a misspelt field is unknown and missing at once: the first tells more
        first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
        line = line_of(node, first["loc"])
        field = ".".join(str(part) for part in first["loc"])
        raise CaseBroken(f"{where}:{line}: {field}: {first['msg']}") from None


def line_of(node: yaml.Node, place: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `place` that the file has."""
    line: int = node.start_mark.line + 1
    for part in place:
        child = _child(node, part)
        if child is None:
            break
        node = child
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                found: yaml.Node = value
                return found
    return None


def _refuse_duplicates(node: yaml.Node, where: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise CaseBroken(f"{where}:{key.start_mark.line + 1}: {key.value}: stands here a second time")
            seen.add(str(key.value))
            _refuse_duplicates(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_duplicates(item, where)
