"""An optional language model adjusts a few ticks by levels, with verified quotes, within 0.15 and under every cap.

The rules come first and stand whenever the model is silent, refuses, answers out of shape, or cannot prove a quote. It
never sees a number, the learner, or the case's answer key, and a text that speaks to the grader cannot gain by it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median_low

from grader.domain.judgement import JudgeReport, ModelAnswer, ModelQuestion
from grader.domain.prose import PostmortemReading, ProseFacts, Section, Tick, UpdatesReading
from grader.domain.score import Cap, Points
from grader.domain.verdict import Flag
from grader.errors import LanguageModelUnavailable
from grader.ports import LanguageModel
from grader.writing.document import Code, read_document
from grader.writing.injection import injection_lines
from grader.writing.judge_prompt import digest, fenced, instructions
from grader.writing.judge_schema import SCHEMA, Judgement, Judgements, parse
from grader.writing.postmortem import points_of
from grader.writing.sections import lines_of, read_pieces

SAMPLES = 3
BOUND = 3
"""Points (0.15) by which the model may move a dimension, and from which a disagreement is flagged."""
SHORTEST, LONGEST = 12, 240
POSTMORTEM = ("P3.mechanism", "P3.second", "P5.concrete", "P6.blameless")
COMMUNICATION = ("C4.who", "C5.what", "C8.plain")

Prices = tuple[float, float]
"""Of a million tokens in and out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A model, how it is called in the record, and what its tokens cost."""

    model: LanguageModel
    name: str
    prices: Prices = (0.0, 0.0)
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the model is shown: lines of the text, which of them each criterion may quote, and texts of others."""

    dimension: str
    criteria: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]
    quotable: dict[str, frozenset[int]]
    foreign: str = ""
    injected: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Ticks and points after the judge, what a mentor must look at, and the report for the record."""

    ticks: tuple[Tick, ...]
    points: Points
    flags: tuple[Flag, ...]
    report: JudgeReport


def judge_postmortem(
    text: str, reading: PostmortemReading, facts: ProseFacts, judge: Judge
) -> tuple[PostmortemReading, JudgeReport]:
    """The reading with the judge's adjustment; the rules' reading and a flag when the judge could not be used."""
    adjusted = adjust(_postmortem_material(text, facts), reading.ticks, reading.caps, judge)
    flags = (*reading.flags, *adjusted.flags)
    return replace(reading, ticks=adjusted.ticks, points=adjusted.points, flags=flags), adjusted.report


def judge_updates(reading: UpdatesReading, judge: Judge) -> tuple[UpdatesReading, JudgeReport]:
    """The same for status updates; only those inside the live window are shown."""
    adjusted = adjust(_updates_material(reading), reading.ticks, reading.caps, judge)
    flags = (*reading.flags, *adjusted.flags)
    return replace(reading, ticks=adjusted.ticks, points=adjusted.points, flags=flags), adjusted.report


def _postmortem_material(text: str, facts: ProseFacts) -> Material:
    pieces = read_pieces(read_document(text))
    listed: dict[int, str] = {}
    inside: dict[Section, set[int]] = {section: set() for section in Section}
    for piece in pieces:
        for line in () if isinstance(piece.block, Code) else lines_of(piece.block):
            listed[line.number] = line.text
            for section in piece.sections:
                inside[section].add(line.number)
    cause, follow = frozenset(inside[Section.ROOT_CAUSE]), frozenset(inside[Section.FOLLOW_UPS])
    quotable = {"P3.mechanism": cause, "P3.second": cause, "P5.concrete": follow, "P6.blameless": frozenset(listed)}
    return Material(
        dimension="postmortem_quality",
        criteria=POSTMORTEM,
        lines=tuple(sorted(listed.items())),
        quotable=quotable,
        foreign="\n".join(known.text for known in facts.known_texts),
        injected=frozenset(injection_lines(text)),
    )


def _updates_material(reading: UpdatesReading) -> Material:
    lines = tuple(
        (number, " ".join(update.text.split()))
        for number, update in enumerate(reading.updates, start=1)
        if update.in_window and update.is_status_update
    )
    numbers = frozenset(number for number, _ in lines)
    injected = frozenset(
        number for number, update in enumerate(reading.updates, start=1) if injection_lines(update.text)
    )
    return Material(
        dimension="communication",
        criteria=COMMUNICATION,
        lines=lines,
        quotable=dict.fromkeys(COMMUNICATION, numbers),
        injected=injected,
    )


def adjust(material: Material, ticks: tuple[Tick, ...], caps: tuple[Cap, ...], judge: Judge) -> Adjusted:
    """Ask for samples, take the median level of each criterion, verify, bound, cap."""
    rules = points_of(ticks, caps)
    question = ModelQuestion(
        instructions=instructions(material.criteria),
        material=fenced(material.lines, seed=judge.seed),
        schema=SCHEMA,
        schema_name=material.dimension,
    )
    answers, why = _samples(question, judge)
    samples = [parsed for answer in answers if (parsed := _usable(answer, material.criteria)) is not None]
    report = _report(question, answers, judge, used=len(samples) == SAMPLES, reason=why or "an answer was out of shape")
    if len(samples) < SAMPLES:
        flag = Flag(id="judge_unavailable", detail=f"{material.dimension}: scored by rules; {report.reason}")
        return Adjusted(ticks=ticks, points=rules, flags=(flag,), report=report)
    suspected = bool(material.injected) or any(sample.injection_suspected for sample in samples)
    moved, notes = _moved(material, ticks, samples, upward=not suspected)
    raw = points_of(moved, caps)
    points = Points(max(rules - BOUND, min(rules + BOUND, raw)))
    return Adjusted(ticks=moved, points=points, flags=_flags(material, rules, raw, notes, suspected), report=report)


def _samples(question: ModelQuestion, judge: Judge) -> tuple[list[ModelAnswer], str]:
    answers: list[ModelAnswer] = []
    for sample in range(SAMPLES):
        try:
            answers.append(judge.model.ask(replace(question, seed=judge.seed + sample)))
        except LanguageModelUnavailable as error:
            return answers, str(error)
        if answers[-1].refused or answers[-1].truncated:
            return answers, "the language model refused" if answers[-1].refused else "the answer was cut off"
    return answers, ""


def _usable(answer: ModelAnswer, criteria: Sequence[str]) -> Judgements | None:
    """The judgements when they hold each criterion exactly once."""
    if answer.refused or answer.truncated:
        return None
    parsed = parse(answer.text)
    if parsed is None or sorted(one.criterion for one in parsed.judgements) != sorted(criteria):
        return None
    return parsed


def _moved(
    material: Material, ticks: tuple[Tick, ...], samples: list[Judgements], *, upward: bool
) -> tuple[tuple[Tick, ...], list[str]]:
    notes: list[str] = []
    levels = {name: _level(name, material, samples, notes) for name in material.criteria}
    return tuple(_group(group, levels, upward=upward) for group in ticks), notes


def _level(name: str, material: Material, samples: list[Judgements], notes: list[str]) -> int | None:
    """The median of the verified levels; None (the rules stand) when too few samples prove their quotes."""
    judgements = [one for sample in samples for one in sample.judgements if one.criterion == name]
    if max(one.level for one in judgements) - min(one.level for one in judgements) > 1:
        notes.append(f"{name}: the samples disagree")
    proved = [one for one in judgements if _proves(one, material)]
    if len(proved) < len(judgements):
        notes.append(f"{name}: a quote is not in the text")
    return median_low(one.level for one in proved) if 2 * len(proved) > len(judgements) else None


def _proves(judgement: Judgement, material: Material) -> bool:
    """Level 0 of what is absent needs no quote; a blaming sentence, and everything above 0, does."""
    if judgement.level == 0 and judgement.criterion != "P6.blameless" and not judgement.evidence:
        return True
    return bool(judgement.evidence) and all(
        _is_verbatim(quote.text, material, judgement.criterion) for quote in judgement.evidence
    )


def _is_verbatim(quote: str, material: Material, criterion: str) -> bool:
    wanted = _comparable(quote)
    if not SHORTEST <= len(wanted) <= LONGEST or wanted in _comparable(material.foreign):
        return False
    places = material.quotable[criterion] - material.injected
    return any(wanted in _comparable(text) for number, text in material.lines if number in places)


_FOLDS = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def _comparable(text: str) -> str:
    """NFKC, straight quotes, single spaces: nothing else is folded."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_FOLDS).split())


def _group(group: Tick, levels: dict[str, int | None], *, upward: bool) -> Tick:
    parts = tuple(_part(part, levels.get(part.id), upward=upward) for part in group.parts)
    return replace(group, parts=parts, earned=sum((part.earned for part in parts), Fraction(0)))


def _part(part: Tick, level: int | None, *, upward: bool) -> Tick:
    if level is None or part.out_of == 0:
        return part
    earned = Fraction(level * part.out_of, 2)
    if earned == part.earned or (earned > part.earned and not upward):
        return part
    return replace(
        part, earned=earned, reason=f"{part.reason} (rules: {float(part.earned):g}; language model: level {level})"
    )


def _flags(material: Material, rules: Points, raw: Points, notes: list[str], suspected: bool) -> tuple[Flag, ...]:  # noqa: FBT001 - a fact
    flags = [Flag(id="judge_doubt", detail=f"{material.dimension}: {note}") for note in notes]
    if suspected:
        flags.append(
            Flag(id="injection", detail=f"{material.dimension}: the text speaks to the grader; it can only lose by it")
        )
    if abs(raw - rules) >= BOUND:
        detail = f"{material.dimension}: rules {rules / 20:.2f}, language model {raw / 20:.2f}"
        flags.append(Flag(id="judge_disagrees", detail=detail))
    return tuple(flags)


def _report(
    question: ModelQuestion, answers: list[ModelAnswer], judge: Judge, *, used: bool, reason: str
) -> JudgeReport:
    tokens_in, tokens_out = sum(a.tokens_in for a in answers), sum(a.tokens_out for a in answers)
    return JudgeReport(
        dimension=question.schema_name,
        model=answers[0].model if answers else judge.name,
        used=used,
        reason="" if used else reason,
        samples=len(answers),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=round(tokens_in * judge.prices[0] + tokens_out * judge.prices[1]),
        prompt_digest=digest(question.instructions + question.schema),
        input_digest=digest(question.material),
        seed=judge.seed,
    )
