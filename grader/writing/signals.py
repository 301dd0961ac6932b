"""What a root cause and an impact section say: artefacts, mechanism, durations, numbers, losses."""

import re
from dataclasses import dataclass
from functools import cache

from grader.domain.truth import CaseTruth
from grader.writing.lexicon import word_list
from grader.writing.phrases import holds, holds_word, phrases, whole_words
from grader.writing.plain import folded, plain, words


@dataclass(frozen=True, slots=True)
class Text:
    """Prose of one section, line by line, as it was written."""

    lines: tuple[tuple[int, str], ...]

    @property
    def whole(self) -> str:
        """All lines, joined."""
        return "\n".join(text for _, text in self.lines)

    def first(self, holds_it: "re.Pattern[str]") -> int | None:
        """The first line that matches a pattern, folded."""
        return next((line for line, text in self.lines if holds_it.search(folded(text))), None)


@cache
def _artefact() -> re.Pattern[str]:
    extensions = "|".join(sorted(word_list("signals", "artefact_files")))
    return re.compile(
        rf"(?<![\w])[\w./-]{{1,120}}\.(?:{extensions})\b(?!\w)|`[^`\n]{{2,120}}`|"
        rf"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{{7,40}}\b"
        r"|(?<!\w)(?:[\w.-]+/[\w.-]+)?#\d{1,6}\b|https?://\S{1,300}/(?:pull|issues|commit|merge_requests|"
        r"-/commit)/\w+|\b[a-z_][\w.]{0,80}\(\)|\b[a-z]+(?:_[a-z0-9]+)+\b|\b[a-z]\w*\.[a-z_]\w+\(|"
        r"\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+\b|\b(?:PR|MR|commit|pull request|merge request)\s?[#!]?\d+\b"
    )


def artefact_line(text: Text, truth: CaseTruth | None) -> int | None:
    """The first line that names a file, a commit, a change, a function, a key in code, or a part of the case."""
    for line, content in text.lines:
        if _artefact().search(content) or (truth and says_any(content, (*truth.components, *truth.inventory))):
            return line
    return None


def mechanism_line(text: Text, truth: CaseTruth | None) -> int | None:
    """A line that joins an artefact (there or next to it), a causal word and a state of failure."""
    lines = text.lines
    for at, (line, _) in enumerate(lines):
        window = Text(lines[max(0, at - 1) : at + 2])
        here = lines[at][1]
        if holds(here, "signals", "causal") and holds(here, "signals", "failure") and artefact_line(window, truth):
            return line
    for at, (line, _) in enumerate(lines):
        window = Text(lines[max(0, at - 1) : at + 2])
        if all(holds(window.whole, "signals", kind) for kind in ("causal", "failure")) and artefact_line(window, truth):
            return line
    return None


def second_factor_line(text: Text, items: int) -> int | None:
    """A line that tells why nothing caught it, or names another factor; two listed factors count."""
    found = text.first(phrases("signals", "not_caught"))
    if found is None and items >= 2 and text.lines:
        return text.lines[0][0]
    return found


def is_only_human_error(text: Text) -> bool:
    """Whether a root cause stops at a person: "human error", and nothing of what failed or why."""
    said = holds_word(text.whole, "signals", "human_error")
    return said and artefact_line(text, None) is None and len(words(text.whole)) < 60


def says_any(text: str, wordings: tuple[str, ...]) -> bool:
    """Whether a text says one of the wordings, compared word by word."""
    return any(says(text, wording) for wording in wordings)


def says(text: str, wording: str) -> bool:
    """Whether a text holds the words of `wording` in a row; the last may go on (`hallucinat`)."""
    wanted = _comparable(wording)
    return bool(wanted) and f" {wanted}" in f" {_comparable(text)}"


@cache
def _comparable(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", folded(plain(text))))


_NUMBER = (
    r"(?:\d[\d.,' ]{0,12}\d|\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds|"
    r"thousands|ein|eine|zwei|drei|vier|fünf|deux|trois|quatre|cinq|dos|tres|cuatro|cinco|dois|três|quatro|due|"
    r"tre|quattro|twee|drie|två|три|два|четыре)"
)
DURATION = re.compile(
    rf"(?<![\w.]){_NUMBER}\s?-?(?:minutes?|mins?|min\.|min\b|m\b(?!\w)|hours?|hrs?|h\b|hr\b|days?|d\b|seconds?|"
    rf"secs?|weeks?|minuten|stunden?|std|tagen?|heures?|jours?|minutos?|horas?|días?|dias?|minuti|minuto|ore|"
    rf"ora|giorni|uur|uren|dagen|minuter|timmar|timer|minuutter|minuuttia|tuntia|tunti|minut|godzin\w*|"
    rf"hodin\w*|dakika|saat|минут\w*|мин|час\w*|хвилин\w*|годин\w*|λεπτά|ώρες|分|時間|分钟|小时|分鐘|小時|분|시간|menit|jam|"
    rf"phút|giờ|دقيقة|ساعة|मिनट|घंटे|perc|óra)(?![a-z])",
    re.I,
)
_PAIR = re.compile(r"(\d{1,2}[:.h]\d\d)\s?(?:[ap]m|z|utc|uhr|h)?\b[^\n\d]{1,20}?(\d{1,2}[:.h]\d\d)", re.I)
_UNIT_MINUTES = (
    ("sec", 0),
    ("h", 60),
    ("std", 60),
    ("stund", 60),
    ("uur", 60),
    ("uren", 60),
    ("ore", 60),
    ("ora", 60),
    ("tim", 60),
    ("d", 1440),
    ("tag", 1440),
    ("jour", 1440),
    ("giorn", 1440),
    ("day", 1440),
    ("w", 10080),
    ("m", 1),
)


def duration_line(text: Text) -> int | None:
    """The first line with a duration, or with a start and an end."""
    return next(
        (line for line, content in text.lines if DURATION.search(plain(content)) or _PAIR.search(content)), None
    )


def durations(text: Text) -> tuple[float, ...]:
    """Minutes of every duration and start-end pair that could be read."""
    found: list[float] = []
    for content in (plain(written) for _, written in text.lines):
        compound = re.findall(r"(\d+)\s?h(?:ours?|rs?)?,?\s?(?:and\s)?(\d{1,2})\s?m(?:in)?", content, re.I)
        found += [int(hours) * 60 + int(minutes) for hours, minutes in compound]
        for one in DURATION.finditer(content):
            number = re.match(r"\d+(?:\.\d+)?", one[0].replace(",", "."))
            unit = re.sub(r"^[\d\s.,'-]+", "", folded(one[0]))
            if number:
                found.append(float(number[0]) * next((m for stem, m in _UNIT_MINUTES if unit.startswith(stem)), 1))
        for start, end in _PAIR.findall(content):
            (h1, m1), (h2, m2) = (re.split(r"[:.h]", part, flags=re.I) for part in (start, end))
            found.append((int(h2) * 60 + int(m2) - int(h1) * 60 - int(m1)) % 1440)
    return tuple(found)


@cache
def _counted() -> re.Pattern[str]:
    units = whole_words("signals", "countable").pattern
    number = _NUMBER
    return re.compile(
        rf"(?<![\da-z:.]){number}\s?(?:%|percent|per cent|prozent|pour cent|por ciento|por cento)|"
        rf"(?<![\da-z:.])(?P<n>{number})\s?(?:k|m|million|thousand)?\s*(?:\+|of|out of|von|sur|de|"
        rf"su)?\s*(?:[^\W\d][\w'-]*\s+|\d+\s+){{0,3}}?(?P<unit>{units})|(?:[€$£¥]|usd|eur|gbp|cad|chf)\s?\d|"
        rf"\d[\d.,]*\s?(?:€|\$|£|usd|eur|gbp|cad|euros?|dollars?|pounds?)"
        rf"|(?:{units})\s*(?:affected|impacted|involved|betroffen)?\s*[:|=]\s*~?{number}",
        re.I,
    )


_NO_ONE = re.compile(
    r"\b(?:nobody|no one)\b[^.\n]{0,60}\b(?:affected|impacted|harmed|saw|noticed|reached)|\b(?:no|zero|none of "
    r"(?:our|the))\s+(?:external\s+|real\s+|end[ -])?(?:users?|customers?|clients?|"
    r"passengers?|patients?|people)\b[^.\n]{0,60}\b(?:affected|impacted|harmed|saw|noticed|reached)|keine? "
    r"(?:kunden|nutzer)|aucun (?:client|utilisateur)|ningún (?:cliente|usuario)|nenhum (?:cliente|usuário|"
    r"utilizador)|nessun (?:cliente|utente)|geen (?:klanten|gebruikers)",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|since|as the|due to|only (?:in|on)|internal|staging|before (?:launch|release)|behind|weil|"
    r"car|parce que|porque|perché|omdat)\b",
    re.I,
)


def number_line(text: Text, truth: CaseTruth | None) -> int | None:
    """The first line that counts who or what was affected; a count that the answer key refutes is none."""
    for line, content in text.lines:
        said = folded(plain(content))
        if _counted().search(said) or (_NO_ONE.search(said) and _REASON.search(said)):
            return line if wrong_count(text, truth) is None else None
    return None


def wrong_count(text: Text, truth: CaseTruth | None) -> tuple[int, str] | None:
    """The line and words that count the case's unit otherwise than the case does, when no line has it right."""
    if truth is None or truth.affected is None:
        return None
    units = "|".join(re.escape(folded(unit)) for unit in truth.affected.units)
    wrong: tuple[int, str] | None = None
    for line, content in text.lines:
        for found in re.finditer(
            rf"(?<![\w:.])({_NUMBER})\s+(?:[^\W\d][\w'-]*\s+){{0,2}}?(?:{units})(?![^\W_])",
            folded(plain(content)),
            re.I,
        ):
            if _value(found[1]) == truth.affected.value:
                return None
            if _value(found[1]) is not None:
                wrong = wrong or (line, found[0])
    return wrong


_WORDS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=1
    )
}


def _value(number: str) -> int | None:
    digits = re.sub(r"[.,' ]", "", number)
    return int(digits) if digits.isdigit() else _WORDS.get(number)


def lost_line(text: Text) -> int | None:
    """The first line that says what was lost or exposed, or that nothing was."""
    return text.first(phrases("signals", "lost"))


_NUMBERED = re.compile(
    r"\d|\bdone when\b|\bso that\b|\bbefore (?:every|each|any)\b|\bwhen(?:ever)?\b|\bif\b|\buntil\b|\bevery\b", re.I
)


def is_concrete(text: str) -> bool:
    """A follow-up with a verb, an object, and a way to see that it is done: an artefact, a threshold, a condition."""
    bare = plain(text)
    if len(words(bare)) < 4 and bare.isascii():
        return False
    if re.search(r"\b(?:be|being) more careful\b|\bcommunicate better\b|\bpay (?:more )?attention\b", bare, re.I):
        return False
    artefact = bool(_artefact().search(text)) or bool(_NUMBERED.search(bare)) or holds_word(bare, "signals", "things")
    if not bare.isascii():
        return artefact
    return artefact and holds_word(bare, "signals", "verbs")


_WATCHES = re.compile(
    r"\b(?:alert\w*|alarm\w*|runbook|playbook|wiki|guide|postmortem|post-mortem|announce\w*|email|mail)\b", re.I
)


def is_preventive(text: str) -> bool:
    """A concrete follow-up that changes what can happen, not only what is watched, written or taught."""
    bare = plain(text)
    if not is_concrete(text):
        return False
    head = " ".join(words(bare)[:6])
    watches = holds(head, "signals", "only_watch") or _WATCHES.search(head) is not None
    return not watches or holds_word(bare, "signals", "preventive_things")
