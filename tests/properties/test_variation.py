"""The diff that a person is shown is the one that `diff -u` would show."""

from difflib import unified_diff

from hypothesis import given
from hypothesis import strategies as st

from grader.execution.variation import DIFF_LINES, diff_of

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n"]), max_size=40)


def test_line_numbers_context_and_marks() -> None:
    old = [b"%d\n" % number for number in range(1, 21)]
    new = [*old[:4], b"five\r\n", *old[5:16], *old[17:]]
    expected = list(
        unified_diff(
            [line.decode() for line in old],
            [line.decode() for line in new],
            "fix/a.py",
            "mutant/a.py",
            n=2,
            lineterm="",
        )
    )
    assert diff_of("a.py", old, new).splitlines() == [line.rstrip("\r\n") for line in expected]


@given(LINES, LINES)
def test_a_diff_applied_to_the_fix_gives_the_mutant(fix: list[bytes], altered: list[bytes]) -> None:
    shown = diff_of("a", fix, altered).splitlines()
    if len(shown) > DIFF_LINES:
        return
    rebuilt: list[bytes] = []
    at = 0
    for line in shown[2:]:
        if line.startswith("@@"):
            begin, count = (int(part) for part in line.split()[1][1:].split(","))
            start = begin - 1 if count else begin
            rebuilt += fix[at:start]
            at = start
            continue
        if line[0] != "+":
            assert fix[at].decode().rstrip() == line[1:]
            at += 1
        if line[0] != "-":
            rebuilt.append(line[1:].encode() + b"\n")
    assert [*rebuilt, *fix[at:]] == altered
