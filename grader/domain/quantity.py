"""Numbers with units as people write them, read into canonical units; pure.

Read: `23 kg`, `EUR 1,250.50`, `1 250,50 €`, `twenty-five mcg`, `25 µg`, `.5 mg`, `2,85 %`, `3 business days`.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

from grader.domain.case import Quantity

_ONES_WORDS = (
    "zero zéro cero", "one un une uno una", "two deux dos", "three trois tres", "four quatre cuatro", "five cinq cinco",
    "six seis", "seven sept siete", "eight huit ocho", "nine neuf nueve", "ten dix diez", "eleven onze once",
    "twelve douze doce", "thirteen treize trece", "fourteen quatorze catorce", "fifteen quinze quince",
    "sixteen seize dieciséis", "seventeen dix-sept diecisiete", "eighteen dix-huit dieciocho",
    "nineteen dix-neuf diecinueve",
)  # fmt: skip
_ONES = {word: value for value, words in enumerate(_ONES_WORDS) for word in words.split()}
_TENS = {
    "twenty": 20, "vingt": 20, "veinte": 20, "thirty": 30, "trente": 30, "treinta": 30, "forty": 40, "quarante": 40,
    "cuarenta": 40, "fifty": 50, "cinquante": 50, "cincuenta": 50, "sixty": 60, "soixante": 60, "sesenta": 60,
    "seventy": 70, "setenta": 70, "eighty": 80, "ochenta": 80, "ninety": 90, "quatre-vingt-dix": 90, "noventa": 90,
}  # fmt: skip
_SCALES = {"hundred": 100, "cent": 100, "cien": 100, "thousand": 1000, "mille": 1000, "mil": 1000}
_AMBIGUOUS_ALONE = frozenset({"un", "une", "uno", "una", "one", "once", "cent", "mil", "dos"})

# kind, canonical unit -> (spellings, how many canonical units one of them is)
_UNITS: dict[tuple[str, str], tuple[tuple[str, Fraction], ...]] = {
    ("mass", "mcg"): (
        ("mcg|µg|μg|ug|micrograms?|microgrammes?|microgramos?", Fraction(1)),
        ("mg|milligrams?|milligrammes?|miligramos?", Fraction(1000)),
        ("grams?|grammes?|gramos?|g", Fraction(10**6)),
        ("kg|kilos?|kilograms?|kilogrammes?|kilogramos?", Fraction(10**9)),
    ),
    ("volume", "ml"): (
        ("ml|millilit(?:er|re)s?|mililitros?|cc", Fraction(1)),
        ("l|lit(?:er|re)s?|litros?", Fraction(1000)),
    ),
    ("activity", "iu"): (("iu|international units?|units?|unités?|unidades|ui", Fraction(1)),),
    ("percent", "%"): (("%|percent|per cent|pct|pour cent|por ciento", Fraction(1)),),
    ("time", "day"): (
        ("minutes?|mins?|minutos?", Fraction(1, 1440)),
        ("hours?|hrs?|heures?|horas?|h", Fraction(1, 24)),
        ("(?:business |working |calendar )?days?|jours?(?: ouvrables)?|días?(?: hábiles)?|dias?", Fraction(1)),
        ("weeks?|semaines?|semanas?", Fraction(7)),
    ),
    ("months", "month"): (
        ("months?|mois|mes(?:es)?", Fraction(1)),
        ("years?|ans?|années?|años?", Fraction(12)),
    ),
    ("usd", "usd"): ((r"usd|us\$|\$|dollars?|dólares", Fraction(1)),),
    ("eur", "eur"): (("eur|€|euros?", Fraction(1)),),
    ("gbp", "gbp"): (("gbp|£|pounds?|livres?|libras?", Fraction(1)),),
}  # fmt: skip
_DIGITS = r"\d{1,3}(?:[   ,.']\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?|(?<![\d.,])[.,]\d+"
_CURRENCY = r"usd|us\$|\$|eur|€|gbp|£"
_SPELLINGS = [
    (re.compile(rf"(?:{pattern})(?![^\W\d_])", re.IGNORECASE), unit, kind, factor)
    for (kind, unit), rows in _UNITS.items()
    for pattern, factor in rows
]
_NUMBER = re.compile(rf"(?P<before>(?:{_CURRENCY})\s?)?(?P<number>{_DIGITS})(?P<gap>[\s-]*)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def normalise(text: str) -> str:
    """Compatibility forms folded, spaces made one, number words made digits; what all patterns are matched against."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").replace("μ", "µ")
    joined = re.sub(r"\b(hundred|thousand)\s+and\s+(?=[a-z])", r"\1 ", folded, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", _words_to_digits(joined)).strip()


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number with a unit in a text, in canonical units, in order. Numbers without a unit are left out."""
    return tuple(_find(normalise(text)))


def parse(text: str) -> Quantity:
    """The one quantity that a text states; ValueError when it states none or several."""
    found = quantities(text)
    if len(found) != 1:
        raise ValueError(f"{text!r} states {len(found)} quantities, not one")
    return found[0]


def number(digits: str) -> Fraction:
    """A number with its separators: the last of `.` and `,` is the decimal one, unless it groups three digits.

    `1,250` is 1250 and `1,25` is 1.25; `0,025` and `.025` are 0.025: a leading zero is never grouped.
    """
    plain = re.sub(r"[\s' ]", "", digits)
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Fraction(plain)
    head, tail = plain[:last], plain[last + 1 :]
    separators = {c for c in plain if c in ".,"}
    repeated = plain.count(plain[last]) > 1
    grouped = len(tail) == 3 and head.strip("0,.") != "" and (plain[last] == "," or repeated) and len(separators) == 1
    whole = re.sub(r"[.,]", "", head) or "0"
    return Fraction(whole + tail) if grouped else Fraction(f"{whole}.{tail}")


def _find(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        value = number(match["number"])
        before = (match["before"] or "").strip().lower()
        unit = _unit(before) if before else _unit_at(text, match.end())
        if unit:
            name, kind, factor = unit
            yield Quantity(value=float(value * factor), unit=name, kind=kind)


def _unit(spelling: str) -> tuple[str, str, Fraction] | None:
    for pattern, name, kind, factor in _SPELLINGS:
        if pattern.fullmatch(spelling):
            return name, kind, factor
    return None


def _unit_at(text: str, place: int) -> tuple[str, str, Fraction] | None:
    best: tuple[int, tuple[str, str, Fraction]] | None = None
    for pattern, name, kind, factor in _SPELLINGS:
        match = pattern.match(text, place)
        if match and (best is None or match.end() > best[0]):
            best = (match.end(), (name, kind, factor))
    return best[1] if best else None


def _words_to_digits(text: str) -> str:
    out: list[str] = []
    place = 0
    for start, end, value in _number_words(text):
        out += [text[place:start], str(value)]
        place = end
    return "".join([*out, text[place:]])


def _number_words(text: str) -> Iterator[tuple[int, int, int]]:
    run: list[re.Match[str]] = []
    for match in [*_WORD.finditer(text), None]:
        if match and _values(match[0]) and (not run or re.fullmatch(r"[\s-]+", text[run[-1].end() : match.start()])):
            run.append(match)
            continue
        if run and not (len(run) == 1 and run[0][0].lower() in _AMBIGUOUS_ALONE):
            yield run[0].start(), run[-1].end(), _sum([v for m in run for v in _values(m[0])])
        run = [match] if match and _values(match[0]) else []


def _values(word: str) -> list[int]:
    lowered = word.lower()
    for table in (_ONES, _TENS, _SCALES):
        if lowered in table:
            return [table[lowered]]
    parts = [value for part in lowered.split("-") for value in (_values(part) if part != lowered else [])]
    return parts if len(parts) == len(lowered.split("-")) else []


def _sum(values: list[int]) -> int:
    total = current = 0
    for value in values:
        if value == 1000:
            total, current = total + max(1, current) * 1000, 0
        elif value == 100:
            current = max(1, current) * 100
        else:
            current += value
    return total + current
