"""What a record says to people, as words and rows; the comment and the page only lay it out.

Every string here may quote a learner and is still untrusted: renderers make it inert.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from grader.domain.record import CategoryTally, Record, TickLine
from grader.domain.score import FULL, Confidence, Evidence, PreScore, as_decimal
from grader.domain.timeline import TimelineKind
from grader.domain.twin import Dimension, Twin
from grader.domain.verdict import CheckResult, Mutant, MutantStatus, Verdict

KIND_WORDS = {
    TimelineKind.STATUS_UPDATE: "status update",
    TimelineKind.ROOT_CAUSE: "root cause",
    TimelineKind.HOTFIX: "hotfix",
    TimelineKind.RESOLVED: "resolved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One dimension: its pre-score, or None when there is none, and why."""

    dimension: Dimension
    score: PreScore | None

    @property
    def points(self) -> str:
        """`0.75`, or a dash while there is no pre-score."""
        return "–" if self.score is None or self.score.points is None else f"{as_decimal(self.score.points):.2f}"

    @property
    def why(self) -> str:
        """The reason, then every cap that was applied."""
        if self.score is None:
            return "Not judged"
        reason = self.score.reason.rstrip(".")
        others = (cap for cap in self.score.caps if cap.reason != self.score.reason)
        caps = (f"capped at {as_decimal(cap.at):.2f}: {cap.reason}" for cap in others)
        return "; ".join((_capital(reason), *caps))

    @property
    def doubt(self) -> str:
        """`medium confidence` or the like; empty when it is high, or when there is no pre-score."""
        if self.score is None or self.score.points is None or self.score.confidence is Confidence.HIGH:
            return ""
        return f"{self.score.confidence} confidence"

    @property
    def lost(self) -> int:
        """Points times weight that are missing; 0 when there is no pre-score."""
        if self.score is None or self.score.points is None:
            return 0
        return (FULL - self.score.points) * self.dimension.weight

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What a mentor can open for this dimension."""
        return () if self.score is None else self.score.evidence


def _capital(sentence: str) -> str:
    """A capital letter in front, unless the sentence starts with a name of something."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].upper() + sentence[1:] if first.isalpha() else sentence


def rows(record: Record, twin: Twin) -> tuple[Row, ...]:
    """One row per dimension, in the order of the rubric."""
    scores = {score.dimension: score for score in record.pre_scores}
    return tuple(Row(dimension=d, score=scores.get(d.id)) for d in twin.dimensions)


def percent(share: Fraction) -> str:
    """An exact percentage: never rounded over a pass mark."""
    return f"{float(share * 100):.2f}".rstrip("0").rstrip(".") + " %"


def headline(record: Record, twin: Twin) -> tuple[str, str]:
    """What happened: a few strong words, and the rest of the sentence."""
    needs = f"The pass mark is {twin.pass_percent} %."
    if record.overall is None:
        formed = sum(score.points is not None for score in record.pre_scores)
        why = record.overall_reason.rstrip(".") or "a dimension has no pre-score"
        return f"No overall yet: {formed} of {len(twin.dimensions)} dimensions have a pre-score.", _capital(f"{why}.")
    if record.would_pass:
        return f"Would pass at {percent(record.overall)}.", needs
    return f"Would not pass yet: {percent(record.overall)}.", needs


NOTHING_FINAL = "A mentor confirms or changes every number below; nothing is final yet."


def received(record: Record) -> str:
    """When it was handed in, and how far from the deadline."""
    submission = record.submission
    at = f"received {clock(submission.received_at)} on {submission.received_at:%Y-%m-%d}"
    if submission.deadline is None:
        return at
    distance = submission.deadline - submission.received_at
    if distance < timedelta(0):
        return f"{at}, {span(-distance)} after the deadline"
    return f"{at}, {span(distance)} before the deadline"


def clock(moment: datetime) -> str:
    """`13:52:07 UTC`."""
    return f"{moment:%H:%M:%S} UTC"


def clock_and_day(moment: datetime) -> str:
    """`13:52:07 UTC on 09 Mar 2026`."""
    return f"{clock(moment)} on {moment:%d %b %Y}"


def span(distance: timedelta) -> str:
    """`4 min`, `2 h 05 min`, `40 s`."""
    seconds = int(distance.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def warnings(record: Record, twin: Twin) -> tuple[str, ...]:
    """What a mentor must look at before deciding: flags, then self-checks that do not match."""
    questions = {check.id: check.question for check in twin.self_checks}
    said = tuple(f"{flag.id.replace('_', ' ').capitalize()}: {flag.detail}" for flag in record.flags)
    covered = " ".join(flag.detail for flag in record.flags if flag.id == "self_check_mismatch")
    checks = (answer for answer in record.submission.self_checks if answer.contradicted and answer.id not in covered)
    return said + tuple(
        f"Self-check {a.id} ({questions.get(a.id, 'unknown')}) was answered {_yes(a.answer)}; found: {_yes(a.observed)}"
        for a in checks
    )


def _yes(value: bool | None) -> str:  # noqa: FBT001 - the value is the thing shown
    return "unknown" if value is None else "yes" if value else "no"


def self_checks(record: Record, twin: Twin) -> tuple[tuple[str, str, str, str], ...]:
    """Question, answer, what was found, and whether it was forced; in words."""
    questions = {check.id: check.question for check in twin.self_checks}
    return tuple(
        (
            f"{a.id} {questions.get(a.id, '')}".strip(),
            "not answered" if a.answer is None else _yes(a.answer),
            "not observable" if a.observed is None else _yes(a.observed),
            f"forced: {a.reason or 'no reason given'}" if a.forced else "",
        )
        for a in record.submission.self_checks
    )


def survivors(record: Record) -> tuple[Mutant, ...]:
    """Mutants that the learner's tests did not notice."""
    return tuple(m for m in record.details.mutants if m.status is MutantStatus.SURVIVED)


def judged_mutants(record: Record) -> int:
    """How many mutants count: killed or survived."""
    return sum(m.status in (MutantStatus.KILLED, MutantStatus.SURVIVED) for m in record.details.mutants)


def tallies(record: Record) -> tuple[CategoryTally, ...]:
    """Categories, the least safe first."""
    return tuple(sorted(record.details.categories, key=lambda t: (Fraction(t.safe, max(t.asked, 1)), t.category)))


def ticks(record: Record, dimension: Dimension) -> tuple[TickLine, ...]:
    """The ticks of one dimension, in the order of its rubric."""
    return tuple(tick for tick in record.details.ticks if tick.dimension == dimension.id)


def lines(tick: TickLine) -> str:
    """`lines 3, 17`, at most six of them."""
    shown = ", ".join(str(line) for line in tick.lines[:6])
    return f"{shown}, …" if len(tick.lines) > 6 else shown


def advice(record: Record, twin: Twin) -> tuple[str, ...]:
    """What is most worth improving, the most valuable first: the grader's sentences by the points that are missing."""
    lost = {row.dimension.id: row.lost for row in rows(record, twin)}
    ordered = sorted(record.details.advice, key=lambda item: -lost.get(item.dimension, 0))
    return tuple(item.sentence for item in ordered if lost.get(item.dimension, 0) > 0)


def moments(record: Record) -> tuple[tuple[str, str, str, str], ...]:
    """The server's timeline: how long after the start, the time, what and who, the words."""
    timeline = record.details.timeline
    if timeline is None:
        return ()
    return tuple(
        (
            _after_start(event.at - timeline.opened_at),
            f"{event.at:%H:%M:%S}",
            f"{KIND_WORDS[event.kind]}, {event.author}{' (edited later)' if event.edited else ''}",
            event.text,
        )
        for event in timeline.events
    )


def _after_start(distance: timedelta) -> str:
    return f"−{span(-distance)}" if distance < timedelta(0) else f"+{span(distance)}"


def check_line(check: CheckResult) -> str:
    """One check in one line."""
    words = {Verdict.PASSED: "passed", Verdict.FAILED: "failed", Verdict.INCONCLUSIVE: "could not be judged"}
    return f"{words[check.verdict]} ({check.met} of {check.out_of})"


def provenance(record: Record) -> tuple[tuple[str, str], ...]:
    """What it takes to get the same result again, as names and values."""
    p = record.provenance
    facts = [
        ("grader", p.grader),
        ("image", p.image),
        ("case", f"{record.case} {p.case_digest[:12]}"),
        ("twin", f"{record.twin} {p.twin_digest[:12]}"),
        ("seed", str(p.seed)),
        ("language model", p.language_model or "none, rules only"),
        ("sandbox", p.runtime),
        *((f"tree {name}", digest[:12]) for name, digest in p.trees),
        ("runs", f"{p.runs} in {p.seconds:.1f} s" if p.runs else "none: remembered from an equal run"),
        ("run", record.run_id),
    ]
    return tuple((name, value) for name, value in facts if value.strip())
