"""Rewritten programs behave as before: same results, errors and calls, in the same order."""

import ast
import re

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from grader.domain.tree import File, Tree
from grader.execution.decoys import refactor_both
from grader.execution.source_map import instructions

UNBOUND = re.compile(r"variable '\w+'")
"""Where a variable is used before it has a value, the error's message gives its name: the one thing that may differ."""
NAMES = st.sampled_from(["a", "b", "c", "d"])
ATOMS = NAMES | st.sampled_from(["1", "0", "-2", "'s'", "None", "True", "[]", "[a, 1]", "see(b)", "f'{a}-{b!r}'"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "*", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["<", "==", "is not", "and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"see({e})"),
        st.tuples(NAMES, inner).map(lambda t: f"[{t[0]} for {t[0]} in [1, 2] if {t[1]}]"),
        inner.map(lambda e: f"(lambda c: {e})(3)"),
    ),
    max_leaves=6,
)


def indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for block in lines for line in block.splitlines())


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(indented)
    return st.one_of(
        st.tuples(EXPRESSIONS, body, body).map(lambda t: f"if {t[0]}:\n{t[1]}\nelse:\n{t[2]}"),
        st.tuples(EXPRESSIONS, body, EXPRESSIONS, body).map(lambda t: f"if {t[0]}:\n{t[1]}\nelif {t[2]}:\n{t[3]}"),
        st.tuples(NAMES, body).map(lambda t: f"for {t[0]} in [1, 's', None]:\n{t[1]}"),
        st.tuples(body, NAMES, body).map(lambda t: f"try:\n{t[0]}\nexcept Exception as {t[1]}:\n{t[2]}"),
        st.tuples(body, body).map(lambda t: f"try:\n{t[0]}\nfinally:\n{t[1]}"),
        st.tuples(NAMES, body).map(lambda t: f"def inner({t[0]}):\n{t[1]}\nsee(inner(a))"),
        st.tuples(EXPRESSIONS, NAMES, body).map(lambda t: f"match {t[0]}:\n    case [{t[1]}, *_]:\n{indented([t[2]])}"),
    )  # fmt: skip


STATEMENTS = st.recursive(
    st.one_of(
        st.tuples(NAMES, EXPRESSIONS).map(" = ".join),
        st.tuples(NAMES, EXPRESSIONS).map(" += ".join),
        EXPRESSIONS.map(lambda e: f"see({e})"),
        EXPRESSIONS.map(lambda e: f"return {e}"),
        st.sampled_from(["global c", "'words'", "del a", "c = 1", "d = 2", "pass"]),
    ),
    blocks,
    max_leaves=8,
)
BODIES = st.lists(STATEMENTS, min_size=1, max_size=5)


def program(body: list[str]) -> str | None:
    text = f'"""Words."""\nc = 9\n\ndef f(a, b=2):\n    """More words."""\n{indented(body)}\n'
    try:
        compile(text, "m.py", "exec")
    except SyntaxError:  # `global` after use, and the like
        return None
    return text


def behaviour(text: str) -> list[object]:
    seen: list[object] = []

    def see(value: object) -> object:
        if len(seen) > 200:
            raise KeyboardInterrupt
        seen.append(UNBOUND.sub("variable", repr(value)) if not callable(value) else "callable")
        return value

    names: dict[str, object] = {"see": see}
    exec(compile(text, "m.py", "exec"), names)
    for arguments in ((0,), ("s", 1), ([3], None), (True, False)):
        try:
            see(names["f"](*arguments))  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - any, as long as it is the same
            seen.append(type(error).__name__)
    return [*seen, repr(names.get("c"))]


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(BODIES, BODIES, st.integers(min_value=0, max_value=10_000))
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_programs_behave_as_before(first: list[str], second: list[str], seed: int) -> None:
    base, fix = program(first), program(second)
    if base is None or fix is None:
        return
    trees = [Tree.of([File(path="m.py", content=text.encode())]) for text in (base, fix)]
    made = refactor_both(trees[0], trees[1], ["m.py"], seed=seed)
    texts = [refactored.tree.by_path["m.py"].content.decode() for refactored in made]
    assert behaviour(texts[0]) == behaviour(base)
    assert behaviour(texts[1]) == behaviour(fix)
    if base != fix:
        assert len(texts[0]) == len(texts[1])
    assert instructions(texts[0].encode()) is not None
    assert {node.name for node in ast.walk(ast.parse(texts[0])) if isinstance(node, ast.FunctionDef)} >= {"f"}
