"""Which lines of a comment are slash commands, and what each one asks for. Any text in, never an exception."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt

from grader.domain.score import DimensionId, Points, from_decimal
from grader.domain.timeline import TimelineKind
from grader.domain.twin import SkillId, Twin
from grader.review.commands import (
    Assert,
    Claim,
    Command,
    Confirm,
    Dispute,
    Force,
    Help,
    Post,
    Reattempt,
    Regrade,
    Release,
    Score,
    SignOff,
    Start,
    Submit,
)

MOST_COMMANDS: Final = 20
"""Commands read from one comment; the rest gets one refusal."""
LONGEST_TEXT: Final = 4_000
"""Characters kept of free text."""
LONGEST_BODY: Final = 65_536
"""GitHub's own limit of a comment, in characters."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command as it was written: its line in the comment (1-based) and what it asks for."""

    line: int
    name: str
    command: Command


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that names a command but cannot be read; `problem` says how to mend it."""

    line: int
    name: str
    problem: str


class _Problem(Exception):
    """What is wrong with one line."""


def parse(body: str, twin: Twin) -> tuple[Request | Malformed, ...]:
    """The commands of a comment in order; never raises, whatever the text.

    A command stands at column 0 of a line of a plain paragraph, as Markdown reads it: in code, quotes, lists, tables
    and HTML it does not exist. Unknown `/words` are prose. At most MOST_COMMANDS are read.
    """
    found: list[Request | Malformed] = []
    for line, name, rest in _calls(body[:LONGEST_BODY]):
        if len(found) == MOST_COMMANDS:
            found.append(Malformed(line, name, f"only the first {MOST_COMMANDS} commands of a comment are read"))
            break
        try:
            found.append(Request(line, name, _READERS[name](rest, twin)))
        except _Problem as problem:
            found.append(Malformed(line, name, str(problem)))
    return tuple(found)


_CALL = re.compile(r"/([a-z][a-z-]{1,20})(?:[ \t]+(.*))?")


def _calls(body: str) -> Iterator[tuple[int, str, str]]:
    """Line number, name and the rest of each command; the text of an incident event goes on over the lines below."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pending: tuple[int, str, list[str]] | None = None
    for number in _plain_lines("\n".join(lines)):
        call = _CALL.fullmatch(lines[number].rstrip(" \t"))
        if call and call[1] in _READERS:
            if pending:
                yield pending[0], pending[1], "\n".join(pending[2])
            pending = (number + 1, call[1], [call[2] or ""])
        elif pending and pending[1] in _EVENTS:
            pending[2].append(lines[number].rstrip())
    if pending:
        yield pending[0], pending[1], "\n".join(pending[2])


_MARKDOWN = MarkdownIt("commonmark").enable("table")


def _plain_lines(body: str) -> Iterator[int]:
    """Numbers (0-based) of the lines that stand in a top-level paragraph or underlined heading.

    A paragraph with a code span or an HTML tag over several lines is left out whole: what is hidden in it cannot be
    told from its tokens, and a command must never come out of hidden text.
    """
    tokens = _MARKDOWN.parse(body)
    for opening, inline in pairwise(tokens):
        if opening.level or opening.type not in ("paragraph_open", "heading_open") or not inline.map:
            continue
        first, last = inline.map
        breaks = sum(child.type in ("softbreak", "hardbreak") for child in inline.children or ())
        if breaks + 1 == last - first:
            yield from range(first, last)


def _text(rest: str) -> str:
    return rest.strip()[:LONGEST_TEXT]


def _nothing(rest: str, *, to: str) -> None:
    if rest.strip():
        raise _Problem(f"`/{to}` stands alone on its line; take the text behind it away")


def _needed(rest: str, *, usage: str) -> str:
    text = _text(rest)
    if not text:
        raise _Problem(f"write {usage}")
    return text


def _words(rest: str, count: int, *, usage: str) -> tuple[str, ...]:
    """The first `count` words and what follows them."""
    words = rest.split(maxsplit=count)
    if len(words) < count:
        raise _Problem(f"write {usage}")
    return (*words[:count], _text(words[count]) if len(words) > count else "")


_NUMBER = re.compile(r"0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?")


def _points(word: str) -> Points:
    if not _NUMBER.fullmatch(word):
        raise _Problem("a value is a number from 0 to 1, such as `0.85`")
    try:
        return from_decimal(float(word))
    except ValueError:
        raise _Problem(f"`{word}` is not a multiple of 0.05") from None


def _known(word: str, known: tuple[str, ...], *, what: str) -> str:
    if word in known:
        return word
    near = [name for name in known if name.startswith(word)] or difflib.get_close_matches(word[:60], known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "known are " + ", ".join(f"`{name}`" for name in known)
    raise _Problem(f"there is no such {what}; {hint}")


def _start(rest: str, _: Twin) -> Command:
    _nothing(rest, to="start")
    return Start()


def _submit(rest: str, _: Twin) -> Command:
    _nothing(rest, to="submit")
    return Submit()


def _claim(rest: str, _: Twin) -> Command:
    _nothing(rest, to="claim")
    return Claim()


def _release(rest: str, _: Twin) -> Command:
    _nothing(rest, to="release")
    return Release()


def _post(kind: TimelineKind, name: str) -> Callable[[str, Twin], Command]:
    def read(rest: str, _: Twin) -> Command:
        return Post(kind, _needed(rest, usage=f"`/{name} TEXT`"))

    return read


def _force(rest: str, twin: Twin) -> Command:
    usage = "`/force CHECK REASON`, such as `/force F1 the test is in the second commit`"
    check, reason = _words(rest, 1, usage=usage)
    known = _known(check, tuple(s.id for s in twin.self_checks), what="self-check")
    return Force(known, _needed(reason, usage=usage))


def _confirm(rest: str, _: Twin) -> Command:
    commit = rest.strip()
    if commit and not re.fullmatch(r"[0-9a-f]{7,40}", commit):
        raise _Problem("`/confirm` takes nothing or the commit that was graded, 7 to 40 hexadecimal digits")
    return Confirm(commit or None)


def _score(rest: str, twin: Twin) -> Command:
    usage = "`/score DIMENSION VALUE REASON`, such as `/score communication 0.85 the second update was clear`"
    dimension, value, reason = _words(rest, 2, usage=usage)
    known = _known(dimension, tuple(d.id for d in twin.dimensions), what="dimension")
    points = _points(value)
    if not reason:
        raise _Problem(f"a reason is needed: write {usage}")
    return Score(DimensionId(known), points, reason)


def _assert(rest: str, twin: Twin) -> Command:
    usage = "`/assert SKILL VALUE [REASON]`, such as `/assert llm.ops.incident-response 0.8`"
    skill, value, reason = _words(rest, 2, usage=usage)
    known = _known(skill, tuple(s.id for s in twin.skills), what="skill")
    return Assert(SkillId(known), _points(value), reason)


def _dispute(rest: str, _: Twin) -> Command:
    return Dispute(_needed(rest, usage="`/dispute REASON`"))


_EVENTS: Final = {
    "status": TimelineKind.STATUS_UPDATE,
    "root-cause": TimelineKind.ROOT_CAUSE,
    "hotfix": TimelineKind.HOTFIX,
    "resolved": TimelineKind.RESOLVED,
}
_READERS: Final[Mapping[str, Callable[[str, Twin], Command]]] = {
    "start": _start,
    **{name: _post(kind, name) for name, kind in _EVENTS.items()},
    "submit": _submit,
    "force": _force,
    "reattempt": lambda _rest, _twin: Reattempt(),
    "dispute": _dispute,
    "claim": _claim,
    "release": _release,
    "confirm": _confirm,
    "score": _score,
    "assert": _assert,
    "signoff": lambda rest, _: SignOff(_text(rest)),
    "regrade": lambda rest, _: Regrade(_text(rest)),
    "help": lambda _rest, _twin: Help(),
}
