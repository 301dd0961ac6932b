"""A learner's change, file by file: what each file is, and what it was before."""

from dataclasses import dataclass
from enum import StrEnum

from grader.domain.tree import File


class FileClass(StrEnum):
    """What a file is to the grader, by path component and file name."""

    TEST = "test"
    TEST_SUPPORT = "test_support"
    CONFIGURATION = "configuration"
    PRODUCT = "product"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One path that differs between base and fix; `base` is None when it was added, `fix` when it was deleted."""

    path: str
    file_class: FileClass
    base: File | None
    fix: File | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Every path that differs, sorted by path."""

    files: tuple[ChangedFile, ...]

    def of(self, *classes: FileClass) -> tuple[ChangedFile, ...]:
        """The changed files of these classes."""
        return tuple(file for file in self.files if file.file_class in classes)
