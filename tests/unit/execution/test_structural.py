"""The fix's names with the base's behaviour."""

from grader.domain.change import FileClass
from grader.domain.tree import File, Tree
from grader.execution.structural import restored
from grader.intake.change import change

BASE = '''"""Doc."""
from os import path
LIMIT = 1

def shout(x):
    return x

class Box:
    size = 1

    def open(self):
        return helper()

def helper():
    return "closed"
'''
FIX = '''"""Doc."""
from __future__ import annotations
LIMIT = 2

class BoxError(Exception):
    pass

def shout(x, loud=True):
    return x.upper()

class Box:
    size = 2

    def open(self):
        raise BoxError

    def close(self):
        return None
'''


def trees(base: dict[str, str], fix: dict[str, str]) -> Tree | None:
    made = [Tree.of(File(path=path, content=text.encode()) for path, text in files.items()) for files in (base, fix)]
    difference = change(*made)
    assert difference.of(FileClass.PRODUCT)
    return restored(made[1], difference)


def test_names_stay_and_behaviour_is_base_s() -> None:
    tree = trees({"app/a.py": BASE}, {"app/a.py": FIX, "app/new.py": "x = 1\n"})
    assert tree is not None
    names: dict[str, object] = {}
    exec(tree.by_path["app/a.py"].content, names)  # our own text
    box = names["Box"]()  # type: ignore[operator]
    assert (names["LIMIT"], names["shout"]("a"), box.open(), box.size) == (1, "a", "closed", 1)  # type: ignore[operator]
    assert "BoxError" in names
    assert hasattr(box, "close")
    assert "app/new.py" in tree.by_path


def test_a_purely_new_name_gives_no_tree() -> None:
    assert trees({"app/a.py": "x = 1\n"}, {"app/a.py": "x = 1\n\ndef new(): pass\n"}) is None
    assert trees({"app/a.py": "x = 1\n"}, {"app/a.py": "x = 1\n", "app/b.py": "def new(): pass\n"}) is None


def test_what_cannot_be_parsed_is_left() -> None:
    assert trees({"app/a.py": "x = 1\n"}, {"app/a.py": "x = \n"}) is None
