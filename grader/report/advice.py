"""What would have earned more: sentences to the learner, at most a few for each dimension, the most binding first."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files

from grader.domain.record import Advice, CategoryTally
from grader.domain.score import DimensionId, PreScore

_SENTENCES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (files("grader.report") / "advice.toml").read_text(encoding="utf-8")
)
MOST = 2
"""Sentences for one dimension; more would bury the first."""


def advice(
    scores: Iterable[PreScore], tallies: Iterable[CategoryTally], written: Mapping[DimensionId, tuple[str, ...]]
) -> tuple[Advice, ...]:
    """`written` holds what the readers of prose would say, by dimension."""
    found: list[Advice] = []
    open_categories = tuple(tally for tally in tallies if tally.safe < tally.asked)
    for score in scores:
        sentences = [*_for_caps(score), *written.get(score.dimension, ())]
        if score.dimension == "hotfix_correctness" and open_categories:
            sentences.append(_for_categories(score, open_categories))
        found += [Advice(dimension=score.dimension, sentence=sentence) for sentence in sentences[:MOST]]
    return tuple(found)


def _for_caps(score: PreScore) -> list[str]:
    known = _SENTENCES.get(score.dimension, {})
    return [known[cap.id] for cap in sorted(score.caps, key=lambda cap: cap.at) if cap.id in known]


def _for_categories(score: PreScore, tallies: tuple[CategoryTally, ...]) -> str:
    """The category that is least safe, with the case's hint where it has one."""
    worst = min(tallies, key=lambda tally: tally.safe / tally.asked)
    hints = {evidence.where: evidence.quote for evidence in score.evidence}
    hint = hints.get(worst.category, "")
    kind = worst.category.replace("_", " ")
    start = f"Look at questions of the kind “{kind}”: only {worst.safe} of {worst.asked} answers are safe"
    return f"{start}; {hint}" if hint else f"{start}."
