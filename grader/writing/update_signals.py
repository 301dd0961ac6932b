"""What one status update says: impact, action, state, next update, speculation, internal detail."""

import re

from grader.writing.blame import find_blame
from grader.writing.document import Line
from grader.writing.phrases import holds, holds_word, whole_words
from grader.writing.plain import folded, plain, words

MIN_WORDS = 6

_SHARE = re.compile(
    r"\d\s?%|\b\d[\d,.]*\s+(?:of|out of|users?|customers?|passengers?|patients?|conversations?|answers?|"
    r"requests?|chats?)"
)
_NO_SYMPTOM = re.compile(
    r"\b(?:no|zero|without|not) (?:customer |personal |user |further |more |new |any |other |known "
    r")*(?:errors?|failures?|problems?|unsafe|"
    r"issues?|wrong|incorrect|impact|delays?|(?:data|money|records?) (?:(?:was|were|has been|have been) "
    r")?(?:lost|exposed|leaked))\b"
    r"|\b(?:error rate|errors?) (?:is |are |has |have |fell|dropped|down|back)|\bno (?:longer|one|customers?|users?)\b"
    r"|\berror budget\b|\b(?:wrong|error|failure|incorrect)[- ](?:answers?[- ])?rates?\b|\bnothing (?:was |is |"
    r"has been |"
    r"got )?(?:lost|exposed)\b"
    r"|\bno (?:\w+ ){1,2}?(?:was |were |has been |have been )?(?:lost|exposed|leaked|affected|charged|impacted|"
    r"missing)\b"
)
_LIVES_THROUGH = re.compile(
    r"(?:['’]?s?\s+[^.;:!?\n]{0,40}?)?\b(?:see|sees|saw|seeing|gets?|got|getting|receiv\w+|hears?|heard|experienc\w+|"
    r"(?:is|are|was|were|being|been)\s+(?:still\s+|also\s+|now\s+)?(?:told|shown|offered|given|quoted|sent|charged|served|"
    r"promised|advised|refused|denied|without|turned away|sent away|stranded)|without|lose|loses|lost|miss|"
    r"missed|face|have no|has no|"
    r"sehen|bekommen|erhalten|hören|voient|reçoivent|obtiennent|ven|reciben|obtienen|recebem|veem|vêem|obtêm|vedono|"
    r"ricevono|zien|krijgen|ontvangen|ser|får|ser|widzą|dostają|видят|получают)\b(?P<what>[^.;:!?\n]{0,60})"
)
_IN_ORDER = re.compile(
    r"\b(?:correct\w*|right|normal\w*|again|as expected|as usual|proper\w*|informed|notified|korrekt\w*|"
    r"richtig\w*|wieder|"
    r"correct\w*|bonnes?|correctas?|corretas?|juiste?|rätt|no longer)\b"
)


def has_impact(text: str) -> bool:
    """Somebody or something, and what is wrong with it."""
    said = folded(plain(text))
    said = _NO_SYMPTOM.sub(" ", said)
    if any(_lives_through(said[found.end() :]) for found in whole_words("updates", "persons").finditer(said)):
        return True
    subject = holds_word(said, "updates", "subjects") or _SHARE.search(said) is not None
    return subject and holds(said, "updates", "symptoms")


def _lives_through(after: str) -> bool:
    """What follows on a group of persons: they see, get or are told something that is not as it should be."""
    found = _LIVES_THROUGH.match(after)
    return found is not None and not _IN_ORDER.search(found[0])


_DOING = re.compile(
    r"\b(?:we|i|our (?:team|engineers?|vendor)|engineers|the (?:on-call|team|vendor))(?:'re|'ve|'ll| are| have|"
    r" am| will| has| is| continue to"
    r"| now| still| also| just| already| currently| been){0,4} (?!aware|sorry|not\b|never|update|post|report|"
    r"back\b|know|think|"
    r"believe|guess|suspect|assume|apologi|see\b|hope|expect|understand|keep you|don't|the\b|all\b|here\b|"
    r"then\b|that\b|until|"
    r"can\b|could|should|might|may\b|need|get\b|have\b|has\b|had\b|was\b|were\b|are\b|will\b|would|seem|feel|"
    r"wonder|saw\b|"
    r"again|soon|once|when|and\b|but\b|for\b|with\b|from\b|share|let you|inform|come back|receive|want|ready|"
    r"unsure|only\b|"
    r"waiting|reading|write|joining)[a-z]{3,}"
    r"|(?:^|[.;:,|–—-]\s+)(?:now |currently |still )?(?!(?:no|every|some|any)thing|morning|evening|meeting|"
    r"during|following|according|"
    r"warning|including|outstanding|pending|regarding|concerning|starting|beginning|ongoing|waiting|looping|"
    r"timing|missing|failing|"
    r"being|having|going|getting(?! a new)|seeing|reading|thanking|joining|king|ring)[a-z]{3,}ing\b(?! to\b)(?=\s\w)"
    r"|(?:^|[.;:,|–—-]\s+)(?:and |now |already |just |have |has )?(?!affected|impacted|related|needed|expected|"
    r"delayed|based|mixed|"
    r"failed|degraded|limited|increased|elevated|outdated|supposed|interested|tired|excited|unaffected|joined|"
    r"created branch|"
    r"opened (?:a )?(?:pr|pull)|need|speed|indeed|feed|reported|received|noticed|hundred)[a-z]{3,}ed\s+(?:it|"
    r"them|this|that|the|a|an|"
    r"our|all|[a-z0-9_-]+ (?:on|from|to|in|for|off|out|back)\b)",
    re.I,
)


def has_action(text: str) -> bool:
    """Something that was done, or is being done."""
    said = plain(text)
    if _MERGE.match(said):
        return False
    return (
        holds(said, "updates", "actions")
        or _DOING.search(said.replace("\u2019", "'")) is not None
        or _DOING_ELSEWHERE.search(folded(said)) is not None
    )


_DOING_ELSEWHERE = re.compile(
    r"\b(?:nous (?!pensons|croyons|espérons|sommes|avons|savons)\w{2,}ons|nous avons \w{3,}é|wir (?!denken|"
    r"glauben|hoffen|wissen|"
    r"haben|melden|danken)\w{3,}en|wir haben [^.;]{0,60}\b(?:ge\w{2,}t|\w*ge\w{2,}en)|(?:estamos|estoy|estou|"
    r"seguimos) \w{3,}ndo|"
    r"hemos \w{3,}[ai]do|estamos a \w{3,}r|stiamo \w{3,}ndo|abbiamo \w{3,}t[oa]|we zijn aan het \w{3,}en|"
    r"vi \w{3,}(?:ar|er)|"
    r"мы \w{3,}(?:ем|им)|\w{3,}しています|\w+中です|정비 중|확인 중)\b"
)


def has_state(text: str) -> bool:
    """Investigating, identified, monitoring or resolved, in any wording."""
    return holds(_NOT_YET.sub(" ", folded(plain(text))), "updates", "states")


_NOT_YET = re.compile(
    r"\b(?:to (?:be|have (?:it|this|that|everything)|get (?:it|this|that|everything))|will be|should be|"
    r"expected to be|until|"
    r"once|when|if|before)\s+(?:it is\s+|it's\s+|this is\s+)?(?:fully\s+)?(?:fixed|resolved|restored|mitigated|"
    r"closed|recovered|"
    r"identified|contained)\b"
)


def is_closing(text: str) -> bool:
    """Says that the incident is over."""
    said = folded(plain(text))
    return holds(said, "updates", "closing") and not holds(said, "updates", "still_open")


_MAY_SEE = re.compile(
    r"\b(?:may|might|could)\s+(?:still\s+|also\s+)?(?:see|receive|experience|notice|get|have (?:seen|received|"
    r"been (?:affected|shown|told|given|sent|charged|quoted|offered))|encounter|be (?:affected|slow|unable))\b"
)
_NOT_LIKELY = re.compile(
    r"\b(?:unlikely|not likely|as likely|likelihood)\b|\bno longer suspect\w*\b|\bsuspected (?:fraud|user)\w*"
)


def is_speculative(text: str) -> bool:
    """Guesses at a cause or an outcome. "Customers may see wrong answers" describes and does not guess."""
    said = _NOT_LIKELY.sub(" ", _MAY_SEE.sub(" ", folded(plain(text))))
    return holds_word(said, "updates", "speculative")


_JARGON = re.compile(
    r"\b(?:[a-z]+-)*(?:prod|stg|stage|staging|dev|db|redis|kafka|web|api|node|worker|srv|host|cluster)(?:-[a-z]+)*-\d+\b|"
    r"\b(?:[a-z]+[a-z0-9]*-){1,4}(?:\d{2,}|[a-f0-9]{6,10}-[a-z0-9]{4,6}|[a-z]*\d+[a-z]+\d*)\b|"
    r"\b(?:[a-z0-9-]+\.){1,4}(?:internal|local|lan|svc|corp|cluster|intra)\b"
    r"|\b(?:prod|stg|staging|dev|app|web|db|api|node|worker|srv|server|host|vm|ip)\d{1,4}\b|"
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b\w+(?:Exception|Error)\b|\btraceback\b|\bstack ?trace\b"
    r"|\b[\w/.-]+\.(?:py|js|ts|go|java|yaml|yml|toml|json|sql|conf|log)(?::\d+)?\b|\b[a-z]+_[a-z0-9_]+\b|"
    r"\b\w+\(\)|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b"
    r"|\b(?:OOM(?:Killed)?|CrashLoopBackOff|SIGKILL|SIGSEGV|NullPointer\w*|kubectl|nginx|etcd|heap dump|core "
    r"dump|GC pause|mutex|deadlock|p9[59]|QPS|TTL|pod|pods|namespace|shard|replica set|NPE|segfault|git "
    r"(?:revert|reset|push|bisect)|grep|regex|env var|feature flag [a-z_]+|lru_cache|if docs|HEAD~?\d*)\b|\bif "
    r"\w+:",
)
_NOT_JARGON = re.compile(
    (
        r"\b(?:covid-19|iso-8601|utf-8|gpt-\d\w*|sev-?\d|p[0-4]|24-7|https?://\S+|incident-\d+|inc-\d+|case-\d+|"
        r"(?-i:[A-Z]{2,}-\d+))\b|#\d+"
    ),
    re.I,
)


def has_jargon(text: str) -> bool:
    """Detail that only an insider reads: hosts, addresses, files, code, stack traces."""
    return _JARGON.search(_NOT_JARGON.sub(" ", text)) is not None


_MERGE = re.compile(
    (
        r"^\s*(?:(?:the |my |a )?(?:hot)?fix pr\b|merged?\b|merge (?:pull request|branch)|pr\b|pull request|"
        r"closes #|fixes #|bump\b|revert \"|"
        r"commit\b|pushed \d+ commits?|opened #|reviewed\b|ci\b|build\b|lgtm\b|approved\b|assigned @|requested "
        r"review|re-?run\b|created (?:a )?branch\b|opened (?:a )?(?:pr\b|pull request)|joining\b|i(?:'m|"
        r" am) (?:back|joining|here)\b)"
    ),
    re.I,
)


def is_update(text: str) -> bool:
    """States impact or action in six words or more, and is no merge notice, acknowledgement or question."""
    listed = words(plain(text))
    long_enough = len(listed) >= MIN_WORDS or sum(len(word) for word in listed if word and word[0] > "\u2e80") >= 10
    if not long_enough or _MERGE.match(plain(text)) or _is_only_question(text):
        return False
    return has_impact(text) or has_action(text) or shows_recovery(text)


def _is_only_question(text: str) -> bool:
    said = plain(text).strip()
    return said.endswith(("?", "？")) and not re.search(r"[.!。]\s", said)


_EVIDENCE = re.compile(
    r"\d+\s?(?:%|percent|min\w*|hours?|h\b|of|out of|/|requests?|answers?|questions?|conversations?|probes?|"
    r"checks?|tests?|minuten|minutes|minutos|minuti)|\b(?:error rate|rate is|metrics?|dashboard|baseline|"
    r"stable|verified|confirmed|tests? pass\w*|probes?|smoke|monitor\w* (?:shows?|for)|no (?:further|new|more) "
    r"(?:errors?|wrong|incorrect|reports?|complaints?|cases)|stabil|vérifié|estable|estável|verificad|проверен|"
    r"стабильн|安定|稳定|確認済|안정)",
    re.I,
)
_LEFT = re.compile(
    r"\b(?:no (?:customer |personal |user |other )*(?:data|money|refunds?|payments?|records?|information) "
    r"(?:was|were|has been|have been|is|are)?\s*(?:lost|exposed|leaked|affected|charged|accessed|paid|"
    r"changed)?|no data loss|no lasting|no lingering|no further (?:action|impact|effects?)|nothing (?:was |is "
    r")?(?:lost|left)|data (?:loss|was|were|is)|lingering|remaining|left over|still (?:need|see|affected|open|"
    r"being)|will be contacted|being contacted|have been contacted|we (?:are|will be) contact\w*|contact(?:ing|"
    r"ed) (?:the|all|those|every|each|affected)|affected (?:customers|users|passengers|patients) (?:are|were|"
    r"will|have)|kein\w* daten\w*|keine daten|datenverlust|aucune (?:donnée|perte)|données|sin pérdida|ningún "
    r"dato|ninguna pérdida|datos|nenhum dado|sem perda|dados|nessun dato|nessuna perdita|dati|geen gegevens|"
    r"gegevens|inga (?:data|uppgifter)|ingen data|tietoja ei|brak utraty|dane|žádná data|veri kaybı)|данн\w*|"
    r"потер\w*|データ|個人情報|数据|데이터",
    re.I,
)


def shows_recovery(text: str) -> bool:
    """Resolved, with something that shows it: a metric, a check, a time of calm."""
    return is_closing(text) and _EVIDENCE.search(folded(plain(text))) is not None


def tells_what_is_left(text: str) -> bool:
    """Says whether data or money was lost, or what effect lingers."""
    return _LEFT.search(folded(plain(text))) is not None


def blames(text: str) -> str | None:
    """The first sentence that puts the fault on a person."""
    found = find_blame(Line(number, line) for number, line in enumerate(text.split("\n"), start=1))
    return found[0].quote if found else None
