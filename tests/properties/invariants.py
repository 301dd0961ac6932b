"""The invariants of an enrollment and its attempts, read off the raw ledger without the code that folds it.

Numbered as the rules are told in docs/attempts.md. `check` raises AssertionError naming the one that is broken.
"""

import json
from collections.abc import Iterable
from typing import Any

from grader.domain.ledger import Entry, verify
from grader.errors import LedgerBroken

ARTEFACTS = ("Saved", "CheckForced", "Submitted")


class Line:
    """One entry with its body read."""

    def __init__(self, entry: Entry) -> None:
        self.kind, self.at, self.recorded_at, self.actor = (
            entry.kind,
            entry.effective_at,
            entry.recorded_at,
            entry.actor,
        )
        self.seq = entry.seq
        self.body: dict[str, Any] = json.loads(entry.body)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.body[name]
        except KeyError:
            raise LedgerBroken(f"{self.kind} has no {name}") from None


def check(entries: Iterable[Entry]) -> None:
    """Assert all invariants over every stream of the ledger."""
    everything = list(entries)
    assert verify(everything) is None, "13: the chain does not verify"
    streams: dict[str, list[Line]] = {}
    for entry in everything:
        streams.setdefault(entry.stream, []).append(Line(entry))
    for name, lines in streams.items():
        times = [line.recorded_at for line in lines]
        assert times == sorted(times), "13: recorded time runs backwards"
        if name.startswith("attempt/"):
            _attempt(lines)
        else:
            _enrollment(lines, streams)


def _attempt(lines: list[Line]) -> None:
    start = lines[0]
    assert [line.kind for line in lines].count("Started") == 1 and start.kind == "Started"
    _windows(lines, start)
    _submission(lines)
    _runs(lines)
    _reviews(lines, start)


def _windows(lines: list[Line], start: Line) -> None:
    terms = start.terms
    assert start.live_until == start.opened_at + terms["live"], "3: a deadline moved"
    assert start.deadline == start.live_until + terms["postmortem"], "3: a deadline moved"
    for line in lines:
        if line.kind == "UpdatePosted":
            assert line.at < start.live_until, "2: an update outside the live window"
        if line.kind in ARTEFACTS and line.body.get("forced") != "deadline":
            assert line.at < start.deadline, "2: an artefact at or after the deadline"
        if line.kind == "Expired" or (line.body.get("forced") == "deadline" and line.kind == "Submitted"):
            assert line.at == start.deadline <= line.recorded_at, "2: the deadline takes effect at the deadline"
        if line.kind == "LiveClosed":
            assert line.at == start.live_until


def _submission(lines: list[Line]) -> None:
    submitted = [line for line in lines if line.kind == "Submitted"]
    expired = [line for line in lines if line.kind == "Expired"]
    assert len(submitted) + len(expired) <= 1, "4: more than one end"
    for line in submitted:
        if line.forced != "deadline":
            assert bool(line.failing_critical) == (line.forced == "learner"), "5: forced without cause, or unforced"
    for line in lines if submitted else ():
        if line.kind == "SignedOff":
            assert line.failing_critical == submitted[0].failing_critical, "5: hidden at sign-off"
            assert line.forced == submitted[0].forced, "5: hidden at sign-off"
    after = [
        line for line in lines if line.kind in ("UpdatePosted", "Saved") and submitted and line.seq > submitted[0].seq
    ]
    assert not after, "4: an artefact after the submission"


def _runs(lines: list[Line]) -> None:
    asked = [line.run for line in lines if line.kind == "GradeRequested"]
    assert asked == list(range(1, len(asked) + 1)), "6: run numbers"
    latest, ended = 0, set()
    for line in lines:
        if line.kind == "GradeRequested":
            latest = line.run
        if line.kind in ("GradeRecorded", "GradeFailed"):
            assert line.run == latest and line.run not in ended, "6: a run ended twice, or not the latest one"
            ended.add(line.run)


class _Review:
    """What an auditor remembers while reading the review."""

    def __init__(self) -> None:
        self.holder = ""
        self.due = 0
        self.breached = False
        self.run = 0
        self.pending = False
        self.proposed: dict[str, int | None] = {}
        self.points: dict[str, int] = {}
        self.skills: dict[str, int] = {}
        self.signed: list[Line] = []

    def clear(self) -> None:
        self.points, self.skills = {}, {}


def _reviews(lines: list[Line], start: Line) -> None:
    seen = _Review()
    for line in lines:
        match line.kind:
            case "GradeRequested":
                seen.pending = True
            case "GradeFailed":
                seen.pending = False
            case "GradeRecorded":
                assert set(line.cleared) == set(seen.points), "9: cleared decisions are not named"
                seen.run, seen.pending, seen.proposed = line.run, False, line.pre_scores
                seen.clear()
            case "Claimed" | "SlaBreached" | "Released":
                _lease(line, seen, start)
            case "Confirmed" | "Overridden" | "SkillAsserted":
                _decision(line, seen, start)
            case "SignedOff":
                _sign_off(line, seen, start)


def _lease(line: Line, seen: _Review, start: Line) -> None:
    match line.kind:
        case "Claimed":
            assert not seen.holder or seen.breached, "7: two holders"
            assert line.taken_over_from == seen.holder or not seen.holder, "7: taken over from somebody else"
            assert line.mentor != start.learner, "11: own review"
            assert line.sla_due == line.at + start.terms["sla"], "8: due time"
            seen.holder, seen.due, seen.breached = line.mentor, line.sla_due, False
        case "SlaBreached":
            assert line.at == seen.due < line.recorded_at and not seen.breached, "8: a breach that is none"
            seen.breached = True
        case "Released":
            assert line.mentor == seen.holder, "7: released by nobody"
            seen.holder, seen.due, seen.breached = "", 0, False
    seen.clear() if line.kind != "SlaBreached" else None


def _decision(line: Line, seen: _Review, start: Line) -> None:
    assert line.actor == f"mentor:{seen.holder}", "7: decided by somebody who does not hold it"
    assert line.actor != f"mentor:{start.learner}", "11: own review"
    assert not seen.pending, "9: decided while a run is under way"
    if line.kind == "SkillAsserted":
        assert 0 <= line.weight <= dict(start.terms["skills"])[line.skill], "10: above the ceiling"
        seen.skills[line.skill] = line.weight
        return
    assert line.run == seen.run and 0 <= line.points <= 20, "9: not the latest run, or off the scale"
    if line.kind == "Confirmed":
        assert line.points == seen.proposed[line.dimension], "9: confirmed what was not proposed"
    else:
        assert line.proposed == seen.proposed[line.dimension], "9: the proposal is not beside the decision"
        assert line.reason or line.points == line.proposed, "9: changed without a reason"
    seen.points[line.dimension] = line.points


def _sign_off(line: Line, seen: _Review, start: Line) -> None:
    terms = start.terms
    assert line.actor == f"mentor:{seen.holder}" and line.mentor == seen.holder != start.learner, "7, 11: wrong hand"
    assert line.run == seen.run and not seen.pending, "9: not the latest run"
    assert line.points == seen.points and set(line.points) == set(dict(terms["rubric"])), "9: not five decisions"
    assert line.skills == {s: w for s, w in seen.skills.items() if w}, "10: other skills than asserted"
    assert line.total == sum(dict(terms["rubric"])[d] * p for d, p in line.points.items()), "12: the sum"
    assert line.passed == (line.total >= 20 * terms["pass_percent"]), "12: the pass mark"
    assert not line.skills or line.passed, "10: skills without a pass"
    assert line.sla_breached == (line.at > seen.due) == seen.breached, "8: breach flag"
    earlier = [signed.mentor for signed in seen.signed]
    waiting = seen.signed[-1] if seen.signed else None  # a first reading of this very run; a new run starts over
    if terms["second_reader"] == "always" and waiting and not waiting.final and waiting.run == line.run:
        assert line.final and line.mentor != earlier[-1], "second reader"
    seen.signed.append(line)
    seen.holder, seen.due, seen.breached = "", 0, False
    if not line.final:
        seen.clear()


def _enrollment(lines: list[Line], streams: dict[str, list[Line]]) -> None:
    opened = [line for line in lines if line.kind == "AttemptOpened"]
    assert [line.number for line in opened] == list(range(1, len(opened) + 1)), "1: attempt numbers"
    results: dict[str, Line] = {}
    active: Line | None = None
    for line in lines:
        match line.kind:
            case "AttemptOpened":
                _opened(line, streams)
            case "ResultSigned":
                results[line.attempt] = line
                signed = streams[f"attempt/{line.attempt}"][line.sign_off - 1]
                assert signed.kind == "SignedOff" and signed.final, "12: a result that nobody signed"
                assert (signed.total, signed.points) == (line.total, line.points), "12: another result"
            case "CredentialIssued":
                assert active is None, "12: two credentials"
                top = max(result.total for result in results.values())
                assert line.total == top == results[line.attempt].total, "12: not the best result"
                assert results[line.attempt].passed, "12: not passed"
                active = line
            case "CredentialSuperseded" | "CredentialRevoked":
                assert active is not None and active.credential == line.credential, "12: not in force"
                active = None
    finals = {n: [x.seq for x in s if x.kind == "SignedOff" and x.final] for n, s in streams.items()}
    for line in opened:
        last = finals[f"attempt/{line.attempt}"][-1:]
        assert last == ([results[line.attempt].sign_off] if line.attempt in results else []), "12: a result is missing"
    if active is not None:
        assert active.total == max(result.total for result in results.values()), "12: a better result was signed off"


def _opened(line: Line, streams: dict[str, list[Line]]) -> None:
    attempt = streams[f"attempt/{line.attempt}"]
    assert line.number <= attempt[0].terms["attempts"], "1: too many attempts"
    assert (attempt[0].number, attempt[0].learner) == (line.number, line.learner)
    for stream in streams.values():
        first = stream[0]
        if first.kind == "Started" and (first.learner, first.number) == (line.learner, line.number - 1):
            # Clocks may step back, so times of two streams say nothing; the entries of one stream have an order.
            over = any(x.kind == "Expired" or (x.kind == "SignedOff" and x.final) for x in stream)
            assert over, "1: the attempt before was not over"
