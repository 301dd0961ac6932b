"""When a follow-up is due, and the ticket that tracks it. "Soon" and "ASAP" are no dates."""

import re
from datetime import date

from grader.writing.plain import folded

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier janv enero ene janeiro gennaio gen januari januar tammikuu stycznia "
            "styczeń ledna leden ocak января январь",
            "february feb februar février févr fev febrero fevereiro febbraio februari helmikuu lutego luty "
            "února únor şubat февраля февраль",
            "march mar märz maerz mars marzo março maart mrt maaliskuu marca marzec března březen mart марта март",
            "april apr avril avr abril abr aprile huhtikuu kwietnia kwiecień dubna duben nisan апреля апрель",
            "may mai mayo maio maggio mei maj toukokuu maja května květen mayıs мая май",
            "june jun juni juin junio junho giugno kesäkuu czerwca czerwiec června červen haziran июня июнь",
            "july jul juli juillet julio julho luglio heinäkuu lipca lipiec července červenec temmuz июля июль",
            "august aug août agosto augustus augusti elokuu sierpnia sierpień srpna srpen ağustos августа август",
            "september sep sept septembre septiembre setembro settembre syyskuu września wrzesień září eylül "
            "сентября сентябрь",
            "october oct oktober okt octobre octubre outubro ottobre lokakuu października październik října "
            "říjen ekim октября октябрь",
            "november nov novembre noviembre novembro marraskuu listopada listopad listopadu kasım ноября ноябрь",
            "december dec dezember dez décembre diciembre dezembro dicembre desember joulukuu grudnia grudzień "
            "prosince prosinec aralık декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|montag|dienstag|mittwoch|donnerstag|"
    r"freitag|lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|viernes"
)
DATE = re.compile(
    r"(?P<iso>\b20\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?!\d))"
    r"|(?P<cjk>(?:20\d\d年\s?)?\d{1,2}[月월]\s?\d{1,2}[日일]?|20\d\d年\s?\d{1,2}月末?|(?:今|来|今週|来週|月)末)"
    rf"|(?P<dmy>\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?(?:\s+(?:of|"
    rf"de))?[\s-]+(?P<m>{_MONTH})\b\.?(?:,?\s*(?:de\s+)?(?P<y>20\d\d))?)"
    rf"|(?P<mdy>\b(?P<m2>{_MONTH})\b\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(?P<y2>20\d\d)\b)?)"
    r"|(?P<dots>\b(?P<d3>\d{1,2})\.\s?(?P<m3>\d{1,2})\.(?:\s?(?P<y3>20\d\d|\d\d)\b)?)"
    r"|(?P<slash>\b\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)\b|\b\d{1,2}-\d{1,2}-20\d\d\b)"
    r"|(?P<quarter>\b[QT][1-4](?:[\s'/-]*(?:20)?\d\d)?\b|\b20\d\d[\s/-]?[QT][1-4]\b|\bH[12][\s/-]?20\d\d\b|"
    r"\b20\d\d[\s-]?(?:W|KW)\d{1,2}\b|\b(?:KW|CW|week)\s?\d{1,2}\b)"
    r"|(?P<sprint>\b(?:sprint|iteration|milestone|release)\s+(?:#?\d+(?:\.\d+)*|[A-Z][\w-]+)|\b(?:next|this|"
    r"current|upcoming)\s+(?:sprint|iteration|release)\b)"
    rf"|(?P<monthyear>\b(?:{_MONTH})\b\.?\s+(?:de\s+)?20\d\d\b)"
    rf"|(?P<end>\b(?:(?:the\s+)?end of|end-of-|ende|fin de|finales de|late|mid|early|anfang|"
    rf"mitte)[\s-]*(?:(?:the|this|next|current)\s+)?(?:{_MONTH}|week|month|quarter|year|sprint|day|"
    rf"[QT][1-4])\b(?:\s+20\d\d)?|\b(?:EOD|EOW|EOM|EOQ|EOY|COB)\b)"
    rf"|(?P<day>\b(?:this|next|by|on|due|until|before|coming)\s+(?:{_DAY})\b|\b(?:today|tomorrow)\b|\b(?:this|"
    rf"next)\s+(?:week|month|quarter)\b)"
    r"|(?P<within>\b(?:with)?in\s+(?:the next\s+)?(?:\d{1,3}|one|two|three|four|six|eight)\s+(?:working\s+|"
    r"business\s+)?(?:days?|weeks?|months?|hours?|sprints?)\b|\b\d{1,3}\s?(?:d|days?|weeks?|"
    r"wks?)\s+from\s+(?:now|today)\b)",
    re.I,
)
_VAGUE = re.compile(r"\b(?:or two|a few|couple|some ?time|soon|asap|eventually|someday|or so)\b", re.I)
_LEAD = re.compile(
    r"(?:\b(?:by|due(?: (?:by|on|date))?|until|till|before|deadline|target(?:ed|ing)?|eta|for|on|in|date|"
    r"ships?|end|bis|fällig(?: am)?|am|avant(?: le)?|pour le|d'ici(?: le)?|antes del?|para el|até|entro(?: "
    r"il)?|voor|uiterlijk|senast|inom|до|к|срок|期限|まで|截止)"
    r"|[:：=(\[,;|@—–→-]|->)\s*(?:the\s+|on\s+|by\s+|am\s+)?$",
    re.I,
)


_LOOSE = re.compile(r"\b(?:on|in|for|date)\s+(?:the\s+)?$", re.I)


def due_in(text: str, *, field: bool = False) -> str | None:
    """The due date in a text; in running text only where it reads as one (after "by", in brackets, at the end)."""
    for found in DATE.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        at_end = not after.strip(" .)]*_;,!|")
        strong = found.lastgroup in ("within", "end", "day", "sprint") or _is_sprint(found)
        led = _LEAD.search(before) and not (_LOOSE.search(before) and re.match(r"\s[a-z]", after))
        if field or at_end or strong or led or after[:1] in ")]":
            if _VAGUE.search(found[0] + after[:14]):
                continue
            return _written(found)
    return None


def _is_sprint(found: re.Match[str]) -> bool:
    return found["sprint"] is not None or found["end"] is not None or found["within"] is not None


def _written(found: re.Match[str]) -> str:
    for day, month, year in (("d", "m", "y"), ("d2", "m2", "y2"), ("d3", "m3", "y3")):
        if found[day] and found[year]:
            number = MONTHS.get(folded(found[month]).rstrip("."), 0) or (
                int(found[month]) if found[month].isdigit() else 0
            )
            full = int(found[year]) + (2000 if len(found[year]) == 2 else 0)
            return _iso(full, number, int(found[day])) or found[0].strip()
    if found["iso"]:
        return _iso(*(int(part) for part in re.split(r"[-/.]", found["iso"]))) or found["iso"]
    if found["cjk"] and (parts := re.fullmatch(r"(20\d\d)年\s?(\d{1,2})月\s?(\d{1,2})日?", found["cjk"])):
        return _iso(*(int(part) for part in parts.groups())) or found["cjk"]
    return found[0].strip(" .,")


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_TICKET = re.compile(
    r"https?://[^\s)>\]|]{1,300}/(?:issues?|pull|pulls|browse|merge_requests|tickets?|tasks?|work_items|"
    r"T)/?[\w-]*\d[\w-]*"
    r"|(?<![\w/-])[A-Z][A-Z0-9]{1,9}-\d{1,6}\b|(?<![\w&])(?:[\w.-]+/[\w.-]+)?#\d{1,6}\b|\bGH-\d+\b|"
    r"(?<!\w)T\d{4,7}\b|(?<!\w)!\d{2,6}\b"
)
_NO_TICKET = re.compile(
    r"(?:UTF|SHA|GPT|ISO|COVID|SEV|RFC|HTTP|P|S|CVE|AES|MD|TLS|US|HC|F|PR0|Q|H|UTC|GMT|KB|COP)-\d+$"
)


def ticket_in(text: str) -> str | None:
    """The tracker reference in a text: `OPS-12`, `#34`, a link to an issue."""
    for found in _TICKET.finditer(text):
        if not _NO_TICKET.match(found[0]):
            return found[0]
    return None
