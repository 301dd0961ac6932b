"""Clock times and days at the start of a timeline row, in the forms that people write."""

import re
from dataclasses import dataclass
from datetime import date

from grader.writing.due import DATE, MONTHS
from grader.writing.plain import folded

_AMPM = r"(?:\s?[ap]\.?m\b\.?|\s?[ap]\b(?!\.))"
_ZONE = (
    r"(?:Z\b|UTC(?:[+-]\d{1,2}(?::?\d\d)?)?|GMT(?:[+-]\d{1,2})?|BST|IST|CES?T|EES?T|WES?T|[ECMP][SD]T|[ECMP]T|"
    r"JST|KST|AE[SD]T|NZ[SD]T|SGT|HKT|SAST|MSK|BRT|ART|[+-]\d\d:?\d\d)"
)
_CLOCK = re.compile(
    rf"(?P<pre>午前|午後|上午|下午|오전|오후)?\s?(?:"
    rf"(?P<h>[01]?\d|2[0-4])\s?(?P<sep>[:.：h]|[時点시]|h\s)\s?(?P<m>[0-5]\d|[X?x]{{2}}|"
    rf"--)(?:[分분])?(?:[:.m](?P<s>[0-5]\d)(?:[.,]\d{{1,6}})?)?s?(?P<ap>{_AMPM})?"
    rf"|(?P<h2>1[0-2]|0?[1-9])(?P<ap2>\s?[ap]\.?m\b\.?)"
    rf"|(?P<h3>[01]\d|2[0-3])(?P<m3>[0-5]\d)(?P<s3>[0-5]\d)?(?:h|hrs?)?(?=\s*{_ZONE}|h|hrs|Z\b|$MILITARY)"
    rf")(?![\d%])(?:\s?(?:h|hrs?|Uhr|hs|óra)\b\.?)?\s?\(?(?P<zone>{_ZONE})?\)?".replace("|$MILITARY", ""),
    re.I,
)
_MILITARY = re.compile(r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)(?P<s>[0-5]\d)?(?=[\s:|,;-]|$)")
_OPENING = re.compile(
    r"^(?:[\s~≈≃*_`\[(（【<>|•·–—-]|(?:at|around|about|approx\.?|approximately|circa|ca\.?|c\.|from|since|um|"
    r"gegen|ab|à|vers|a las?|às|alle|ore|kl\.?|klo|om|o|godz\.?|v|в|около|às|approx)\s(?=\s*[\d~≈`*\[(]))+",
    re.I,
)
_CLOSING = re.compile(r"^[\s*_`\])）】.,:;|>~–—→-]+")
_RANGE = re.compile(
    rf"^\s*(?:[–—~-]|->|→|to|until|bis|à|a|bis)\s*(?:[0-2]?\d[:.h][0-5X?]?[\dX?]?(?:[:.]\d\d)?(?:{_AMPM})?|now|"
    rf"ongoing|\?\?:\?\?|…)\s*(?:{_ZONE})?",
    re.I,
)
_RELATIVE = re.compile(r"^T\s?[+-]\s?\d{1,4}(?::\d\d)?\s?(?:m(?:in)?|h)?\b", re.I)
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b[,. ]*(?=.)",
    re.I,
)
_DAY_N = re.compile(r"^(?:day|tag|jour|día|dia|giorno|dag)\s?(\d{1,2})\b", re.I)
ZONE = re.compile(
    r"(?<![\w-])(?:UTC|GMT|BST|CES?T|EES?T|IST|JST|KST|SGT|AE[SD]T|MSK|[ECMP][SD]T|Zulu|SAST|"
    r"BRT)(?:\s?[+-]\s?\d{1,2}(?::?\d\d)?)?\b|\d\d:?\d\d(?::\d\d(?:\.\d+)?)?\s?(?:Z\b|[+-]\d\d:?\d\d\b)"
    r"|\b(?:Europe|America|Asia|Africa|Australia|Pacific)/[A-Z]\w+|\b(?:Berlin|London|Paris|Madrid|Lisbon|New "
    r"York|Eastern|Pacific|Central European|Tokyo|Pacific standard|Greenwich|Moscow|Warsaw|Amsterdam|Rome|"
    r"Dublin|Sydney)\s+time\b"
    r"|\b(?:MEZ|MESZ|HNE|HAE|МСК|日本時間|世界標準時|協定世界時|北京时间|北京時間|한국시간|"
    r"heure de paris|hora de madrid|ortszeit berlin)\b"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as read at the start of a row: what to show, minute of the day, the date if one stands there."""

    at: str
    minute: int | None
    day: date | None
    day_text: str | None
    rest: str


def moment_at_start(text: str) -> Moment | None:
    """The moment that a row begins with, and the text after it; None when it begins with no time."""
    opening = _OPENING.match(text)
    rest = text[opening.end() :] if opening else text
    if relative := _RELATIVE.match(rest):
        return Moment(relative[0], None, None, None, _trim(rest[relative.end() :]))
    day, day_text, rest = _leading_day(rest)
    found = _CLOCK.match(rest)
    if found is None and day_text:
        found = _MILITARY.match(rest)
    if found is None or not _is_clock(found, rest):
        return None
    at, minute = _read(found)
    if at is None:
        return None
    rest = rest[found.end() :]
    if ended := _RANGE.match(rest):
        rest = rest[ended.end() :]
    if day_text is None:
        later, later_text, after = _leading_day(_CLOSING.sub("", rest))
        if later_text and (later or re.match(r"^\s*[-–—:|,]", after) or not after):
            day, day_text, rest = later, later_text, after
    return Moment(at, minute, day, day_text, _trim(rest))


def _is_clock(found: re.Match[str], text: str) -> bool:
    """`5.30` may be a number and `1.2.3` a version; a dot needs two digits on both sides and nothing numeric after."""
    groups = found.groupdict()
    if groups.get("sep") == ".":
        sure = len(groups["h"] or "") == 2 or groups.get("ap")
        return bool(sure) and not re.match(
            r"[.\d%]|\s?(?:ms|s|sec|seconds|gb|mb|%|usd|eur|k|m)\b", text[found.end() :], re.I
        )
    return True


def _read(found: re.Match[str]) -> tuple[str | None, int | None]:
    groups = found.groupdict()
    hour = int(groups.get("h") or groups.get("h2") or groups.get("h3") or 0)
    minutes = groups.get("m") or groups.get("m3") or "00"
    half = folded(groups.get("ap") or groups.get("ap2") or groups.get("pre") or "")
    if half.startswith("p") or half in ("午後", "下午", "오후"):
        hour = hour % 12 + 12
    elif half.startswith("a") or half in ("午前", "上午", "오전"):
        hour = hour % 12 if hour <= 12 else hour
    if hour > 24:
        return None, None
    if not minutes.isdigit():
        return f"{hour:02d}:{minutes}", None
    return f"{hour:02d}:{minutes}", hour * 60 + int(minutes)


def _trim(text: str) -> str:
    return re.sub(r"^(?:[\s*_`\])）】.,:;|>~–—→-]|(?:UTC|GMT|Uhr|h)\b)+", "", text).strip()


def _leading_day(text: str) -> tuple[date | None, str | None, str]:
    """A date (or "Day 2", or a weekday) at the start of a text, and what follows it."""
    stripped = text.lstrip(" *_`[(")
    weekday = _WEEKDAY.match(stripped)
    after_weekday = stripped[weekday.end() :] if weekday else stripped
    if nth := _DAY_N.match(stripped):
        return None, nth[0], _after(stripped[nth.end() :])
    found = DATE.match(after_weekday)
    if found and not found["quarter"] and not found["sprint"] and not found["within"] and not found["end"]:
        return _to_date(found), found[0], _after(after_weekday[found.end() :])
    compact = re.match(r"(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?=[T\s_-])", after_weekday)
    if compact:
        return _safe_date(*(int(part) for part in compact.groups())), compact[0], _after(after_weekday[compact.end() :])
    if weekday and re.match(r"\d{1,2}[:.h]\d\d", after_weekday):
        return None, weekday[0].strip(" ,."), after_weekday
    return None, None, text


def _after(text: str) -> str:
    return re.sub(r"^(?:\s*(?:[,;|/@*_`)\]–—-]|T(?=\d)|at\b|um\b|à\b|kl\.?\s))*\s*", "", text, flags=re.I)


def _to_date(found: re.Match[str]) -> date | None:
    if found["iso"]:
        return _safe_date(*(int(part) for part in re.split(r"[-/.]", found["iso"])))
    for day, month, year in (("d", "m", "y"), ("d2", "m2", "y2"), ("d3", "m3", "y3")):
        if found[day]:
            number = MONTHS.get(folded(found[month]).rstrip("."), 0) or (
                int(found[month]) if found[month].isdigit() else 0
            )
            full = int(found[year]) if found[year] else 2000
            return _safe_date(full + 2000 if full < 100 else full, number, int(found[day]))
    return None


def _safe_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_alone(text: str) -> tuple[date | None, str, str] | None:
    """A date that a line begins with when no clock follows it: the date, as written, the text after it."""
    stripped = text.strip(" *_`#|>-–—")
    day, day_text, rest = _leading_day(stripped)
    if day_text is None or _CLOCK.match(rest.lstrip(" *_`[(~")):
        return None
    return day, day_text, _trim(rest)
