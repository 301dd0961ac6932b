"""How the prose commands read a file and show ticks; the JSON of INTERFACES is made here."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.domain.prose import PostmortemReading, Tick, UpdatesReading
from grader.domain.score import Cap, as_decimal
from grader.domain.verdict import Flag
from grader.errors import InputInvalid

MAX_FILE = 8 * 1024 * 1024


def read_bytes(file: str) -> bytes:
    """A file's bytes; raises InputInvalid when it cannot be read or is over 8 MiB."""
    path = Path(file)
    try:
        if path.is_file() and path.stat().st_size > MAX_FILE:
            raise InputInvalid(f"{file}: larger than {MAX_FILE // 1024 // 1024} MiB")
        return path.read_bytes()
    except OSError as error:
        raise InputInvalid(f"cannot read {file}: {error.strerror}") from None


def decode(content: bytes) -> str:
    """Text of any bytes: UTF-8, UTF-16 by its mark, else Latin-1; nothing is refused."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def postmortem_document(reading: PostmortemReading) -> dict[str, Any]:
    """A `grader/postmortem/1` object."""
    return {
        "schema": "grader/postmortem/1",
        "sections": {str(section): present for section, present in reading.sections},
        "timeline": [{"line": r.line, "at": r.at, "text": r.text, "date": r.date} for r in reading.timeline],
        "follow_ups": [
            {"line": f.line, "text": f.text, "owners": list(f.owners), "due": f.due, "ticket": f.ticket}
            for f in reading.follow_ups
        ],
        "owned": reading.owned,
        "names_owners": reading.names_owners,
        "blame": [{"line": b.line, "quote": b.quote, "why": b.why} for b in reading.blame],
        "ticks": [_tick(tick) for tick in reading.ticks],
        "caps": _caps(reading.caps),
        "proposed_caps": _caps(reading.proposed_caps),
        "score": as_decimal(reading.points),
        "flags": _flags(reading.flags),
        "advice": list(reading.advice),
        "words": reading.words,
    }


def updates_document(reading: UpdatesReading) -> dict[str, Any]:
    """A `grader/updates/1` object."""
    return {
        "schema": "grader/updates/1",
        "updates": [
            {
                "at": u.at.isoformat().replace("+00:00", "Z"),
                "author": u.author,
                "in_window": u.in_window,
                "is_status_update": u.is_status_update,
                "has_impact": u.has_impact,
                "has_action": u.has_action,
                "has_state": u.has_state,
                "has_next_update": u.has_next_update,
                "speculative": u.speculative,
                "internal_jargon": u.internal_jargon,
                "edited": u.edited,
                "notes": list(u.notes),
            }
            for u in reading.updates
        ],
        "published": reading.published,
        "ticks": [_tick(tick) for tick in reading.ticks],
        "caps": _caps(reading.caps),
        "score": as_decimal(reading.points),
        "flags": _flags(reading.flags),
        "advice": list(reading.advice),
    }


def _tick(tick: Tick) -> dict[str, Any]:
    earned = int(tick.earned) if tick.earned.denominator == 1 else float(tick.earned)
    document: dict[str, Any] = {
        "id": tick.id,
        "title": tick.title,
        "earned": earned,
        "out_of": tick.out_of,
        "reason": tick.reason,
        "lines": list(tick.lines),
    }
    if tick.parts:
        document["parts"] = [_tick(part) for part in tick.parts]
    return document


def _caps(caps: tuple[Cap, ...]) -> list[dict[str, Any]]:
    return [{"id": cap.id, "at": as_decimal(cap.at), "reason": cap.reason} for cap in caps]


def _flags(flags: tuple[Flag, ...]) -> list[dict[str, str]]:
    return [{"id": flag.id, "detail": flag.detail} for flag in flags]


def print_ticks(console: Console, ticks: tuple[Tick, ...]) -> None:
    """The ticks as a table: earned, why, lines."""
    table = Table("tick", "earned", "what was found", "lines", title_justify="left")
    for tick in ticks:
        for part in tick.parts or (tick,):
            shown = "–" if part.out_of == 0 else f"{float(part.earned):g}/{part.out_of}"
            lines = ", ".join(map(str, part.lines[:6])) + (" …" if len(part.lines) > 6 else "")
            table.add_row(part.id, shown, escape(part.reason), lines)
    console.print(table)


def print_end(console: Console, reading: PostmortemReading | UpdatesReading) -> None:
    """Caps, flags and advice."""
    for cap in reading.caps:
        console.print(f"[bold]at most {as_decimal(cap.at):.2f}[/]: {escape(cap.reason)}")
    if isinstance(reading, PostmortemReading):
        for cap in reading.proposed_caps:
            console.print(f"proposed, at most {as_decimal(cap.at):.2f}: {escape(cap.reason)}")
    for flag in reading.flags:
        console.print(f"flag {flag.id}: {escape(flag.detail)}")
    for sentence in reading.advice:
        console.print(f"[italic]{escape(sentence)}[/]")
