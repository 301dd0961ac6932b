"""The six groups of ticks of a post-mortem, each part with its reason, its lines and what would mend it."""

from fractions import Fraction

from grader.domain.prose import Section, Tick
from grader.writing.facts import duration_disagrees, rows_agree
from grader.writing.follow_up_ticks import follow_up_ticks
from grader.writing.material import Material
from grader.writing.signals import (
    artefact_line,
    duration_line,
    lost_line,
    mechanism_line,
    number_line,
    says_any,
    second_factor_line,
)
from grader.writing.tick_parts import HALF, not_judged, part


def all_ticks(material: Material) -> tuple[Tick, ...]:
    """P1 to P6, in order."""
    return (
        _group("P1", "The four deliverables", _deliverables(material)),
        _group("P2", "Timeline", _timeline(material)),
        _group("P3", "Root cause", _root_cause(material)),
        _group("P4", "Blast radius", _impact(material)),
        _group("P5", "Follow-ups", follow_up_ticks(material)),
        _group("P6", "Blameless", (_blameless(material),)),
    )


def _group(name: str, title: str, parts: tuple[Tick, ...]) -> Tick:
    earned = sum((part.earned for part in parts), Fraction(0))
    lines = sorted({line for part in parts for line in part.lines})
    return Tick(
        id=name,
        title=title,
        earned=earned,
        out_of=sum(part.out_of for part in parts),
        reason="; ".join(part.reason for part in parts),
        lines=tuple(lines),
        parts=parts,
    )


_NAMES = {
    Section.TIMELINE: ("timeline", "Timeline"),
    Section.ROOT_CAUSE: ("root cause", "Root cause"),
    Section.IMPACT: ("impact (blast radius)", "Impact"),
    Section.FOLLOW_UPS: ("follow-ups", "Follow-ups"),
}


def _deliverables(material: Material) -> tuple[Tick, ...]:
    in_prose = {
        Section.TIMELINE: len(material.rows.rows) >= 3,
        Section.ROOT_CAUSE: _prose_line(material, ("root cause", "caused by", "was caused", "because")) is not None,
        Section.IMPACT: number_line(material.everything, None) is not None,
        Section.FOLLOW_UPS: bool(material.follow_ups),
    }
    return tuple(_deliverable(material, section, in_prose[section]) for section in Section)


def _prose_line(material: Material, wordings: tuple[str, ...]) -> int | None:
    labels = {piece.line for piece in material.pieces if piece.is_label}
    lines = ((line, text) for line, text in material.everything.lines if line not in labels)
    return next((line for line, text in lines if says_any(text, wordings)), None)


def _deliverable(material: Material, section: Section, in_prose: bool) -> Tick:  # noqa: FBT001 - a fact, not a mode
    name, title = _NAMES[section]
    lines = material.label_line(section)
    if section in material.sections:
        return Tick(
            id=f"P1.{section}", title=title, earned=Fraction(1), out_of=1, reason=f"{name} section", lines=lines
        )
    mend = f"give the {name} a section of its own with something in it"
    if in_prose:
        reason = f"{name} only in running text"
        return Tick(id=f"P1.{section}", title=title, earned=HALF, out_of=1, reason=reason, mend=mend)
    reason = f"the {name} section is empty" if lines else f"no {name} section"
    if material.read_to:
        reason += f" up to line {material.read_to}, where reading stops because the text is too long"
        mend = f"shorten the text; what stands after line {material.read_to} was not read"
    return Tick(id=f"P1.{section}", title=title, earned=Fraction(0), out_of=1, reason=reason, lines=lines, mend=mend)


def _timeline(material: Material) -> tuple[Tick, ...]:
    rows = material.rows
    lines = tuple(row.line for row in rows.rows)
    known = [line for line in (rows.zone_line, rows.date_line) if line is not None]
    missing = " and ".join(w for w, line in (("time zone", rows.zone_line), ("date", rows.date_line)) if line is None)
    agreement = rows_agree(rows, material.facts)
    return (
        part(
            "P2.rows",
            "At least three timed rows",
            lines if len(lines) >= 3 else None,
            (f"{len(lines)} timed rows", f"{len(lines)} timed rows", "list at least three events with their times"),
        ),
        part(
            "P2.zone",
            "Time zone and date",
            known if len(known) == 2 else None,
            (
                "time zone and date are given",
                f"the timeline has no {missing}",
                f"say the {missing} of the timeline's times once, for example `Timeline (UTC), 2026-03-01`",
            ),
        ),
        part(
            "P2.agrees",
            "In order, from detection to recovery",
            agreement.lines if agreement.holds else None,
            (agreement.reason, agreement.reason, agreement.mend),
        ),
    )


def _root_cause(material: Material) -> tuple[Tick, ...]:
    text, truth = material.root_cause, material.facts.truth
    items = sum(1 for p in material.pieces if Section.ROOT_CAUSE in p.sections and type(p.block).__name__ == "Item")
    key: Tick
    if truth is None or not (truth.components and truth.fault):
        key = not_judged("P3.matches", "Matches the case", "no answer key at hand")
    else:
        matches = says_any(text.whole, truth.components) and says_any(text.whole, truth.fault)
        line = next((n for n, t in text.lines if says_any(t, truth.components)), None)
        key = part(
            "P3.matches",
            "Matches the case",
            (line or text.lines[0][0]) if matches and text.lines else None,
            (
                "names the defective part and what is wrong with it",
                "does not name both the defective part and its fault",
                "name the file or function that is wrong and the kind of fault it has",
            ),
        )
    return (
        part(
            "P3.artefact",
            "Names what is broken",
            artefact_line(text, truth),
            (
                "names a file, commit, change or function",
                "names no file, commit, change or function",
                "name the file, function or commit that is the root cause",
            ),
        ),
        part(
            "P3.mechanism",
            "Tells how it failed",
            mechanism_line(text, truth),
            (
                "tells how that led to the failure",
                "does not tell how it led to the failure",
                "tell the mechanism: because of what, which wrong behaviour followed",
            ),
        ),
        part(
            "P3.second",
            "Why nothing caught it",
            second_factor_line(text, items),
            (
                "tells why it was not caught, or a second factor",
                "does not tell why nothing caught it",
                "add why no test, review or alert caught it",
            ),
        ),
        key,
    )


def _impact(material: Material) -> tuple[Tick, ...]:
    text, truth = material.impact, material.facts.truth
    off = duration_disagrees(text, material.facts)
    return (
        part(
            "P4.duration",
            "How long",
            duration_line(text) if off is None else None,
            ("gives the duration", off or "gives no duration", "say how long it lasted, or from when to when"),
        ),
        part(
            "P4.count",
            "How many",
            number_line(text, truth),
            (
                "counts who or what was affected",
                "does not count who or what was affected",
                "count the affected customers, answers or requests, or say why none were",
            ),
        ),
        part(
            "P4.loss",
            "What was lost or exposed",
            lost_line(text),
            (
                "says what was lost or exposed",
                "does not say what was lost or exposed",
                "say whether data or money was lost, and whether a regulator must be told; `none` counts",
            ),
        ),
    )


def _blameless(material: Material) -> Tick:
    lines = tuple(hit.line for hit in material.blame)
    title, name = "No sentence blames a person", "P6.blameless"
    if not lines:
        return Tick(id=name, title=title, earned=Fraction(1), out_of=1, reason="no sentence blames a person")
    reason = f"line {', '.join(map(str, lines[:4]))} puts the fault on a person"
    mend = f"tell in line {lines[0]} what the system allowed, instead of who did it"
    return Tick(id=name, title=title, earned=Fraction(0), out_of=1, reason=reason, lines=lines, mend=mend)
