"""Base and fix -> which files differ and what each is; by whole path components and file names, never by substring.

The classes and what each is used for are those of docs/grading.md 1. A file is first asked whether it steers a test
run (configuration), then whether it is a test or goes with one, then whether it is prose; what remains is product.
"""

import re
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase

from grader.domain.change import Change, ChangedFile, FileClass
from grader.domain.tree import Tree

TEST_MODULES = ("test_*.py", "*_test.py")
"""pytest's own default of `python_files`."""

_TEST_FOLDERS = frozenset({"test", "tests"})
_TEST_NAMES = ("test.py", "tests.py", "*_tests.py")
"""Names that people give test modules besides pytest's default; they count inside a test folder only."""
_CONFIGURATION = (
    "conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", "tox.ini", "setup.cfg", "setup.py", "pyproject.toml",
    "*.pth", "sitecustomize.py", "usercustomize.py", "noxfile.py", "tasks.py", "manifest.in", "makefile",
    "dockerfile", "requirements*.txt", "constraints*.txt", "*.lock",
)  # fmt: skip
"""Files that steer how tests run or what is installed; compared in lower case."""
_METADATA_FOLDERS = ("*.dist-info", "*.egg-info")
"""A `*.dist-info/entry_points.txt` on the import path is a live pytest plugin."""
_PROSE = frozenset({"md", "markdown", "rst", "txt", "adoc", "png", "jpg", "jpeg", "gif", "svg", "webp", "pdf"})
_DOCUMENT_FOLDERS = frozenset({"doc", "docs"})
_DOCUMENT_NAMES = re.compile(
    r"(readme|changelog|changes|history|news|authors|contributors|contributing|license|licence|copying|notice|security"
    r"|code_of_conduct)(\..*)?"
)


def change(base: Tree, fix: Tree, test_modules: tuple[str, ...] = TEST_MODULES) -> Change:
    """Every path that differs in content or mode; `test_modules` are the base's `python_files` patterns."""
    before, after = base.by_path, fix.by_path
    code = code_folders(before.keys() | after.keys())
    return Change(
        files=tuple(
            ChangedFile(
                path=path,
                file_class=classify(path, code=code, test_modules=test_modules),
                base=before.get(path),
                fix=after.get(path),
            )
            for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)
        )
    )


def classify(
    path: str, *, code: AbstractSet[str] = frozenset(), test_modules: tuple[str, ...] = TEST_MODULES
) -> FileClass:
    """What the file at `path` is; `code` are the folders that hold product code, from `code_folders`."""
    *folders, name = path.split("/")
    lowered = [folder.lower() for folder in folders]
    if _is_configuration(lowered, name.lower()):
        return FileClass.CONFIGURATION
    in_tests = not _TEST_FOLDERS.isdisjoint(lowered)
    if any(fnmatchcase(name, pattern) for pattern in (*test_modules, *(_TEST_NAMES if in_tests else ()))):
        return FileClass.TEST
    if in_tests:
        return FileClass.TEST_SUPPORT
    if _is_document(lowered, name.lower(), in_code=_is_under(path, code)):
        return FileClass.DOCUMENT
    return FileClass.PRODUCT


def code_folders(paths: AbstractSet[str]) -> frozenset[str]:
    """The folders below the root that hold product modules: a prompt or template beneath one is product, not prose."""
    folders = {path.rpartition("/")[0] for path in paths if path.endswith(".py")}
    return frozenset(folder for folder in folders if folder and _may_hold_product(folder.lower().split("/")))


def _may_hold_product(components: list[str]) -> bool:
    other = _TEST_FOLDERS | _DOCUMENT_FOLDERS
    return other.isdisjoint(components) and not any(component.startswith(".") for component in components)


def _is_configuration(folders: list[str], name: str) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in _CONFIGURATION):
        return True
    if any(fnmatchcase(folder, pattern) for folder in folders for pattern in _METADATA_FOLDERS):
        return True
    return any(part.startswith(".") for part in (*folders, name))


def _is_document(folders: list[str], name: str, *, in_code: bool) -> bool:
    if _DOCUMENT_NAMES.fullmatch(name) and not name.endswith(".py"):
        return True
    if not _DOCUMENT_FOLDERS.isdisjoint(folders):
        return True
    return not in_code and name.rpartition(".")[2] in _PROSE


def _is_under(path: str, folders: AbstractSet[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
