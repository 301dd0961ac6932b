"""Read: the post-mortem and the status updates, by rules; and the pre-scores of prose."""

from dataclasses import dataclass, replace

from grader.domain.case import Case
from grader.domain.case_facts import HotfixFacts
from grader.domain.judgement import JudgeReport
from grader.domain.prose import KnownText, PostmortemReading, ProseFacts, Tick, UpdatesReading
from grader.domain.record import TickLine
from grader.domain.score import Confidence, DimensionId, Evidence, Points, PreScore, ScoredBy
from grader.domain.telemetry import outages
from grader.domain.timeline import Timeline
from grader.grade.order import GradeOrder, Tools
from grader.grade.receive import Handed
from grader.scoring import unknown
from grader.writing import postmortem, updates
from grader.writing.judge import judge_postmortem, judge_updates

POSTMORTEM = DimensionId("postmortem_quality")
COMMUNICATION = DimensionId("communication")
NO_FACTS = ProseFacts()
NAMED = 3
"""Ticks that a reason names; all of them are in the table."""
OWNERS = frozenset({"P5.owner", "P5.owned"})
"""What the count of owned follow-ups says already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read; None where there was nothing to read."""

    postmortem: PostmortemReading | None
    updates: UpdatesReading | None
    path: str = ""
    text: str = ""
    facts: ProseFacts = NO_FACTS
    reports: tuple[JudgeReport, ...] = ()

    def scored_by(self, dimension: DimensionId) -> ScoredBy:
        """Who formed a dimension's points."""
        used = any(report.used and report.dimension == dimension for report in self.reports)
        return ScoredBy.LANGUAGE_MODEL if used else ScoredBy.RULES


def read_prose(order: GradeOrder, case: Case, handed: Handed, hotfix: HotfixFacts) -> Read:
    """Read both; never raises on what a learner wrote. What was seen of the hotfix tells when the probe failed."""
    facts = ProseFacts(timeline=order.timeline, truth=case.truth, known_texts=_handed_out(case))
    document = handed.documents.postmortem
    timeline = _watched(order.timeline, handed.commit, hotfix) if order.timeline is not None else None
    return Read(
        postmortem=postmortem.read(document.text, facts) if document is not None else None,
        updates=updates.read(timeline) if timeline is not None else None,
        path=document.path if document is not None else "",
        text=document.text if document is not None else "",
        facts=facts,
    )


def _watched(timeline: Timeline, commit: str, hotfix: HotfixFacts) -> Timeline:
    return replace(timeline, outages=(*timeline.outages, *outages(timeline, commit, hotfix)))


def _handed_out(case: Case) -> tuple[KnownText, ...]:
    """The documents that every learner got with the starter; copying them is no writing."""
    documents = (file for file in case.starter.files if file.path.endswith(".md"))
    return tuple(KnownText(name=file.path, text=file.content.decode(errors="replace")) for file in documents)


def judged(read: Read, tools: Tools) -> Read:
    """What was read, adjusted by the language model where the operator switched one on."""
    if tools.judge is None:
        return read
    tools.tell("asking the language model about the prose")
    reports: list[JudgeReport] = []
    if read.postmortem is not None:
        reading, report = judge_postmortem(read.text, read.postmortem, read.facts, tools.judge)
        read, reports = replace(read, postmortem=reading), [*reports, report]
    if read.updates is not None:
        changed, report = judge_updates(read.updates, tools.judge)
        read, reports = replace(read, updates=changed), [*reports, report]
    return replace(read, reports=tuple(reports))


def postmortem_quality(read: Read) -> PreScore:
    """A post-mortem that was not handed in is a deliverable that is missing: 0, not unknown."""
    reading = read.postmortem
    if reading is None:
        return PreScore(dimension=POSTMORTEM, points=Points(0), reason="no post-mortem was handed in")
    items = len(reading.follow_ups)
    owned = f"{reading.owned} of {items} follow-ups have an owner" if items else "no follow-ups"
    missed = (item for item in reading.follow_ups if not item.owners)
    return PreScore(
        dimension=POSTMORTEM,
        points=reading.points,
        reason=f"{owned}; {_lost(reading.ticks, but=OWNERS)}",
        caps=reading.caps,
        confidence=Confidence.MEDIUM if reading.proposed_caps else Confidence.HIGH,
        scored_by=read.scored_by(POSTMORTEM),
        evidence=(
            *(
                Evidence(claim="follow-up without an owner", where=f"{read.path}:{f.line}", quote=f.text)
                for f in missed
            ),
            *(
                Evidence(claim="may blame a person", where=f"{read.path}:{b.line}", quote=b.quote)
                for b in reading.blame
            ),
        ),
    )


def communication(read: Read) -> PreScore:
    """Needs the server's timeline; without one it is unknown."""
    if read.updates is None:
        return unknown(COMMUNICATION, "no timeline")
    reading = read.updates
    counted = sum(update.in_window and update.is_status_update for update in reading.updates)
    return PreScore(
        dimension=COMMUNICATION,
        points=reading.points,
        reason=f"{counted} status updates in the live window; {_lost(reading.ticks)}",
        caps=reading.caps,
        scored_by=read.scored_by(COMMUNICATION),
    )


def _lost(ticks: tuple[Tick, ...], but: frozenset[str] = frozenset()) -> str:
    """What lost most, in words; `but` are ticks that are told otherwise."""
    leaves = (leaf for tick in ticks for leaf in (tick.parts or (tick,)))
    short = sorted((leaf for leaf in leaves if leaf.earned < leaf.out_of), key=lambda leaf: leaf.earned - leaf.out_of)
    if not short:
        return "every tick earned"
    told = [leaf.reason.rstrip(".") for leaf in short if leaf.id not in but]
    return "; ".join(told[:NAMED]) or "all else earned"


def tick_lines(read: Read) -> tuple[TickLine, ...]:
    """Every tick as a row; of a group each part, since a mentor can overturn one alone."""
    readings = ((POSTMORTEM, read.postmortem), (COMMUNICATION, read.updates))
    return tuple(
        _line(dimension, tick)
        for dimension, reading in readings
        if reading is not None
        for group in reading.ticks
        for tick in (group.parts or (group,))
    )


def _line(dimension: DimensionId, tick: Tick) -> TickLine:
    return TickLine(
        dimension=dimension,
        id=tick.id,
        title=tick.title,
        earned=float(tick.earned),
        out_of=tick.out_of,
        reason=tick.reason,
        lines=tick.lines,
    )
