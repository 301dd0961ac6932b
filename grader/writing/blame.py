"""Sentences that put the fault on a person. Each is a proposal: a mentor confirms it or drops it."""

import re
from collections.abc import Iterable
from functools import cache

from grader.domain.prose import Blame
from grader.writing.document import Line
from grader.writing.lexicon import given_names, word_list
from grader.writing.named_people import is_word
from grader.writing.plain import folded, plain, sentences, without_code

_ROLE = (
    r"(?:the|this|that|our|their|a|an|some|one|another)\s+(?:[\w-]+\s+){0,3}?(?:engineer|developer|dev|"
    r"programmer|intern|operator|reviewer|manager|contractor|admin|administrator|author|analyst|colleague|"
    r"coworker|co-worker|teammate|tester|responder|architect|guy|person|lead|dba|vendor|committer|on-call|"
    r"on-caller|junior|senior|employee|agent|maintainer|consultant|owner|writer|designer|scientist|director|"
    r"cto|ceo|student|learner|boss|supervisor|technician|sysadmin)s?"
)
_PRONOUN = r"(?:he|she|somebody|someone)"
_SELF = re.compile(r"^(?:i|we|myself|ourselves|my|our|me|us|ich|wir|je|nous|yo|eu|io|noi)$")


@cache
def _faults() -> re.Pattern[str]:
    fixed = sorted(word_list("blame", "faults") | word_list("blame", "foreign"), key=len, reverse=True)
    did_not = "|".join(re.escape(verb) for verb in sorted(word_list("blame", "did_not"), key=len, reverse=True))
    listed = "|".join(re.escape(fault) for fault in fixed)
    return re.compile(
        rf"(?:{listed}|(?:did not|didn't|has not|hasn't|had not|hadn't|never|does not|doesn't)\s+(?:even\s+|"
        rf"properly\s+|actually\s+|carefully\s+|bother\s+to\s+)?(?:{did_not}))(?!\w)",
        re.I,
    )


@cache
def _strong() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(sorted(word_list('blame', 'strong'), key=len, reverse=True))})(?![\w-])", re.I
    )


_ADVERBS = (
    r"(?:\s+(?:also|again|then|simply|just|once again|clearly|obviously|completely|totally|apparently|had|has|"
    r"have|really|repeatedly|carelessly|blindly|deliberately|evidently|unfortunately|probably|who|that|which|"
    r"on call|on shift|on duty|,)){0,3}\s+"
)
_NEGATED = re.compile(
    r"\b(?:no one|nobody|no-one|none of|not|never|without blam\w+|no blame|blameless|neither|nor|isn't|wasn't|"
    r"aren't|weren't|rather than|instead of|avoid|cannot|can't|don't|niemand|personne|nadie|nessuno)\b",
    re.I,
)
_QUOTED = re.compile(
    r"\"[^\"\n]{1,400}\"|“[^”\n]{1,400}”|«[^»\n]{1,400}»|„[^“”\n]{1,400}[“”]|(?<!\w)'[^'\n]{3,300}'(?!\w)"
)
_PERSON_NOUN = re.compile(
    rf"(?<![\w-])(?:he|she|him|her|his|hers|they|them|their|you|your|who|whoever|somebody|someone|people|"
    rf"person|everyone|anybody)(?![\w-])|(?<!\w){_ROLE}(?!\w)|(?<!\w)(?:engineers|developers|devs|reviewers|"
    rf"operators|managers|team|teams|colleagues|interns|contractors|management|leadership)(?!\w)",
    re.I,
)
_OF_FAULT = re.compile(
    r"(?:(?<![\w])(?P<who>@[\w.-]+|[^\W\d_][\w'’-]*|his|her|their)(?:'s|’s|s')?\s+(?:own\s+|big\s+|stupid\s+|"
    r"careless\s+)?(?:fault|mistake|error|oversight|negligence|carelessness|incompetence|failure to|laziness|"
    r"sloppiness|ignorance|blunder)(?!\w))",
    re.I,
)
_FAULT_OF = re.compile(
    r"\b(?:fault|negligence|carelessness|incompetence|laziness|sloppiness)\s+of\s+(?P<who>@[\w.-]+|(?:the |our |"
    r"their )?"
    r"(?:[\w-]+ ){0,2}(?:team|squad|group|department|vendor|supplier)\b|[^\W\d_][\w'’-]*(?:\s+[A-Z][\w'’-]*)?)",
    re.I,
)
_BY_WHOM = re.compile(
    r"\b(?:caused|broken|introduced|botched|missed|ignored|overlooked|messed up|neglected|"
    r"forgotten)\s+by\s+(?P<who>@[\w.-]+|[^\W\d_][\w'’-]*(?:\s+[A-Z][\w'’-]*)?)",
    re.I,
)
_BLAME_ON = re.compile(
    r"\b(?:blame|fault|responsibility)\b\s+(?:lies with|lay with|goes to|rests with|falls on|is with|is on|is "
    r"squarely on|on)\s+(?P<who>@[\w.-]+|[^\W\d_][\w'’-]*(?:\s+[\w'’-]+){0,2})|\b(?:we|"
    r"i)\s+blame\s+(?P<who2>@[\w.-]+|[^\W\d_][\w'’-]*)",
    re.I,
)
_HAD = re.compile(
    rf"\b[Ii]f\s+(?P<who>@[\w.-]+|[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)?|(?:he|she)|{_ROLE})\s+(?:had|would "
    rf"have)\s+(?:only\s+|just\s+|actually\s+|bothered\s+to\s+)?(?:checked|check|read|tested|test|looked|"
    rf"listened|followed|reviewed|asked|run|noticed|verified|done|paid|not|been)",
    re.I,
)
_STANDALONE = re.compile(
    r"\b(?:without being thorough|should have known better|didn't bother|did not bother|couldn't be bothered|"
    r"could not be bothered|heads (?:should|must|will) roll|asleep at the wheel)\b",
    re.I,
)


def find_blame(lines: Iterable[Line], people: frozenset[str] = frozenset()) -> tuple[Blame, ...]:
    """Blame in lines that are no code and no quotation; `people` are names known from the document, folded."""
    found: list[Blame] = []
    for line in lines:
        if line.quoted or len(line.text) < 8:
            continue
        text = plain(without_code(line.text))
        for sentence in sentences(text):
            if why := _why(_QUOTED.sub(" … ", sentence), people):
                found.append(Blame(line=line.number, quote=sentence.strip()[:240], why=why))
    return tuple(found)


def _why(sentence: str, people: frozenset[str]) -> str | None:
    for rule in (_named_fault, _of_somebody, _strong_word, _counterfactual, _standing):
        if why := rule(sentence, people):
            return why
    return None


def _named_fault(sentence: str, people: frozenset[str]) -> str | None:
    for fault in _faults().finditer(sentence):
        clause = _clause_before(sentence, fault.start())
        subject = _subject(clause, people) or _only_a_person(clause, fault[0])
        if not clause.strip():
            subject = _first_person_named(sentence[: fault.start()], people)
        if subject and not _negates(clause) and not _helps(sentence[fault.end() :], fault[0]):
            return f"a person ({subject}) with “{folded(fault[0])}”"
    return None


def _first_person_named(before: str, people: frozenset[str]) -> str | None:
    """Who a sentence is about when its fault follows an "and": "Marek knew of it and failed to tell"."""
    found = re.match(
        rf"\W*(?P<who>@[\w.-]*\w|{_ROLE}|{_PRONOUN}|[A-ZÀ-Þ][\w'’-]*(?:\s+[A-ZÀ-Þ][\w'’-]*)?)\s", before, re.I
    )
    if not found or not re.search(r"\band\s+(?:\w+ly\s+)?$", before):
        return None
    who = found["who"]
    if who.startswith("@") or re.fullmatch(rf"{_ROLE}|{_PRONOUN}", who, re.I):
        return who
    return _person(who, people) or _person(who.split()[0], people)


def _only_a_person(clause: str, fault: str) -> str | None:
    """The capitalised word before something that only persons do ("Dana forgot"), when it is no common word."""
    found = re.search(r"(?:^|\s)([A-ZÀ-Þ][a-zà-ÿ'’-]+)\s*$", clause)
    if found is None or folded(fault) not in word_list("blame", "human") or is_word(folded(found[1])):
        return None
    return None if _SELF.match(folded(found[1])) or folded(found[1]) in ("nobody", "they", "you") else found[1]


def _helps(after: str, fault: str) -> bool:
    """ "Bob ignored the false alarm" and the like: what was ignored was rightly so."""
    return folded(fault) == "ignored" and bool(
        re.match(r"\s+(?:the )?(?:noise|false|duplicate|unrelated)", after, re.I)
    )


def _clause_before(sentence: str, at: int) -> str:
    """The words before `at` back to the last break between clauses."""
    before = sentence[:at]
    breaks = [
        m.end()
        for m in re.finditer(
            r"[;:(]\s|\s[–—-]\s|,\s+(?:but|and|so|because|while|although|as|when|since|which)\s|\b(?:because|"
            r"that|but|when|while|since|after|as|if|and|so|although|where|weil|dass|parce que|porque|perché|"
            r"omdat|потому что|что)\s",
            before,
        )
    ]
    return before[breaks[-1] :] if breaks else before


def _negates(clause: str) -> bool:
    return bool(_NEGATED.search(clause))


def _subject(clause: str, people: frozenset[str]) -> str | None:
    """The person that a clause ends with, adverbs aside; None when its subject is a thing, or the writer."""
    bare = re.sub(rf"(?:{_ADVERBS.strip()})$", "", clause.rstrip(" ,") + " ")
    bare = re.sub(r"\([^()]*\)\s*$", "", bare).rstrip(" ,")
    tail = re.sub(
        r"(?:\s+(?:also|again|then|simply|just|clearly|obviously|completely|totally|apparently|had|has|have|"
        r"really|repeatedly|blindly|evidently|probably|who|once|it|this|us|there))+$",
        "",
        bare,
        flags=re.I,
    ).rstrip(" ,")
    found = re.search(
        rf"(?:^|[\s\"'(])(?P<who>@[\w.-]*\w|{_ROLE}(?:\s+(?:on (?:call|shift|duty)|at (?:the )?time|who \w+ "
        rf"\w+|from [\w ]{{1,20}}))?|{_PRONOUN}|[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*)?)$",
        tail,
        re.I,
    )
    if not found:
        return None
    who = found["who"]
    if who.startswith("@") or re.fullmatch(rf"{_ROLE}.*|{_PRONOUN}", who, re.I):
        return who
    return _person(who, people)


def _person(words: str, people: frozenset[str]) -> str | None:
    """A named person: known in the document, with a known given name, or two capitalised words that are no tools."""
    parts = words.split()
    for start in range(len(parts)):
        run = parts[start:]
        bare = [re.sub(r"(?:'s|’s|[.,])$", "", part) for part in run]
        if _SELF.match(folded(bare[-1])) or not bare[0][:1].isupper():
            continue
        names = [folded(part) for part in bare]
        if (
            folded(" ".join(bare)) in people
            or names[0] in people
            or (names[0] in given_names() and all(p[:1].isupper() for p in bare))
        ):
            return " ".join(bare)
        if (
            len(bare) == 2
            and all(part[:1].isupper() and part[1:].islower() for part in bare)
            and not any(is_word(n) for n in names)
            and not start
        ):
            return " ".join(bare)
    return None


def _of_somebody(sentence: str, people: frozenset[str]) -> str | None:
    """ "Bob's fault", "caused by Bob", "the blame lies with Bob"."""
    for pattern in (_OF_FAULT, _FAULT_OF, _BY_WHOM, _BLAME_ON):
        for found in pattern.finditer(sentence):
            groups = found.groupdict()
            who = groups.get("who") or groups.get("who2") or ""
            if _NEGATED.search(_clause_before(sentence, found.start())):
                continue
            possessive = pattern is _OF_FAULT
            if possessive and folded(who) in ("his", "her"):
                return f"“{folded(found[0])}”"
            if who.startswith("@") or _person(who, people):
                return f"the fault is put on {who}"
            if not possessive and re.match(rf"{_ROLE}|.*\b(?:team|squad|group|department)$", who, re.I):
                return f"the fault is put on {who}"
    role_fault = re.search(
        rf"(?<!\w){_ROLE}(?:'s|’s)\s+(?:fault|mistake|negligence|carelessness|incompetence|laziness|sloppiness)",
        sentence,
        re.I,
    )
    if role_fault and not _NEGATED.search(_clause_before(sentence, role_fault.start())):
        return f"“{folded(role_fault[0])}”"
    return None


def _strong_word(sentence: str, people: frozenset[str]) -> str | None:
    for found in _strong().finditer(sentence):
        clause = _clause_before(sentence, found.start())
        if _NEGATED.search(clause) or re.match(
            r"-|\s+(?:load|eval|init|import|use of|fetch|write|read|mode|propagat)", sentence[found.end() :], re.I
        ):
            continue
        about = sentence[max(0, found.start() - 60) : found.end() + 40]
        if _PERSON_NOUN.search(about) or _names_in(about, people):
            return f"“{folded(found[0])}” said of a person"
        if folded(found[0]).endswith(("ness", "ence", "ity")) and re.search(
            r"\b(?:due to|because of|out of|sheer|pure|from|by|through|of)\s+(?:sheer |pure |gross |simple )?$",
            sentence[: found.start()],
            re.I,
        ):
            return f"“{folded(found[0])}” as a cause"
    return None


def _names_in(text: str, people: frozenset[str]) -> bool:
    if re.search(r"(?<![\w.])@\w", text):
        return True
    return any(
        folded(word) in given_names() or folded(word) in people
        for word in re.findall(r"(?<![\w-])[A-ZÀ-Þ][\w’'-]+", text)
    )


def _counterfactual(sentence: str, people: frozenset[str]) -> str | None:
    for found in _HAD.finditer(sentence):
        who = found["who"]
        if who.startswith("@") or re.match(rf"{_ROLE}|he$|she$", who, re.I) or _person(who, people):
            return f"“if {who} had …” tells what a person should have done"
    return None


def _standing(sentence: str, people: frozenset[str]) -> str | None:
    for found in _STANDALONE.finditer(sentence):
        clause = _clause_before(sentence, found.start())
        last = re.findall(r"[\w'’]+", clause)[-3:]
        if _NEGATED.search(clause) or any(_SELF.match(folded(word)) for word in last):
            continue
        if (
            _PERSON_NOUN.search(clause)
            or _names_in(clause, people)
            or folded(found[0]).startswith(("heads", "asleep", "without being"))
        ):
            return f"“{folded(found[0])}”"
    return None
