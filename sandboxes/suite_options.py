"""Which of base's pytest options a run keeps, and which plugins the image holds. Part of `suite.py`."""

import configparser
import os
import re
import shlex
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from suite_tree import ROOT

INI_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
KEPT_OPTIONS = re.compile(r"--(import-mode|asyncio-mode|ds|dc)(=.*)?")
"""The options of base's `addopts` that say how tests are imported or driven; all others are dropped."""
REORDERING = frozenset({"randomly", "random_order", "random-order", "reverse", "pytest_reverse"})
"""Installed plugins that are left out because the order of tests is the grader's."""


def configuration(modules):
    """Base's pytest configuration as pytest itself would find it: the file (None if there is none) and its addopts."""
    parents = [(ROOT / module).parent for module in modules] or [ROOT]
    folder = Path(os.path.commonpath(parents))
    while True:
        for name in INI_FILES:
            found = pytest_section(folder / name)
            if found is not None:
                return folder / name, addopts(found)
        if folder == ROOT or ROOT not in folder.parents:
            return None, []
        folder = folder.parent


def pytest_section(path):
    """The pytest options in one file; None when the file has none. Python's own parsers, values of any type."""
    try:
        if path.suffix == ".toml":
            return toml_section(path)
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return {} if path.name.lstrip(".") == "pytest.ini" and path.is_file() else None
    section = "tool:pytest" if path.name == "setup.cfg" else "pytest"
    if parser.has_section(section):
        return dict(parser[section])
    return {} if path.name.lstrip(".") == "pytest.ini" else None


def toml_section(path):
    """The pytest options in a TOML file; None when it has none that this pytest reads."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    if path.name != "pyproject.toml":
        return document.get("pytest", {}) if int(pytest.__version__.split(".")[0]) >= 9 else None
    table = document.get("tool", {}).get("pytest")
    if not isinstance(table, dict):
        return None
    return table.get("ini_options", table if int(pytest.__version__.split(".")[0]) >= 9 else None)


def addopts(section):
    """The options kept of `addopts`."""
    given = section.get("addopts", "")
    try:
        words = [str(word) for word in given] if isinstance(given, list) else shlex.split(str(given), comments=True)
    except ValueError:
        return []
    kept = []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        option = KEPT_OPTIONS.fullmatch(word)
        if option:
            kept.append(word if option[2] else f"{word}={following}")
        elif word.removeprefix("-p") == "pytester" or (word, following) == ("-p", "pytester"):
            kept.append("-ppytester")
    return kept


def installed_plugins():
    """The plugins of the image, which its maker chose; looked for before the tree is on the import path."""
    found = {entry.name for entry in metadata.entry_points(group="pytest11")}
    return sorted(found - REORDERING)
