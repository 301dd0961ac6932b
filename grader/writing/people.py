"""Who counts as an owner: a handle, an address, a name, initials, a named team, "me"; and who does not."""

import re
import unicodedata

from grader.writing.lexicon import given_names, word_list
from grader.writing.plain import folded, plain

_HANDLE = re.compile(r"@[\w](?:[\w.-]{0,60}\w)?(?:/[\w][\w.-]{0,60})?")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SPLIT = re.compile(
    r"\s*[,;/&+、，；|]\s*|\s+(?:and|und|et|y|e|och|og|en|oraz|a|ja|ve|и|та|και|dan|và|with)\s+|\s*(?:と|和|및|与|"
    r"與)\s*|\s+-\s+"
)
_CUT = re.compile(
    r"(?:^|[\s,;(\[]+)(?:cc:?|with (?:help|support|input) (?:from|of|by)|help(?:ed)? (?:from|by)|supported by|"
    r"together with|"
    r"(?:reviewed|approved|reported|verified|backed up|found|raised) by|reviewer:?|backup:?|thanks|thx|"
    r"(?:due|deadline|eta|prio(?:rity)?|status|ticket|target|fällig|bis|échéance|until|before|by(?= (?:\d|end|"
    r"next|mon|tue|wed|thu|fri|sat|sun|q[1-4]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|eod|eow|the "
    r"end)))\b)",
    re.I,
)
_INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{2,4}|[A-ZÀ-Þ]\.\s?[A-ZÀ-Þ]\.?(?:\s?[A-ZÀ-Þ]\.?)?")
_LOWER_HANDLE = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+){0,3}")


def owners_in_field(value: str) -> tuple[str, ...]:
    """The owners that an owner field or cell names, in order, as written; parts after the first non-owner are left."""
    text = _tidy(value)
    if not text or _is_nobody(text):
        return ()
    inside = re.fullmatch(r"\((.*)\)|\[(.*)\]", text)
    if inside:
        text = (inside[1] or inside[2]).strip()
    outer = _tidy(re.sub(r"\([^()]*\)|（[^（）]*）", " ", text))
    owners = _split_owners(outer)
    if owners:
        return owners
    for bracketed in re.findall(r"[(（]([^()（）]{1,80})[)）]", text):
        if _is_role(outer) and (named := _split_owners(_tidy(bracketed))):
            return named
    return ()


def _tidy(value: str) -> str:
    text = plain(value)
    cut = _CUT.search(text)
    if cut:
        text = text[: cut.start()]
    text = re.sub(r"^(?:is|are|to|by|von|par|por|da|the person:?)\s+", "", text.strip())
    return text.strip(" \t:：-–—→>=*_`.,;|!'\"").strip()


def _split_owners(text: str) -> tuple[str, ...]:
    if not text or _is_nobody(text):
        return ()
    if is_team(text) and not re.search(r"[,;/]|\b(?:and|und|et|y|e) the\b|@", text) and not _person_and_team(text):
        return (_without_article(text),)
    owners: list[str] = []
    for part in _SPLIT.split(text):
        for piece in _several_handles(part.strip(" .:()[]'\"")):
            owner = _owner(piece)
            if owner is None:
                return tuple(dict.fromkeys(owners))
            owners.append(owner)
    return tuple(dict.fromkeys(owners))


def _person_and_team(text: str) -> bool:
    """ "Nikos and City desk" are two owners, "Search and Discovery team" is one."""
    first = re.split(r"\s+(?:and|und|et|y|e|&|\+)\s+", text, maxsplit=1)
    return len(first) == 2 and folded(first[0].split()[0]) in given_names()


def _several_handles(part: str) -> list[str]:
    """`@a @b` is two owners; `Alice Smith @alice` is one."""
    handles = part.split()
    if len(handles) > 1 and all(handle.startswith("@") for handle in handles):
        return handles
    return [part]


def _owner(part: str) -> str | None:
    """One owner as written; None when the part names nobody."""
    if not part or _is_nobody(part) or part.endswith("?"):
        return None
    if _EMAIL.fullmatch(part) or _HANDLE.fullmatch(part):
        return part if is_handle(part) or _EMAIL.fullmatch(part) else None
    if (found := re.fullmatch(r"(.{2,60}?)\s+[(<]?(@[\w.-]+|[\w.+-]+@[\w.-]+)[)>]?", part)) and is_name(found[1]):
        return found[1]
    if folded(part) in word_list("people", "first_person"):
        return part
    if (titled := _TITLE.match(part)) and is_name(part[titled.end() :]):
        return part
    return _without_article(part) if is_team(part) else _named(part)


_TITLE = re.compile(r"(?:Hr|Herr|Fr|Frau|Mr|Mrs|Ms|Mme|M|Dr|Prof|Sr|Sra|Sig|Dhr|Mevr|Pan|Pani)\.?\s+(?=[A-ZÀ-Þ])")


def _named(part: str) -> str | None:
    if _INITIALS.fullmatch(part):
        return None if _is_role(part) else part
    if (
        is_name(part)
        or _names_a_unit(part)
        or (
            _LOWER_HANDLE.fullmatch(part)
            and not _is_role(part)
            and folded(part) not in word_list("people", "not_names")
        )
    ):
        return part
    return None


def _names_a_unit(part: str) -> bool:
    """A unit by its capitalised words: "Support Engineering", "Search Quality"; only a field tells it from a topic."""
    words = part.split()
    return (
        2 <= len(words) <= 4
        and all(word[:1].isupper() or word in ("&", "of", "for") for word in words)
        and all(word.replace("&", "").replace("-", "").isalpha() or word == "&" for word in words)
        and not _is_role(part)
        and not any(folded(word) in word_list("people", "nobody") for word in words if word.lower() != "engineering")
    )


def _without_article(text: str) -> str:
    return re.sub(r"^(?:the|das|die|l'|el|la|il|le|het|de)\s*(?<=[\s'])", "", text, flags=re.I)


def _is_nobody(text: str) -> bool:
    words = folded(text).strip(" .!*_()[]")
    if re.search(r"<[^<>]*>|\{[^{}]*\}", text) and not _EMAIL.search(text):
        return True
    first = re.split(r"[\s,/(]", words, maxsplit=1)[0]
    return words in word_list("people", "nobody") or first in (
        "tbd",
        "tbc",
        "tba",
        "unassigned",
        "n/a",
        "???",
        "??",
        "?",
    )


def _is_role(text: str) -> bool:
    """An unnamed role or a description: "tech lead", "a member of the payments team", "CTO"."""
    words = folded(text)
    if words in word_list("people", "roles"):
        return True
    return any(word.strip(".,:'\"") in word_list("people", "role_words") for word in words.split())


def is_handle(text: str) -> bool:
    """Whether a `@name` is somebody's and no template's."""
    return text.startswith("@") and folded(text[1:]) not in word_list("people", "placeholder_handles")


def is_team(text: str) -> bool:
    """A named team: "Payments squad", "SRE", "Core-1 team"; not "the team"."""
    words = folded(text)
    words = re.sub(r"^(?:the|das|die|el|la|il|le|het|de|l')\s+", "", words)
    if words in word_list("people", "departments"):
        return text.strip() not in ("it", "data", "product", "core", "support", "security", "content", "search", "web")
    for team in word_list("people", "team_words"):
        qualifier = ""
        if words.endswith(team) and len(words) > len(team):
            qualifier = words[: -len(team)].strip()
        elif words.startswith(team + " "):
            qualifier = words[len(team) :].strip()
        if qualifier and (words.endswith(" " + team) or words.startswith(team + " ") or not team.isascii()):
            return _names_a_team(qualifier)
    return False


def _names_a_team(qualifier: str) -> bool:
    parts = qualifier.split()
    if len(parts) > 4 or any(part in word_list("people", "role_words") - _PARTS_OF_NAMES for part in parts):
        return False
    return not all(part in word_list("people", "unnamed_teams") for part in parts)


_PARTS_OF_NAMES = frozenset({"admin", "new", "future", "next"})
"""Words of roles that also stand in the names of teams ("Admin UI team"), never alone."""


def is_name(text: str) -> bool:
    """One to five capitalised words (or words of a script without case), with particles and initials."""
    parts = text.split()
    if not 1 <= len(parts) <= 5 or len(text) > 60:
        return False
    proper = 0
    for index, part in enumerate(parts):
        bare = part.strip(".,")
        if (
            folded(bare) in word_list("people", "particles")
            and index + 1 < len(parts)
            and (index or bare[:1].islower() or len(parts) > 1)
        ):
            continue
        if not _is_proper(bare):
            return False
        proper += 1
    if proper == 0 or _is_role(text):
        return False
    listed = [folded(part.strip(".,")) for part in parts]
    common = sum(word in word_list("people", "not_names") - word_list("people", "particles") for word in listed)
    if common == 1 and proper >= 3 and listed[0] not in word_list("people", "not_names"):
        return True
    return common == 0 or (len(parts) > 1 and common == 1 and folded(parts[0]) in _MONTH_NAMES)


_MONTH_NAMES = frozenset({"april", "may", "june", "jan", "august"})


def _is_proper(word: str) -> bool:
    """A word that is written as names are: upper case first, letters only but for `'`, `-`, `.`."""
    bare = re.sub(r"[’'.\-‐·・]", "", word)
    if not bare or not all(unicodedata.category(c)[0] in "LM" for c in bare):
        return False
    first = bare[0]
    if first.isupper() or first.istitle():
        return not (bare.isupper() and len(bare) > 4)
    return not first.islower() and len(bare) <= 8


_NOUN = re.compile(
    r"(?:ing|tion|sion|ment|ness|ity|ance|ence|ship|ism|ology|ics|able|ible|less|ful|ous|ive|ized|ised|ated|ility|ware|"
    r"board|book|proof|side|wide|based|level|term|time|point|line|ung|heit|keit|schaft|ción|sión|miento|dad|ção|mento|zione|"
    r"age|ement|eur|ering|elser|ning|ание|ение|ость)s?$"
)


def is_name_in_text(text: str) -> bool:
    """A name, handle, address, team or initials where no field says so: stricter than in a field."""
    text = text.strip()
    if text.startswith("@"):
        return bool(_HANDLE.fullmatch(text)) and is_handle(text)
    if _EMAIL.fullmatch(text):
        return True
    if _is_nobody(text) or folded(text) in word_list("people", "not_names"):
        return False
    if " " not in text and _NOUN.search(text) and folded(text) not in given_names():
        return False
    if _INITIALS.fullmatch(text):
        return not _is_role(text)
    return is_name(text)
