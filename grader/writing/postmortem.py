"""Post-mortem quality: 20 ticks of 0.05 with the lines that earned or missed them, caps, and blame as a proposal."""

from fractions import Fraction

from grader.domain.prose import FollowUp, PostmortemReading, ProseFacts, Section, Tick
from grader.domain.score import FULL, Cap, Points
from grader.domain.verdict import Flag
from grader.writing.advice import postmortem_advice
from grader.writing.blame import find_blame
from grader.writing.content import has_content, holes
from grader.writing.document import Code, Document, read_document
from grader.writing.follow_ups import only_prose, read_follow_ups
from grader.writing.injection import injection_lines
from grader.writing.material import Material
from grader.writing.named_people import people_named
from grader.writing.originality import copied_share, distinct_words
from grader.writing.postmortem_ticks import all_ticks
from grader.writing.rows import Rows, read_rows
from grader.writing.sections import Piece, lines_of, read_pieces
from grader.writing.signals import Text, is_only_human_error
from grader.writing.unlabelled import is_timeline, with_follow_ups

NO_FACTS = ProseFacts()
MIN_WORDS = 120
MAX_HOLES = 2
COPIED = Fraction(60, 100)


def read(text: str, facts: ProseFacts = NO_FACTS) -> PostmortemReading:
    """Read one post-mortem. Any text gives a reading; what `facts` do not hold is not judged and costs nothing."""
    document = read_document(text)
    injected = frozenset(injection_lines(text))
    material = _material(document, facts, injected)
    ticks = all_ticks(material)
    caps = _caps(material, ticks, facts)
    return PostmortemReading(
        sections=tuple((section, section in material.sections) for section in Section),
        timeline=material.rows.rows,
        follow_ups=material.follow_ups,
        blame=material.blame,
        ticks=ticks,
        caps=caps,
        proposed_caps=_proposed(material),
        points=points_of(ticks, caps),
        flags=_flags(material, document, facts, injected),
        advice=postmortem_advice(ticks, caps, material),
        words=material.words,
    )


def points_of(ticks: tuple[Tick, ...], caps: tuple[Cap, ...]) -> Points:
    """Ticks earned of those that could be judged, on the scale of 20, floored; the lowest cap wins."""
    earned = sum((tick.earned for tick in ticks), Fraction(0))
    possible = sum(tick.out_of for tick in ticks)
    points = int(earned * FULL / possible) if possible else 0
    return Points(min([points, *(cap.at for cap in caps)]))


def _material(document: Document, facts: ProseFacts, injected: frozenset[int]) -> Material:
    """Everything that was read; a line that speaks to the grader is shown to the mentor and earns nothing."""
    pieces = with_follow_ups(read_pieces(document))
    rows = read_rows(pieces)
    follow_ups = read_follow_ups(pieces)
    lines = [line for piece in pieces for line in lines_of(piece.block) if line.number not in injected]
    people = people_named((item.owners for item in follow_ups), lines)
    return Material(
        pieces=pieces,
        sections=_sections(pieces, follow_ups, rows),
        rows=rows,
        follow_ups=follow_ups,
        prose_follow_ups=only_prose(pieces),
        root_cause=_text(pieces, Section.ROOT_CAUSE, injected),
        impact=_text(pieces, Section.IMPACT, injected),
        everything=Text(tuple((line.number, line.text) for line in lines)),
        blame=find_blame(lines, people),
        words=distinct_words(line.text for line in lines),
        holes=sum(holes(line.text) for line in lines),
        read_to=document.cleaned.read_to,
        facts=facts,
    )


def _text(pieces: tuple[Piece, ...], section: Section, injected: frozenset[int] = frozenset()) -> Text:
    """The lines of a section, its labels aside."""
    return Text(
        tuple(
            (line.number, line.text)
            for piece in pieces
            if section in piece.sections and not piece.is_label and not isinstance(piece.block, Code)
            for line in lines_of(piece.block)
            if has_content(line.text) and line.number not in injected
        )
    )


def _sections(pieces: tuple[Piece, ...], follow_ups: tuple[FollowUp, ...], rows: Rows) -> frozenset[Section]:
    """Sections with a label and content below it; three timed rows below any label of their own are a timeline."""
    found = {section for section in Section if _text(pieces, section).lines}
    if Section.TIMELINE not in found and is_timeline(pieces, {row.line for row in rows.rows}):
        found.add(Section.TIMELINE)
    if Section.FOLLOW_UPS in found and not follow_ups:
        kept = _text(pieces, Section.FOLLOW_UPS).whole
        if len(kept.split()) < 4:
            found.discard(Section.FOLLOW_UPS)
    return frozenset(found)


def _caps(material: Material, ticks: tuple[Tick, ...], facts: ProseFacts) -> tuple[Cap, ...]:
    parts = {part.id: part for tick in ticks for part in tick.parts}
    copied = copied_share(material.everything.whole, facts.known_texts)
    unread = f" ({_unread(material)})" if material.read_to else ""
    rules = (
        (not material.follow_ups, "no_follow_ups", 11, f"no follow-up items were found{unread}"),
        (not any(item.owners for item in material.follow_ups), "no_owner", 14, f"no follow-up names an owner{unread}"),
        (parts["P1.root_cause"].earned == 0, "no_root_cause", 12, f"no root cause is given{unread}"),
        (parts["P1.timeline"].earned == 0, "no_timeline", 13, f"there is no timeline{unread}"),
        (is_only_human_error(material.root_cause), "human_error_only", 12, "the root cause stops at human error"),
        (material.contradiction is not None, "contradicts_case", 12, material.contradiction or ""),
        (
            material.words < MIN_WORDS,
            "too_short",
            8,
            f"{material.words} different words in a row; {MIN_WORDS} are needed",
        ),
        (material.holes > MAX_HOLES, "template_left", 8, f"{material.holes} placeholders of the template were left"),
        (copied[0] >= COPIED, "copied", 6, f"{int(copied[0] * 100)} % of it stands word for word in {copied[1]}"),
    )
    return tuple(Cap(id=name, at=Points(at), reason=reason) for holds, name, at, reason in rules if holds)


def _unread(material: Material) -> str:
    return f"it is too long: only lines 1 to {material.read_to} were read"


def _proposed(material: Material) -> tuple[Cap, ...]:
    if not material.blame:
        return ()
    line = material.blame[0].line
    return (
        Cap(
            id="blame",
            at=Points(15),
            reason=f"line {line} puts the fault on a person; applies when a mentor confirms it",
        ),
    )


def _flags(material: Material, document: Document, facts: ProseFacts, injected: frozenset[int]) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    if material.blame:
        listed = ", ".join(str(hit.line) for hit in material.blame[:5])
        flags.append(Flag(id="blame", detail=f"post-mortem line {listed}: puts the fault on a person; confirm or drop"))
    if injected:
        listed = ", ".join(str(line) for line in sorted(injected)[:5])
        flags.append(Flag(id="injection", detail=f"post-mortem line {listed}: addresses the grader"))
    if document.cleaned.hidden:
        flags.append(Flag(id="hidden_text", detail="post-mortem: " + "; ".join(document.cleaned.hidden)))
    if material.read_to:
        flags.append(Flag(id="too_long", detail=f"post-mortem: {_unread(material)}"))
    share, name = copied_share(material.everything.whole, facts.known_texts)
    if share >= COPIED:
        flags.append(Flag(id="copied", detail=f"post-mortem: {int(share * 100)} % stands word for word in {name}"))
    if material.contradiction:
        flags.append(Flag(id="contradicts_case", detail=f"post-mortem: {material.contradiction}"))
    flags += [Flag(id="fact_mismatch", detail=f"post-mortem: {note}") for note in material.mismatches]
    return tuple(flags)
