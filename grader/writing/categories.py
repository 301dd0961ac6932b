"""Sub-labels that sort follow-ups and are none themselves: "Short term", "Prevent", "P1"."""

import re

from grader.writing.content import has_content
from grader.writing.lexicon import word_list
from grader.writing.plain import label

_CATEGORY = re.compile(
    r"^(?:(?:short|medium|mid|long|near)[ -]?term|immediate(?:ly)?|prevent\w*|detect\w*|mitigat\w*|process|"
    r"people|technology|tooling|monitoring|alerting|testing|documentation|training|other|misc\w*|technical|"
    r"organi[sz]ational|engineering|product|high|medium|low|critical|must|should|could|nice to have|p[0-4]|"
    r"priority \d|this (?:week|sprint|month|quarter)|next (?:week|sprint|month|quarter)|now|next|later|open|in "
    r"progress|phase \d|stage \d|week \d|quick wins?|code|infrastructure|communication|kurzfristig\w*|"
    r"mittelfristig\w*|langfristig\w*|corto plazo|largo plazo|court terme|long terme)\b",
)


def is_category(text: str) -> bool:
    """A sub-label that sorts items and is none itself: "Short term", "Prevent", "P1"."""
    words = label(text)
    return len(words.split()) <= 4 and (bool(_CATEGORY.match(words)) or words in word_list("people", "not_names"))


def is_closing_remark(text: str) -> bool:
    """ "Note: …", "See also: …", and lines that say nothing."""
    return bool(
        re.match(r"^(?:\*\*|__)?(?:note|nb|n\.b\.|legend|see also)(?:\*\*|__)?\s*[:：]", text, re.I)
    ) or not has_content(text)
