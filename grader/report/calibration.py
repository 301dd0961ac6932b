"""How far pre-scores and mentors agree, as JSON and as a page with a small plot for each dimension."""

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import Any

from grader.domain.agreement import FEW, GOOD_KAPPA, Agreement

SIDE, EDGE = 220, 28
"""User units of a plot's square, and of the margin round it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One agreement in decimals, as people and programs read it."""

    name: str
    count: int
    error: float
    bias: float
    kappa: float | None
    near: float
    says: str


def numbers(agreement: Agreement) -> Numbers:
    """Points become decimals; the verdict is one sentence."""
    kappa = None if agreement.kappa is None else round(float(agreement.kappa), 3)
    return Numbers(
        name=f"{agreement.dimension} ({agreement.scorer.replace('_', ' ')})",
        count=len(agreement.pairs),
        error=round(float(agreement.error) / 20, 3),
        bias=round(float(agreement.bias) / 20, 3),
        kappa=kappa,
        near=round(float(agreement.near), 3),
        says=_says(agreement),
    )


def _says(agreement: Agreement) -> str:
    if not agreement.enough:
        return f"too few records to say anything: {len(agreement.pairs)} of at least {FEW}"
    if agreement.kappa is None:
        return "the scores never vary, so agreement beyond chance cannot be told"
    if agreement.kappa < GOOD_KAPPA:
        return f"agreement is below the bar of {GOOD_KAPPA:.2f}: read these pre-scores as hints"
    return "pre-scores and mentors agree"


def to_document(agreements: tuple[Agreement, ...]) -> dict[str, Any]:
    """A `grader/calibration/1` object."""
    return {"schema": "grader/calibration/1", "at_least": FEW, "dimensions": [_entry(one) for one in agreements]}


def _entry(agreement: Agreement) -> dict[str, Any]:
    shown = numbers(agreement)
    return {
        "dimension": agreement.dimension,
        "scored_by": agreement.scorer.value,
        "count": shown.count,
        "mean_absolute_error": shown.error,
        "signed_bias": shown.bias,
        "quadratic_weighted_kappa": shown.kappa,
        "within_010": shown.near,
        "enough": agreement.enough,
        "says": shown.says,
        "pairs": [[pair.proposed / 20, pair.decided / 20] for pair in agreement.pairs],
    }


_STYLE = """:root { color-scheme: light dark; --line: #888; --dot: #1f6feb }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right }
th:first-child, td:last-child { text-align: left }
figure { display: inline-block; margin: 1rem }
svg text { font-size: 11px; fill: currentColor }"""


def to_html(agreements: tuple[Agreement, ...]) -> str:
    """One page that needs no network and no script."""
    rows = "".join(_row(numbers(one)) for one in agreements)
    plots = "".join(_figure(one) for one in agreements)
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("Dimension", "Records", "Mean error", "Bias", "Weighted kappa", "Within 0.10", "What it says")
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Calibration</title>'
        f"<style>{_STYLE}</style></head>"
        f"<body><main><h1>Pre-scores and mentors</h1><p>A positive bias means that the machine proposes too much.</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{plots}</main></body></html>\n"
    )


def _row(shown: Numbers) -> str:
    kappa = "–" if shown.kappa is None else f"{shown.kappa:.2f}"
    cells = (str(shown.count), f"{shown.error:.3f}", f"{shown.bias:+.3f}", kappa, f"{shown.near:.0%}", shown.says)
    return f'<tr><th scope="row">{escape(shown.name)}</th>{"".join(f"<td>{escape(c)}</td>" for c in cells)}</tr>'


def _figure(agreement: Agreement) -> str:
    shown = numbers(agreement)
    label = f"{shown.name}: {shown.count} pre-scores against the mentor's points"
    return f"<figure>{svg(agreement)}<figcaption>{escape(label)}</figcaption></figure>"


def svg(agreement: Agreement) -> str:
    """Pre-score to the right, mentor upwards, the diagonal is agreement; a dot grows with its number of records."""
    size, low, high = SIDE + 2 * EDGE, EDGE, SIDE + EDGE
    dots = "".join(
        f'<circle cx="{_at(x):.1f}" cy="{size - _at(y):.1f}" r="{min(1.5 + 1.5 * count, 10):.1f}" '
        f'fill="var(--dot)" fill-opacity=".6"><title>{x / 20:.2f} proposed, {y / 20:.2f}: {count}</title></circle>'
        for (x, y), count in sorted(Counter((pair.proposed, pair.decided) for pair in agreement.pairs).items())
    )
    name = escape(f"{agreement.dimension}: pre-score against mentor", quote=True)
    return (
        f'<svg role="img" aria-label="{name}" viewBox="0 0 {size} {size}" width="{size}" height="{size}">'
        f'<rect x="{low}" y="{low}" width="{SIDE}" height="{SIDE}" fill="none" stroke="var(--line)"/>'
        f'<line x1="{low}" y1="{high}" x2="{high}" y2="{low}" stroke="var(--line)" stroke-dasharray="4"/>{dots}'
        f'<text x="{low}" y="{high + 16}">0</text><text x="{high - 6}" y="{high + 16}">1</text>'
        f'<text x="{size / 2 - 28:.0f}" y="{high + 16}">pre-score</text><text x="4" y="{low - 8}">mentor</text></svg>'
    )


def _at(points: int) -> float:
    return EDGE + SIDE * points / 20
