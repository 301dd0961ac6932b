"""Which data files of one side are put beside the other side's code, and as what."""

import pytest

from grader.domain.tree import File, Tree
from grader.execution.data_stand_ins import stand_ins


def tree(**files: bytes) -> Tree:
    return Tree.of(File(path=path.replace("__", "/"), content=content) for path, content in files.items())


def given(here: Tree, there: Tree) -> dict[str, bytes]:
    product = here.by_path.keys() | there.by_path.keys()
    return {file.path: file.content for file in stand_ins(here, there, product)}


CODE = tree(**{"app__a.py": b"def f(): return 1\n"})
TABLE = {"app__rules.json": b'{"a": 1}\n'}
READS = b'def f(name): return open(name + ".json").read()\n'
LISTS = b'import pathlib\ndef f(): return list(pathlib.Path("app").glob("*.json"))\n'


def test_a_file_that_the_code_cannot_come_upon_is_copied() -> None:
    assert given(CODE, CODE.with_files(tree(**TABLE).files)) == {"app/rules.json": TABLE["app__rules.json"]}


@pytest.mark.parametrize("here", [tree(**{"app__a.py": READS}), CODE.with_files(tree(**{"app__b.json": b"{}"}).files)])
def test_a_file_that_the_code_might_read_is_blanked_to_the_same_size(here: Tree) -> None:
    found = given(here, here.with_files(tree(**TABLE).files))
    assert found == {"app/rules.json": b" " * 8 + b"\n"}


@pytest.mark.parametrize(
    "here",
    [
        tree(**{"app__a.py": LISTS}),
        tree(**{"app__a.py": b'import os\nFOUND = os.path.exists("app/rules.json")\n'}),
        tree(**{"app__a.py": b"import os\ndef f(p): return os.listdir(p)\n", "app__b.json": b"{}"}),
    ],
)
def test_a_file_whose_presence_is_behaviour_stays_away(here: Tree) -> None:
    assert given(here, here.with_files(tree(**TABLE).files)) == {}


def test_neither_code_nor_what_is_empty_nor_what_both_have() -> None:
    more = tree(**{"app__new.py": b"x = 1\n", "app__py.typed": b"", "app__x.so": b"\x7fELF", "app__old.cfg": b"2"})
    assert given(CODE.with_files(tree(**{"app__old.cfg": b"1"}).files), CODE.with_files(more.files)) == {}
