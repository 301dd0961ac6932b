"""Remarks beside a learner's own lines, as annotations of the check run; every quoted word is inert.

GitHub allows remarks on files of the pull request's head only. When the graded commit is that head, they stand on the
lines they are about. Otherwise the graded files lie elsewhere (another repository, an archive), and each remark stands
on the line of the manifest that names them, with the place in its title.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.conversation import Annotation, Level
from grader.domain.observation import Outcome
from grader.domain.record import Record
from grader.domain.verdict import MutantStatus
from grader.report.inert import one_line, prose

MOST = 100
LONGEST_TITLE = 250
_PLACE = re.compile(r"(?P<path>.{1,400}):(?P<line>[1-9]\d{0,6})")
_SEEN_RED = (Outcome.FAILED, Outcome.SETUP_ERROR, Outcome.TIMEOUT, Outcome.KILLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the graded files lie: `here` when the graded commit is the head; else the manifest names them.

    `path` and `raw` are the manifest's, `postmortem` is the path of the post-mortem that it names, or empty.
    """

    path: str
    raw: bytes
    postmortem: str
    here: bool

    def line_of(self, *keys: str) -> int:
        """The manifest's line with the first of the keys that it has; 1 when it has none."""
        lines = self.raw.decode(errors="replace").split("\n")
        for key in keys:
            for number, line in enumerate(lines, start=1):
                if re.match(rf"\s*{key}\s*=", line):
                    return number
        return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remark:
    path: str
    line: int
    title: str
    message: str
    level: Level = Level.NOTICE


def remarks(record: Record, source: Source) -> tuple[Annotation, ...]:
    """At most MOST remarks: the post-mortem's lines first, then the tests', then the fix's."""
    found = [*_prose(record, source.postmortem), *_tests(record), *_fix(record)]
    return tuple(_placed(remark, source) for remark in dict.fromkeys(found))[:MOST]


def _prose(record: Record, postmortem: str) -> Iterator[_Remark]:
    for score in record.pre_scores:
        for each in score.evidence:
            if place := _PLACE.fullmatch(each.where):
                yield _Remark(
                    path=place["path"],
                    line=int(place["line"]),
                    title=each.claim,
                    message=each.quote,
                    level=Level.WARNING,
                )
    for tick in record.details.ticks:
        if postmortem and tick.dimension == "postmortem_quality" and tick.lines and tick.earned < tick.out_of:
            yield _Remark(path=postmortem, line=tick.lines[0], title=tick.title, message=tick.reason)


def _tests(record: Record) -> Iterator[_Remark]:
    """Tests that do not pass on the own fix; the line is that of the failure, where its message tells one."""
    for test in record.details.tests:
        if test.after in _SEEN_RED:
            path = test.id.partition("::")[0]
            line = re.search(rf"{re.escape(path)}:([1-9]\d{{0,6}})", test.message)
            yield _Remark(
                path=path,
                line=int(line[1]) if line else 1,
                title=f"{test.id.rpartition('::')[2]} does not pass on your own fix",
                message=test.message or "It does not pass in any of the runs.",
                level=Level.WARNING,
            )


def _fix(record: Record) -> Iterator[_Remark]:
    for mutant in record.details.mutants:
        if mutant.status is MutantStatus.SURVIVED:
            yield _Remark(
                path=mutant.file,
                line=mutant.line,
                title="Your tests do not notice a change to this line",
                message="Assert what this line is for.",
            )


def _placed(remark: _Remark, source: Source) -> Annotation:
    path, line, where = remark.path, remark.line, ""
    if not source.here:
        key = "postmortem" if remark.path == source.postmortem else "repo_url"
        path, line = source.path, source.line_of(key, "repo_url", "archive")
        where = f"{remark.path}:{remark.line}: "
    return Annotation(
        path=path,
        first_line=line,
        last_line=line,
        level=remark.level,
        title=one_line(where + remark.title, limit=LONGEST_TITLE - 40),
        message=prose(remark.message) or one_line(remark.title),
    )
