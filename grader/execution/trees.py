"""The trees that a check runs: original, before, after; and which test modules are run on them.

Configuration comes from base in every tree. Of a changed `conftest.py` the fixtures are taken, the hooks are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.domain.change import Change, FileClass
from grader.domain.comparison import TestSources
from grader.domain.tree import File, Tree
from grader.domain.verdict import Flag
from grader.execution.data_stand_ins import stand_ins
from grader.execution.decoys import refactor_both
from grader.execution.test_source import functions, renamed_functions, without_new_hooks

CONFTEST = "conftest.py"
STEERING = frozenset(
    {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "sitecustomize.py", "usercustomize.py"}
)
"""Configuration files of a change whose being left out is worth a mentor's look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is run where. `touched` are the test modules that the change adds or edits, `deleted` those it takes away,
    `rest` those it leaves alone.
    """

    change: Change
    original: Tree
    before: Tree
    after: Tree
    base_tests_on_fix: Tree
    refactored: tuple[Tree, Tree] | None
    """Before and after in other words; None when no module of the change could be rewritten."""
    touched: tuple[str, ...]
    deleted: tuple[str, ...]
    rest: tuple[str, ...]
    test_files: frozenset[str]
    source_files: tuple[str, ...]
    flags: tuple[Flag, ...]

    def touched_in(self, tree: Tree) -> tuple[str, ...]:
        """The touched modules that a tree has."""
        return tuple(path for path in self.touched if path in tree.by_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Base and fix, how they differ, what each path of either is, and which test modules were asked for by name."""

    base: Tree
    fix: Tree
    change: Change
    classes: Mapping[str, FileClass]
    asked: tuple[str, ...] = ()
    seed: int = 0


def lay_out(material: Material) -> Layout:
    """Build the trees; pure."""
    base, fix = material.base, material.fix
    conftests, flags = _conftests(material)
    tests = [file for file in material.change.files if file.file_class in _LAID_OVER or file.path in material.asked]
    laid_over = [file.fix for file in tests if file.fix is not None]
    deleted = [file.path for file in tests if file.fix is None]
    before = base.without(deleted).with_files([*laid_over, *conftests])
    theirs = [file for file in fix.files if material.classes[file.path] is not FileClass.CONFIGURATION]
    ours = [file for file in base.files if material.classes[file.path] is FileClass.CONFIGURATION]
    product = [file for file in theirs if material.classes[file.path] not in _TESTING]
    base_tests = [file for file in base.files if material.classes[file.path] in _TESTING]
    touched = _touched(material)
    after = Tree.of([*theirs, *ours, *conftests])
    base_tests_on_fix = Tree.of([*product, *base_tests, *ours])
    return Layout(
        change=material.change,
        original=base,
        before=before,
        after=after,
        refactored=_refactored(material, (before, after), base_tests_on_fix),
        base_tests_on_fix=base_tests_on_fix,
        touched=touched,
        deleted=_deleted(material),
        rest=_rest(material, touched),
        test_files=frozenset(path for path, kind in material.classes.items() if _is_testing(path, kind, material)),
        source_files=tuple(file.path for file in material.change.of(FileClass.PRODUCT)),
        flags=(*flags, *_left_out(material)),
    )


def sources(layout: Layout) -> TestSources:
    """What the touched modules' source says, in base and in the fix."""
    unchanged: set[str] = set()
    defined: set[str] = set()
    renamed: set[str] = set()
    for path in layout.touched:
        base, fix = (tree.by_path.get(path) for tree in (layout.original, layout.after))
        old = functions(base) if base is not None else {}
        new = functions(fix) if fix is not None else {}
        defined.update(f"{path}::{name}" for name in new)
        renamed.update(f"{path}::{name}" for name in renamed_functions(old, new))
        unchanged.update(f"{path}::{name}" for name, code in new.items() if old.get(name) == code)
    names = {test.partition("::")[2] for test in defined}
    moved = {f"{path}::{name}" for path in layout.deleted for name in names}
    return TestSources(
        touched=layout.touched, unchanged=frozenset(unchanged), defined=frozenset(defined | moved | renamed)
    )


_LAID_OVER = frozenset({FileClass.TEST, FileClass.TEST_SUPPORT, FileClass.DOCUMENT})
"""What before has from the fix. Documents too, so that no test can tell the two apart by the text of a changelog."""
_TESTING = frozenset({FileClass.TEST, FileClass.TEST_SUPPORT})


def _refactored(material: Material, trees: tuple[Tree, Tree], base_tests_on_fix: Tree) -> tuple[Tree, Tree] | None:
    """Before and after with the change's product rewritten; how far may not depend on what the change's tests say."""
    paths = [file.path for file in material.change.of(FileClass.PRODUCT)]
    base, fix = refactor_both(material.base, base_tests_on_fix, paths, seed=material.seed)
    if (base.tree, fix.tree) == (material.base, base_tests_on_fix):
        return None
    product = [path for path, kind in material.classes.items() if kind is FileClass.PRODUCT]
    data = (stand_ins(material.base, material.fix, product), stand_ins(material.fix, material.base, product))
    before, after = (
        tree.with_files([*(made.tree.by_path[path] for path in product if path in made.tree.by_path), *found])
        for tree, made, found in zip(trees, (base, fix), data, strict=True)
    )
    return before, after


def _is_testing(path: str, kind: FileClass, material: Material) -> bool:
    return kind in _TESTING or path in material.asked or PurePosixPath(path).name == CONFTEST


def _touched(material: Material) -> tuple[str, ...]:
    if material.asked:
        return tuple(dict.fromkeys(material.asked))
    changed = [file for file in material.change.files if file.fix is not None]
    named = tuple(file.path for file in changed if _is_module(file.path, file.file_class))
    return named or tuple(file.path for file in changed if _defines_tests(file.fix, file.file_class))


def _deleted(material: Material) -> tuple[str, ...]:
    gone = (file for file in material.change.files if file.fix is None)
    return tuple(file.path for file in gone if _is_module(file.path, file.file_class))


def _rest(material: Material, touched: tuple[str, ...]) -> tuple[str, ...]:
    unchanged = (file.path for file in material.base.files if material.fix.by_path.get(file.path) == file)
    return tuple(path for path in unchanged if path not in touched and _is_module(path, material.classes[path]))


def _is_module(path: str, kind: FileClass) -> bool:
    """Whether pytest looks for tests in a file, by its name."""
    return kind is FileClass.TEST and path.endswith(".py")


def _defines_tests(file: File | None, kind: FileClass) -> bool:
    """Whether a module among tests has tests although its name does not say so; helpers may look like that too."""
    return file is not None and kind is FileClass.TEST_SUPPORT and file.path.endswith(".py") and bool(functions(file))


def _conftests(material: Material) -> tuple[list[File], list[Flag]]:
    """Every changed `conftest.py` as it is used, and a flag for each that wanted hooks."""
    files, flags = [], []
    for changed in material.change.files:
        if PurePosixPath(changed.path).name != CONFTEST:
            continue
        merged, refused = without_new_hooks(changed.base, changed.fix)
        if merged is not None:
            files.append(merged)
        if refused:
            flags.append(Flag(id="conftest_hook", detail=f"{changed.path}: left out {', '.join(refused)}"))
    return files, flags


def _left_out(material: Material) -> list[Flag]:
    changed = [file.path for file in material.change.of(FileClass.CONFIGURATION) if file.fix is not None]
    steering = [path for path in changed if PurePosixPath(path).name in STEERING or path.endswith(".pth")]
    steering += [path for path in changed if path.endswith("entry_points.txt")]
    return [Flag(id="configuration_from_base", detail=f"{path}: left out of every run") for path in steering]
