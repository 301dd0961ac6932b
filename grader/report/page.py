"""The record as one HTML page: no script, no network, everything a learner wrote escaped and inert."""

import re
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.domain.record import Record
from grader.domain.score import PreScore
from grader.domain.twin import Twin
from grader.report import paired, view
from grader.report.inert import clean, one_line
from grader.report.plot import plot

MAX_QUOTE = 4096
MAX_ROWS = 500
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a diff, and what it does: `add`, `del`, `at` or nothing."""

    kind: str
    text: str


def page(record: Record, twin: Twin) -> str:
    """The page as one HTML document."""
    strong, rest = view.headline(record, twin)
    timeline = record.details.timeline
    return _TEMPLATE.render(
        record=record,
        twin=twin,
        view=view,
        rows=view.rows(record, twin),
        strong=strong,
        rest=rest,
        verdict=_verdict(record),
        warnings=view.warnings(record, twin),
        advice=view.advice(record, twin),
        tests=paired.rows(record.details.tests)[:MAX_ROWS],
        survivors=view.survivors(record)[:MAX_ROWS],
        judged=view.judged_mutants(record),
        tallies=view.tallies(record),
        self_checks=view.self_checks(record, twin),
        moments=view.moments(record)[:MAX_ROWS],
        timeline=timeline,
        plot=plot(timeline) if timeline is not None else None,
        provenance=view.provenance(record),
    )


def _verdict(record: Record) -> str:
    if record.would_pass is None:
        return "open"
    return "pass" if record.would_pass else "fail"


def _prose(text: str) -> Markup:
    """A sentence; its backticked parts become code, everything is escaped."""
    shown = one_line(text, limit=1000)
    parts: list[Markup] = []
    end = 0
    for match in _CODE.finditer(shown):
        parts += [escape(shown[end : match.start()]), Markup("<code>{}</code>").format(match[2])]
        end = match.end()
    return Markup("").join([*parts, escape(shown[end:])])


def _diff(text: str) -> tuple[DiffLine, ...]:
    kinds = {"+": "add", "-": "del", "@": "at"}
    lines = clean(text, limit=MAX_QUOTE).strip("\n").split("\n")
    return tuple(
        DiffLine(kind="" if line.startswith(("+++", "---")) else kinds.get(line[:1], ""), text=line) for line in lines
    )


def _marks(score: PreScore | None) -> tuple[str, ...]:
    """Twenty marks, one for each 0.05: earned, missing, or unknown."""
    if score is None or score.points is None:
        return ("unknown",) * 20
    return ("earned",) * score.points + ("missing",) * (20 - score.points)


def _environment() -> Environment:
    folder = files("grader.report") / "templates"
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
    )
    environment.filters |= {"prose": _prose, "line": one_line, "quote": clean, "diff": _diff, "marks": _marks}
    return environment


_TEMPLATE = _environment().get_template("page.html")
