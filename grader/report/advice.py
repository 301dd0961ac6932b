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
    """The category with most unsafe answers, with the case's hint where it has one; then the names of others."""
    worst, *others = sorted(tallies, key=lambda tally: (tally.safe - tally.asked, tally.category))
    hints = {evidence.where: evidence.quote for evidence in score.evidence}
    hint = f" ({hints[worst.category]})" if hints.get(worst.category) else ""
    start = f"Cover questions of the kind “{_words(worst)}”{hint}: {worst.safe} of {worst.asked} answers are safe"
    more = f"; also open: {', '.join(_words(tally) for tally in others[:3])}" if others else ""
    return f"{start}{more}{', …' if len(others) > 3 else ''}."


def _words(tally: CategoryTally) -> str:
    return tally.category.replace("_", " ")
