"""When the next update was promised, and for when a repair: two kinds of times in an update's text."""

import re
from datetime import datetime, timedelta

from grader.writing.plain import folded

_TIME = (
    r"(?:\d{1,2}[:.h]\d\d(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2}\s?(?:uhr|h\b)|\d{1,2}時\d{0,2}|"
    r"\d{1,2}[点點]\d{0,2}|half past \w+|quarter (?:past|to)(?: \w+)?|noon\b|midday\b|midnight\b)"
)
_SPAN = (
    r"(?:\d{1,3}|an?|one|two|three|five|ten|fifteen|twenty|thirty|half an|zehn|fünfzehn|zwanzig|dreißig|dix|quinze|"
    r"vingt|trente|diez|quince|veinte|treinta|dez|vinte|trinta|dieci|quindici|venti|trenta)\s?-?(?:\s?(?:to|-|"
    r"–)\s?\d{1,3}\s?)?"
    r"(?:min\w*|m\b|hours?|hrs?\b|h\b|stunden?|heures?|horas?|ore\b|uur|tim\w*|godz\w*|мин\w*|час\w*|хв\w*|分|分钟|小时|"
    r"時間|분|시간|dakika\w*|menit|phút)"
)
_UPDATE = (
    r"(?:updates?|more(?: news| info\w*| details?)?|news|report back|check in|post again|write again|"
    r"will (?:write|post|report)|again (?:here )?"
    r"(?:at|by|in)|follow[- ]?up|be back|get back|keep you|next (?:post|message|note|one|report|status)|"
    r"hear from us|"
    r"aktualisierung|meldung|update|mise à jour|prochain point|nouvelles|actualización|informaremos|novedades|"
    r"atualização|"
    r"atualizamos|novidades|aggiornamento|aggiorneremo|nächster bericht|uppdatering|oppdatering|opdatering|"
    r"päivity\w*|tiedote|"
    r"aktualizacja|aktualizac\w*|informac\w*|güncelleme|обновлени\w*|сообщим|новости|оновлення|повідомимо|"
    r"次回の?更新|次回の?ご?報告|次回|次の(?:ご?報告|更新|お知らせ|連絡)|更新|続報|"
    r"ご報告|下次|업데이트|안내|pembaruan|kabar)"
)
_BEFORE_TIME = (
    r"\b(?:at|by|in|within|before|no later than|around|after|um|gegen|bis|in|à|d'ici|dans|vers|a las|en|antes "
    r"de|às|em|até|"
    r"alle|entro|tra|om|voor|over|kl|klo|o|do|za|в|через|до|о)\b\.?\s*(?:the\s+)?(?:next\s+|about\s+|"
    r"approx\w*\s+|ca\.?\s+)?"
)
NEXT = re.compile(
    rf"\b{_UPDATE}(?:[\W_は]{{0,5}}|[^.!?\n]{{0,40}}?{_BEFORE_TIME}|[^.!?\n\d]{{0,24}}[:,–—-]\s*)(?:{_TIME}|{_SPAN})"
    rf"|(?:{_TIME}|{_SPAN})(?:\s?(?:utc|gmt|z|cet|cest|bst|est|pst))?[^.!?\n]{{0,24}}?(?:次回|続報|更新|{_UPDATE}\b)"
    rf"|\bnext\s*[:–—-]\s*{_TIME}"
    rf"|\b(?:every|alle|toutes les|cada|ogni|elke|var)\s+{_SPAN}",
    re.I,
)
_ETA = re.compile(
    rf"\b(?:fix(?:ed)?|resolv\w*|restor\w*|back(?: up| online| to normal)?|solved|repaired|recover\w*|working "
    rf"again|done|over|behoben|"
    rf"wieder|résolu|rétabli|resuelto|resolvido|risolto|opgelost|löst|naprawion\w*|исправ\w*|"
    rf"решен\w*)\b[^.!?\n]{{0,25}}?"
    rf"\b(?:in|within|by|before|at|um|bis|dans|d'ici|en|em|até|entro|tra|binnen|om|inom|за|через|до|"
    rf"к)\s+(?:about\s+|the next\s+)?"
    rf"(?:{_TIME}|{_SPAN}|tonight|tomorrow|noon|midnight|end of (?:the )?day|eod)"
    rf"|\beta\b[^.!?\n]{{0,12}}?(?:{_TIME}|{_SPAN})",
    re.I,
)
_DONE = re.compile(r"\b(?:was|were|has been|have been|been|since|at|took|fixed at|resolved at|ago|for)\b", re.I)


def promises_update(text: str) -> bool:
    """Whether a text says when the next update comes; "more soon" does not."""
    return NEXT.search(_without_stamp(text)) is not None


def _without_stamp(text: str) -> str:
    """The text, folded, without a time stamp of its own in front ("Update 12:45: ...")."""
    return re.sub(r"^\W*(?:status )?update\W+\d{1,2}[:.h]\d\d\s?(?:utc|z|[ap]m)?\s?[:)\]–—-]", " ", folded(text))


def promises_repair(text: str) -> bool:
    """Whether a text promises when it will be repaired."""
    for found in _ETA.finditer(folded(text)):
        before = folded(text)[max(0, found.start() - 25) : found.end()]
        past = re.search(r"\b(?:was|were|has been|have been|since|took|ago)\b", before) or re.search(
            r"\bat\b", found[0]
        )
        if not past and not re.search(r"\bupdate\b", before):
            return True
    return False


def promised_at(text: str, at: datetime) -> datetime | None:
    """The moment of the promised update; None when there is none or its clock cannot be told.

    A clock time is read as UTC; when that lies more than three hours off, as the same minute in a zone of whole hours.
    """
    found = NEXT.search(_without_stamp(text))
    if found is None:
        return None
    if span := re.search(rf"\b{_SPAN}|{_SPAN}", found[0]):
        minutes = _minutes(span[0])
        return at + timedelta(minutes=minutes) if minutes else None
    clock = re.search(r"(\d{1,2})[:.h時点點]?(\d\d)?\s?([ap])?", found[0][found[0].find(_first_digit(found[0])) :])
    if clock is None:
        return None
    hour = int(clock[1]) % 24
    hour = hour % 12 + 12 if clock[3] == "p" else hour
    ahead = (hour * 60 + int(clock[2] or 0) - at.hour * 60 - at.minute) % 1440
    return at + timedelta(minutes=ahead if ahead <= 180 else ahead % 60)


def _first_digit(text: str) -> str:
    found = re.search(r"\d", text)
    return found[0] if found else ""


_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "five": 5,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
}


def _minutes(span: str) -> int | None:
    found = re.match(r"(\d+|[^\W\d]+)", span)
    if found is None:
        return None
    number = int(found[1]) if found[1].isdigit() else _NUMBERS.get(found[1])
    if span.startswith("half an"):
        return 30
    hours = re.search(r"\d\s?h|hour|stund|heure|hora|\bore\b|uur|godz|час|小时|時間|시간", span)
    return None if number is None else number * (60 if hours else 1)
