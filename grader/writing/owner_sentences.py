"""Owners that the sentence itself names: in front of it, as its subject, or at its end."""

import re

from grader.writing.due import DATE, ticket_in
from grader.writing.lexicon import given_names, word_list
from grader.writing.owner_words import Owners, all_owners, is_me, is_sure, leading_owners
from grader.writing.people import is_handle
from grader.writing.plain import folded, plain, sentences

_SUBJECT_VERB = re.compile(
    r"^\s*(?:\([^()]{1,40}\)\s*)?(?:(?:to|will|shall|should|must|can|is going to|are going to|is to|are to|has "
    r"to|have to|needs? to|agreed to|agrees to|volunteered to|volunteers to|plans to|promised to|is "
    r"responsible for|are responsible for|is on|owns?|takes|leads|drives|handles|'ll|’ll|"
    r"adds|writes|creates|updates|fixes|reviews|implements|investigates|documents|schedules|"
    r"prepares|extends|checks|builds|delivers|organi[sz]es|sets up|talks to|works on|follows up|"
    r"wird|werden|soll|sollen|muss|übernimmt|kümmert sich|ergänzt|erstellt|schreibt|prüft|baut|va|vont|doit|"
    r"doivent|devra|se charge|ajoute|rédige|s'occupe|va a|van a|debe|deben|se encarga|añade|agrega|vai|vão|"
    r"deve|devem|fica|adiciona|si occupa|dovrà|aggiunge|zal|zullen|gaat|moet|ska|skal|dodá|doda|napisze|"
    r"добавит|напишет|настроит|должен|должна|сделает|проверит)\b)",
    re.I,
)


_AMBIGUOUS_NAMES = frozenset(
    {"mark", "april", "june", "jan", "august", "may", "will", "grant", "bill", "rob", "chase", "pat"}
)


def sentence_owners(raw: str) -> Owners:
    """Owners that the sentence itself names: in front of it, as its subject, or at its end.

    A single unknown word in front ("Drill: ...") gives way to a sure owner at the end.
    """
    raw = _LEADING_DATE.sub("", raw)
    front = _prefix_owners(raw)
    if front and is_sure(front):
        return front
    back = _suffix_owners(raw)
    return (back if back and (not front or is_sure(back)) else front) or _later_owners(raw)


_LEADING_DATE = re.compile(r"^\s*(?:20\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:20)?\d\d)\s*(?:[-–—:|,]\s*)?(?=\S)")


def _later_owners(raw: str) -> Owners:
    """Who takes the task in a sentence after the first: "The indexer must fail. I will do it."."""
    for sentence in sentences(plain(raw))[1:]:
        owners, rest = leading_owners(sentence)
        if owners and (is_sure(owners) or is_me(owners[0])) and _TAKES.match(rest):
            return owners
    return ()


_TAKES = re.compile(
    r"\s*(?:will|'ll|’ll|am going to|is going to|own this|owns this|takes|owns|is on|does|handles|drives|leads|"
    r"has agreed|agreed|volunteered|übernimmt|s'en charge|"
    r"se encarga|fica|se ne occupa)\b",
    re.I,
)


def _prefix_owners(raw: str) -> Owners:
    bold = re.match(
        r"^\s*(?:\*\*|__)([^*_]{1,60})(?:\*\*|__)((?:\s*(?:,|&|\+|/|and|und|et|y|e|en|och)\s*(?:\*\*|__)[^*_]{1,60}(?:\*\*|__)){0,3})"
        r"\s*[:：,—–-]?\s*(?=\S)",
        raw,
    )
    if bold and bold[2] and (owners := all_owners(plain(bold[1] + bold[2]))):
        return owners
    if bold and (owners := all_owners(bold[1])):
        return owners
    text = plain(raw)
    marked = re.match(r"^[\[(（【]\s*([^\[\]()（）【】]{1,60})\s*[\])）】]\s*[:：-]?\s*(?=\S)", text)
    if marked and (owners := all_owners(marked[1]) or ((marked[1],) if _set_apart(marked[1]) else ())):
        return owners
    colon = re.match(
        r"^([^:：]{1,60}?)\s*(?:\([^()]{1,40}\))?\s*(?:[:：]\s*|\s+[—–-]{1,2}>?\s+|\s+\|\s+|\s*(?:->|→|=>)\s*)(?=\S)",
        text,
    )
    if colon and (owners := all_owners(colon[1])):
        return owners
    owners, rest = leading_owners(text)
    if _is_order(owners, rest):
        return ()
    if owners and ((all(owner.startswith("@") for owner in owners) and rest.strip()) or _SUBJECT_VERB.match(rest)):
        return (
            owners
            if not (re.match(r"\s*(?:to|will|should|must|can) be\b", rest) and not owners[0].startswith("@"))
            else ()
        )
    return _odd_subject(text)


def _is_order(owners: Owners, rest: str) -> bool:
    """ "Talk to …", "Add to the list": a verb in front, which is capitalised as a name is."""
    if len(owners) != 1 or " " in owners[0]:
        return False
    if folded(owners[0]) in word_list("people", "orders"):
        return True
    return not is_sure(owners) and bool(re.match(r"\s*to\s+(?:the|a|an|our|all|[A-ZÀ-Þ])", rest))


def _odd_subject(text: str) -> Owners:
    """Departments and names that are also words, as a subject: "Legal to review", "Mark will add"."""
    found = re.match(r"^([A-Z][\w&-]+(?:\s+[a-z&]+)?)\s+(?:to|will|'ll)\s+(?!be\b)\w", text)
    if found and (folded(found[1]) in word_list("people", "departments") or folded(found[1]) in _AMBIGUOUS_NAMES):
        return (found[1],)
    return ()


_STATUS = re.compile(
    r"^(?:done|open|closed|completed?|in progress|wip|pending|issue (?:created|filed)|ticket (?:created|filed)|"
    r"filed|created|p[0-4]|s[1-4]|sev-?\d|high|medium|low|critical|optional|new|merged|tracked|"
    r"prio(?:rity)?\b.*|urgent|✅|blocked|planned|started|short[- ]term|long[- ]term|prevent|detect|mitigate|"
    r"process|[\d.]+\s?(?:d|h|days?|hours?|pts?|points?))$",
    re.I,
)


_NOT_BY = re.compile(
    r"(?:\b(?:cc:?|thanks(?: to)?|thx|ask|asking|asked|with|from|via|ping|tell|notify|inform|like|for|"
    r"help(?:ed)? by|to|about|and|or|see|than|"
    r"(?:reported|reviewed|approved|suggested|requested|found|written|raised|noticed|spotted|proposed|created|"
    r"opened|discovered|authored|filed|mentioned|verified|merged|contact|consult|message|interview|train|"
    r"remind|email|pair with))(?:\s+by)?|h/t|kudos)\s*$",
    re.I,
)


_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]")


def _suffix_owners(raw: str) -> Owners:
    tail = re.search(
        r"(?:^|\s|[(,—–-])((?:\*\*|__)([^*_]{1,60})(?:\*\*|__)((?:\s*/\s*[\w.@-]{1,40}){0,4}))\s*[.)]?\s*$", raw
    )
    if tail and not _NOT_BY.search(plain(raw[: tail.start(1)])) and (owners := all_owners(tail[2] + tail[3])):
        return owners
    if mention := re.search(r"\[~([\w.@-]{1,60})\]\W*$", raw):
        return (mention[1],)
    text = _PICTURES.sub("", plain(raw)).rstrip(" ;!。")
    text = text if re.search(r"\s[A-ZÀ-Þ]\.$", text) else text.rstrip(" .;!。")
    for _ in range(6):
        owners, shorter = _last_part(text)
        if owners or not shorter or shorter == text:
            return owners
        text = shorter.rstrip(" .;,!。—–-|")
    return ()


def _last_part(text: str) -> tuple[Owners, str]:
    """Owners in the last part of a text, or the text without that part when it is a date, a ticket or a status."""
    if (ticket := _TRAILING_TICKET.search(text)) and ticket_in(ticket[0]):
        return (), text[: ticket.start()]
    bracket = re.search(r"\s*[(\[（【]([^()\[\]（）【】]{1,120})[)\]）】]$", text)
    if bracket:
        owners = _listed(bracket[1])
        return owners, "" if owners or not _says_nothing(bracket[1]) else text[: bracket.start()]
    handles = re.search(r"((?:(?:^|[\s,&/+]|\band\b)+@[\w][\w./-]*\w|(?:^|\s)@\w)+)$", text)
    if handles:
        names = [name for name in re.findall(r"@[\w][\w./-]*", handles[1]) if is_handle(name)]
        return (tuple(names), "") if names and not _NOT_BY.search(text[: handles.start()].rstrip(" :")) else ((), "")
    dash = re.search(r"(?:\s+[—–-]{1,2}>?\s+|\s*(?:->|→|=>|⇒|//|\|)\s*|\s*—\s*|\s*[~]\s*)([^—–|→]{1,80})$", text)
    if dash:
        owners = _listed(dash[1])
        return owners, "" if owners or not _says_nothing(dash[1]) else text[: dash.start()]
    comma = re.search(r"(?:[,;]\s*|\s/\s|(?<=\w{3}):\s)([^,;:/]{1,60})$", text)
    if comma and (owners := all_owners(comma[1])) and is_sure(owners) and not _NOT_BY.search(text[: comma.start()]):
        return owners, ""
    if comma and _says_nothing(comma[1]):
        return (), text[: comma.start()]
    dated = [found for found in DATE.finditer(text) if not text[found.end() :].strip()]
    if dated:
        return (), re.sub(
            r"\b(?:by|due(?: by| on)?|until|before|on|in|bis|deadline|target|eta)\s*:?\s*$",
            "",
            text[: dated[0].start()].rstrip(),
            flags=re.I,
        )
    return (), ""


_TRAILING_TICKET = re.compile(r"\s+(?:#\d{1,6}|[A-Z][A-Z0-9]{1,9}-\d{1,6}|https?://\S{1,300})$")
_MEASURE = re.compile(r"^(?:done (?:when|if|once)|acceptance|success|measured by|verified by|exit criteri)", re.I)


def _listed(text: str) -> Owners:
    """Owners in "Alice, 12 March" or "OPS-12; Alice & Bob": every part is an owner, a date, a ticket or a status."""
    if re.match(
        r"^\s*(?:cc|thanks|ask|with help|reported|reviewed|approved|see|e\.g|i\.e|like|via|from|not|for|was|by "
        r"(?:the )?end)\b",
        text,
        re.I,
    ):
        return ()
    text = re.sub(r"^\s*(?:owner|owned by|assigned to|assignee|dri|lead|by)\s*:?\s+", "", text, flags=re.I)
    owners: list[str] = []
    for part in re.split(r"\s*[,;|、，]\s*|\s+[—–-]\s+", text):
        bare = re.sub(r"\s+(?:by|due|until|till|before)\s+.*$", "", part.strip())
        found, rest = leading_owners(bare)
        if found and not rest.strip(" ."):
            owners.extend(found)
        elif _set_apart(bare):
            owners.append(bare)
        elif not _says_nothing(part):
            return ()
    return tuple(dict.fromkeys(owners))


def _set_apart(text: str) -> bool:
    """Owners that only a bracket or a dash makes one: a department ("Security"), a lower-case given name ("jo")."""
    words = folded(text)
    if words in word_list("people", "departments"):
        return text[:1].isupper() and words not in word_list("people", "areas")
    return (
        " " not in text and text.islower() and words in given_names() and words not in word_list("people", "not_names")
    )


def _says_nothing(text: str) -> bool:
    """Whether a part is only a date, a ticket, a status or empty."""
    text = text.strip(" .")
    if not text or _STATUS.match(text) or _MEASURE.match(text) or re.fullmatch(r"\d{1,2}[./]\d{1,2}", text):
        return True
    left = re.sub(
        r"\b(?:by|due(?: by| on| date)?|until|till|before|on|in|eta|target|deadline|prio(?:rity)?|status|ticket|"
        r"jira|issue|tracked in|see|fällig|bis|do|le|el|il|al|den|dem|am|dia|pour|até|entro|voor|senast|klart|"
        r"do dnia|termin|until the|"
        r"next|this)\b[:：]?",
        " ",
        text,
        flags=re.I,
    )
    left = re.sub(r"\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\b", " ", DATE.sub(" ", left), flags=re.I)
    while ticket := ticket_in(left):
        left = left.replace(ticket, " ")
    return not re.sub(r"[\W_]+", "", _STATUS.sub("", left.strip()))
