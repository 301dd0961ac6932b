"""The comment that learner and mentor read: what happened, what to do next, the numbers, then folded evidence.

GitHub Markdown under `MAX_COMMENT` characters. Learner text is inert (see `inert`). Of hidden questions it knows the
category and the count, never a question.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grader.domain.record import Record
from grader.domain.twin import Twin
from grader.domain.verdict import Mutant
from grader.report import paired, view
from grader.report.inert import code, fenced, one_line, prose

MAX_COMMENT = 60_000
"""GitHub refuses 65,536 characters; the rest is for the marker and the log that are put round the comment."""
MAX_TESTS, MAX_SURVIVORS, MAX_MOMENTS, MAX_QUOTES, MAX_WARNINGS = 40, 12, 60, 40, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """What the code host knows and the record does not; `head`, `commands` and `tail` are trusted Markdown."""

    learner: str = ""
    attempt: int = 0
    standing: str = "waiting for a mentor"
    finality: str = view.NOTHING_FINAL
    head: str = ""
    commands: str = ""
    tail: str = ""


ALONE = Framing()
"""No code host: the comment as a file."""


def comment(record: Record, twin: Twin, framing: Framing = ALONE) -> str:
    """The comment; when it would grow too long, folded sections are left out from the last one on, then the advice."""
    top = [_title(twin, framing), *_summary(record, twin, framing), _table(record, twin), *_warnings(record, twin)]
    top.extend(_advice(record, twin))
    folds = [fold for section in _SECTIONS if (fold := section(record, twin))]
    tail = [framing.commands or commands(record, twin), framing.tail.strip()]
    left_out = 0
    while True:
        note = [f"{left_out} more sections are in the report page; they did not fit here."] if left_out else []
        text = "\n\n".join(filter(None, [framing.head.strip(), *top, *folds, *note, *tail])) + "\n"
        droppable = folds or top[3:]
        if len(text) <= MAX_COMMENT or not droppable:
            return text
        (folds or top).pop()
        left_out += 1


def _title(twin: Twin, framing: Framing) -> str:
    who = f" for {code('@' + framing.learner)}" if framing.learner else ""
    attempt = f", attempt {framing.attempt} of {twin.attempts}" if framing.attempt else ""
    return f"### Pre-scores{who}{attempt} · {prose(framing.standing)}"


def _summary(record: Record, twin: Twin, framing: Framing) -> list[str]:
    strong, rest = view.headline(record, twin)
    graded = f"Graded {code(record.submission.commit[:10])} against case {code(record.case)}"
    return [f"**{prose(strong)}** {prose(rest)} {framing.finality}\n{graded} · {prose(view.received(record))}."]


def _table(record: Record, twin: Twin) -> str:
    lines = ["| | Pre-score | Weight | Why |", "|---|---|---|---|"]
    for row in view.rows(record, twin):
        doubt = f" ({row.doubt})" if row.doubt else ""
        lines.append(
            f"| {prose(row.dimension.title)} | **{row.points}** | {row.dimension.weight} % | {prose(row.why)}{doubt} |"
        )
    return "\n".join(lines)


def _warnings(record: Record, twin: Twin) -> list[str]:
    found = view.warnings(record, twin)
    if not found:
        return []
    lines = [f"> - {prose(text)}" for text in found[:MAX_WARNINGS]]
    return [
        "\n".join(["> [!WARNING]", "> **For the mentor, before you decide:**", *lines, *_more(found, MAX_WARNINGS)])
    ]


def _advice(record: Record, twin: Twin) -> list[str]:
    sentences = view.advice(record, twin)
    if not sentences:
        return []
    others = "\n".join(f"- {prose(sentence)}" for sentence in sentences[1:4])
    return [f"**Most worth improving:** {prose(sentences[0])}", others]


def _fold(title: str, parts: Iterable[str]) -> str:
    body = "\n\n".join(filter(None, parts))
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>" if body else ""


def _more(items: tuple[object, ...], shown: int) -> list[str]:
    return [f"… and {len(items) - shown} more in the report page."] if len(items) > shown else []


def _tests(record: Record, _: Twin) -> str:
    found = paired.rows(record.details.tests)
    if not found:
        return ""
    lines = ["| test | before (the base) | after (the fix) |", "|---|---|---|"]
    for row in found[:MAX_TESTS]:
        count = f" ({row.count})" if row.count else ""
        why = f": {code(one_line(row.test.message))}" if row.test.message else ""
        lines.append(f"| {code(row.name)}{count} | {row.before}{why} | {row.after} |")
    ids = len(record.details.tests)
    return _fold(f"Regression test: before and after ({ids})", ["\n".join(lines), *_more(found, MAX_TESTS)])


def _mutants(record: Record, _: Twin) -> str:
    lived = view.survivors(record)
    judged = view.judged_mutants(record)
    if not judged:
        return ""
    if not lived:
        return _fold(f"Changes to your fix that your test did not notice: none of {judged}", ["All were noticed."])
    said = "Each of these was made to your fix, one at a time, and your tests stayed green:"
    return _fold(
        f"Changes to your fix that your test did not notice: {len(lived)} of {judged}",
        [said, *(_survivor(mutant) for mutant in lived[:MAX_SURVIVORS]), *_more(lived, MAX_SURVIVORS)],
    )


def _survivor(mutant: Mutant) -> str:
    where = f"{code(f'{mutant.file}:{mutant.line}')}, {prose(mutant.kind.replace('_', ' '))}"
    return f"{where}\n\n{fenced(mutant.diff, language='diff', limit=1500)}" if mutant.diff else where


def _categories(record: Record, _: Twin) -> str:
    found = view.tallies(record)
    if not found:
        return ""
    safe, asked = sum(t.safe for t in found), sum(t.asked for t in found)
    rows = ["| category | safe answers |", "|---|---|"]
    rows += [f"| {prose(t.category.replace('_', ' '))} | {t.safe} of {t.asked} |" for t in found]
    return _fold(f"Hidden questions by category: {safe} of {asked} answered safely", ["\n".join(rows)])


def _ticks(record: Record, twin: Twin) -> str:
    blocks: list[str] = []
    for dimension in twin.dimensions:
        ticks = view.ticks(record, dimension)
        if not ticks:
            continue
        rows = [f"**{prose(dimension.title)}**\n", "| | earned | why | lines |", "|---|---|---|---|"]
        rows += [
            f"| {prose(f'{t.id} {t.title}')} | {t.earned:g} of {t.out_of} | {prose(t.reason)} | {view.lines(t)} |"
            for t in ticks
        ]
        blocks.append("\n".join(rows))
    return _fold("Prose, tick by tick (20 ticks of 0.05 each)", blocks)


def _timeline(record: Record, _: Twin) -> str:
    moments = view.moments(record)
    timeline = record.details.timeline
    if timeline is None:
        return ""
    window = f"Opened {view.clock(timeline.opened_at)}, live until {view.clock(timeline.closes_at)}."
    rows = ["| after the start | UTC | what | text |", "|---|---|---|---|"]
    rows += [
        f"| {since} | {at} | {prose(what)} | {code(text, limit=500)} |"
        for since, at, what, text in moments[:MAX_MOMENTS]
    ]
    return _fold(
        f"Timeline on the server's clock ({len(moments)} events)",
        [window, "\n".join(rows) if moments else "", *_more(moments, MAX_MOMENTS)],
    )


def _self_checks(record: Record, twin: Twin) -> str:
    found = view.self_checks(record, twin)
    if not found:
        return ""
    rows = ["| self-check | answered | found | |", "|---|---|---|---|"]
    rows += [f"| {prose(question)} | {answer} | {seen} | {prose(forced)} |" for question, answer, seen, forced in found]
    return _fold("Self-checks: answered and found", ["\n".join(rows)])


def _evidence(record: Record, twin: Twin) -> str:
    items: list[str] = []
    for row in view.rows(record, twin):
        for evidence in row.evidence[:MAX_QUOTES]:
            quote = f"\n\n  {code(evidence.quote)}" if evidence.quote else ""
            items.append(f"- **{prose(row.dimension.title)}**: {prose(evidence.claim)} ({code(evidence.where)}){quote}")
    for check in record.checks:
        items.append(f"- Check {code(check.id)}: {view.check_line(check)}; {prose(check.reason)}")
    return _fold("Evidence for each number", ["\n".join(items)] if items else [])


def _provenance(record: Record, _: Twin) -> str:
    facts = " · ".join(f"{name} {code(value)}" for name, value in view.provenance(record))
    return _fold("How this was graded", [facts])


_SECTIONS: tuple[Callable[[Record, Twin], str], ...] = (
    _tests,
    _mutants,
    _categories,
    _ticks,
    _evidence,
    _self_checks,
    _timeline,
    _provenance,
)


def commands(record: Record, twin: Twin, *, left: int | None = None) -> str:
    """What to post while a mentor decides; `left` attempts remain, None where nobody counts them."""
    dimension = twin.dimensions[-1].id
    asserted = f" · `/assert {twin.skills[0].id} 0.80` asserts a skill" if twin.skills else ""
    accept = "`/confirm` accepts all the numbers · " if record.overall is not None else ""
    left = twin.attempts - 1 if left is None else left
    again = f" **Learner:** after the sign-off `/reattempt` starts the next attempt ({left} left)." if left > 0 else ""
    return (
        f"**Mentor:** {accept}`/score {dimension} 0.55 reason` sets one{asserted} · `/signoff` finishes.{again} "
        "`/help` lists all."
    )
