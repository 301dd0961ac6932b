"""Behaviour-preserving rewriting of a tree's product code: other text, other byte code, the same answers.

A test that looks at behaviour cannot tell the rewritten tree from the one it was made from. One that fingerprints the
files, greps the source or reads byte code can, and gives itself away. Everything that may matter at run time stays:
names of modules, classes, functions, parameters and attributes, and the order in which anything runs. Where a module
looks at itself, it is left as it is, with the reason. What does differ: line numbers, and the name in the message of
an UnboundLocalError.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from grader.domain.python_source import UNREADABLE
from grader.domain.tree import File, Tree
from grader.execution.locals_renamed import rename_locals
from grader.execution.padding import MUCH, Manner, pad
from grader.execution.shape import reshape
from grader.execution.source_map import Source, fingerprint

LOOKS_AT_LINES = frozenset({
    "getsource", "getsourcelines", "getsourcefile", "findsource", "getcomments", "linecache", "f_lineno", "tb_lineno",
    "co_firstlineno", "co_lines", "settrace", "setprofile", "__loader__", "get_source", "doctest",
})  # fmt: skip
"""Names by which a module reads source or line numbers; it is left alone altogether."""
LOOKS_AT_FRAMES = frozenset({
    "_getframe", "currentframe", "f_locals", "f_code", "co_code", "co_varnames", "co_consts", "tb_frame", "gi_frame",
    "cr_frame", "dis", "varname", "executing", "icecream", "pysnooper", "numba", "jit", "njit", "cython",
})  # fmt: skip
"""Names by which any module of the tree may see another's variables; variables then keep their names."""
SHOWS_SOURCE = frozenset({
    "format_exc", "format_exception", "format_tb", "format_stack", "extract_tb", "extract_stack", "print_exc",
    "print_tb", "TracebackException", "StackSummary", "FrameSummary",
})  # fmt: skip
"""Names by which a program makes tracebacks, which quote source, part of what it does; nothing is then rewritten."""
READS_DOCSTRINGS = frozenset({
    "__doc__", "getdoc", "cleandoc", "doctest", "pydoc", "click", "typer", "fire", "docopt", "fastapi", "flask_restx",
    "invoke", "cyclopts", "defopt", "strawberry", "ply", "spark_parser", "discord", "help",
})  # fmt: skip
"""Names by which a program makes docstrings part of what it does; docstrings then stay."""
_TELLING = re.compile(
    rb"\b(?:" + "|".join(sorted(LOOKS_AT_LINES | LOOKS_AT_FRAMES | SHOWS_SOURCE | READS_DOCSTRINGS)).encode() + rb")\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refactored:
    """The rewritten tree; `left` names each module that stayed as it was, with the reason."""

    tree: Tree
    changed: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def refactor(tree: Tree, paths: Iterable[str], *, seed: int, told_by: Tree | None = None) -> Refactored:
    """Rewrite the modules at `paths`; the same tree and seed give the same bytes.

    `told_by` is the tree that says whether modules look at themselves; by default the same. For a fix it is the base,
    so that a learner cannot have a module left alone by mentioning such a name in it.
    """
    product = frozenset(paths)
    words, told = _words_by_path(tree), _words_by_path(told_by or tree)
    everywhere = frozenset[str]().union(*words.values(), *told.values())
    shows = sorted(SHOWS_SOURCE & frozenset[str]().union(*(told[path] for path in product & told.keys())))
    padding = MUCH if told_by is None else 1
    made: list[File] = []
    left: list[tuple[str, str]] = []
    for path in sorted(product & words.keys()):
        looks = sorted(LOOKS_AT_LINES & told.get(path, words[path]))
        outcome = _why_left(looks, shows) or _rewritten(tree.by_path[path], everywhere, Manner(seed, padding))
        if isinstance(outcome, str):
            left.append((path, outcome))
        else:
            made.append(outcome)
    return Refactored(tree=tree.with_files(made), changed=tuple(file.path for file in made), left=tuple(left))


def _why_left(looks: list[str], shows: list[str]) -> str | None:
    if looks:
        return f"it looks at its own source or lines ({', '.join(looks)})"
    if shows:
        return f"the program shows source lines in tracebacks ({', '.join(shows)})"
    return None


def _words_by_path(tree: Tree) -> dict[str, frozenset[str]]:
    return {file.path: _words_of(file) for file in tree.files if file.path.endswith(".py")}


@lru_cache(maxsize=1024)
def _words_of(file: File) -> frozenset[str]:
    """Remembered, for most files are in base and in the fix, and are asked about more than once."""
    return frozenset(_words(file))


def _rewritten(file: File, words: frozenset[str], manner: Manner) -> File | str:
    """The module in other words, or why not."""
    source = Source.of(file)
    if source is None:
        return "it is too large, nested too deeply, not UTF-8, or not Python of this version"
    try:
        text = _transformed(source.tree, words, manner)
    except UNREADABLE:
        return "it cannot be written back"
    return File(path=file.path, content=text.encode("utf-8"), executable=file.executable)


def _transformed(module: ast.Module, words: frozenset[str], manner: Manner) -> str:
    """Raises ValueError when the text does not say what the tree does."""
    if words.isdisjoint(READS_DOCSTRINGS):
        _strip_docstrings(module)
    reshape(module, manner.seed)
    if words.isdisjoint(LOOKS_AT_FRAMES):
        rename_locals(module, manner.seed)
        pad(module, manner)
    ast.fix_missing_locations(module)
    text = ast.unparse(module) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(module) or fingerprint(text.encode("utf-8")) is None:
        raise ValueError("the round trip is not exact")
    return text


def _strip_docstrings(module: ast.Module) -> None:
    for node in ast.walk(module):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                    node.body = rest or ([] if isinstance(node, ast.Module) else [ast.Pass()])
                case _:
                    pass


def _words(file: File) -> Iterator[str]:
    """Every telling name, attribute and imported module that a module mentions; none where it is no Python."""
    source = Source.of(file) if _TELLING.search(file.content) else None  # most modules need no parsing
    if source is None:
        return
    for node in ast.walk(source.tree):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield from alias.name.split(".")
            case ast.ImportFrom(module=module, names=aliases):
                yield from (module or "").split(".")
                yield from (alias.name for alias in aliases)
            case _:
                pass
