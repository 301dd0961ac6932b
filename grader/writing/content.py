"""Whether a line says anything: not when it is empty, "N/A", or what a template left behind."""

import re
from functools import cache

from grader.writing.lexicon import word_list
from grader.writing.plain import folded, plain, without_code
from grader.writing.repetition import kept

_EMPTY = re.compile(
    r"^(?:n/?a|none(?: yet| known)?|nil|tb[dca]|to be (?:defined|determined|done|added|confirmed|completed|"
    r"filled.*|written)"
    r"|todo|to do|wip|work in progress|coming soon|pending|unknown|\?+|x+|lorem ipsum.*"
    r"|keine?|aucune?|ninguno|nenhum|nessuno|geen|n\.v\.t\.|offen|k\.a\.|なし|無し|未定|无|無|暂无|없음|нет)$"
)


_HOLE = re.compile(
    r"<[A-Za-z][^<>\n=]{1,120}>|\{\{[^{}\n]{1,100}\}\}|\b(?:HH:MM|YYYY-MM-DD|DD/MM)\b|_{4,}|\.{4,}"
    r"|\[(?:insert|describe|your|list|add|fill|enter|todo|tbd|tbc|link(?: to [^\[\]]*)?|names?|dates?|time|"
    r"owners?|team|who|what|when|"
    r"how|why|summary|action|item|ticket|placeholder|e\.g|example|explain|number|duration|x+|\.\.\.|"
    r"…)(?![^\W_])[^\[\]\n]{0,120}\](?!\()",
    re.I,
)


_PROMPT = re.compile(
    r"^[_*(]*(?:describe|insert|add|fill in|explain|list|provide|write|enter|what|who|how|when|why|use this "
    r"section)\b.{0,300}[)]?[_*]+$",
    re.I,
)


def has_content(text: str) -> bool:
    """Whether a line says anything: not empty, not "N/A", not a template's `<placeholder>` or prompt in italics."""
    stripped = text.strip()
    if _TEMPLATE_ROW.match(plain(stripped)) or _names_fields_only(stripped):
        return False
    if stripped[:1] in "*_" and stripped[:2] != "**" and _PROMPT.match(stripped):
        return False
    words = folded(plain(_HOLE.sub(" ", _links_kept(stripped)))).strip(" .:-–—|*_#>!•()'\"")
    parts = [_said_once(part.strip(" .:-–—()")) for part in words.split("|")]
    return any(part and not _EMPTY.match(part) and any(c.isalnum() for c in part) for part in parts)


_TEMPLATE_ROW = re.compile(r"^[\W_]*(?:HH:MM|hh:mm|YYYY-MM-DD|DD/MM)\b")


@cache
def _fields() -> frozenset[str]:
    kinds = ("owner_fields", "due_fields", "item_fields")
    return frozenset().union(*(word_list("people", kind) for kind in kinds))


def _names_fields_only(text: str) -> bool:
    """ "Action – owner – due date": a row of a form that nobody filled in."""
    if len(text) > 80:
        return False
    parts = re.split(r"\s+[–—|/-]\s+|\s*[,;|]\s*", folded(plain(text)).strip("|- "))
    said = [part.strip(" .:*_[]()<>") for part in parts]
    return len(said) > 1 and any(said) and all(part in _fields() or not part for part in said)


def _said_once(text: str) -> str:
    """A text without words that it only repeats: "TBD TBD" is as empty as "TBD"."""
    listed = text.split()
    return " ".join(listed[index] for index in kept(listed)[0]) if len(listed) > 1 else text


def _links_kept(text: str) -> str:
    return re.sub(r"<((?:https?://|mailto:)[^<>\s]+|[^<>\s@]+@[^<>\s]+)>", r"\1", text) if "<" in text else text


def holes(text: str) -> int:
    """How many template placeholders a line still has, code aside."""
    return len(_HOLE.findall(_links_kept(without_code(text))))
