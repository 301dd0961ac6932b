"""The owners that a text begins with, and how sure it is that they are owners."""

import re

from grader.writing.lexicon import given_names, word_list
from grader.writing.people import is_handle, is_name_in_text, is_team
from grader.writing.plain import folded

Owners = tuple[str, ...]


_CONJUNCTION = re.compile(
    r"^\s*(?:,\s*(?:and\s+)?|/|&|\+|(?:and|und|et|y|e|och|og|en|oraz|ja|ve|и|(?-i:i))\s)\s*", re.I
)


_ONE = re.compile(r"^\s*(@[\w][\w./-]*|[\w.+-]{1,64}@[\w-]+\.[\w.-]+|\S+)")


def leading_owners(text: str) -> tuple[Owners, str]:
    """The owners that a text begins with, and what follows them."""
    owners: list[str] = []
    rest = text
    while True:
        person, after = _leading_person(rest)
        if person is None:
            break
        owners.append(person)
        rest = after
        joined = _CONJUNCTION.match(rest) or (re.match(r"\s+(?=@\w)", rest) if person.startswith("@") else None)
        if not joined:
            break
        follower, _ = _leading_person(rest[joined.end() :])
        if follower is None:
            break
        rest = rest[joined.end() :]
    return tuple(owners), rest


def _leading_person(text: str) -> tuple[str | None, str]:
    """The longest run of up to five words that is a person or a team."""
    text = (
        re.sub(r"^\s*(?:the|das|die|l'|el|la|il|het)\s+(?=\S)", "", text, flags=re.I)
        if _the_team(text)
        else text.lstrip()
    )
    tokens = list(re.finditer(r"[^\s,;:/()\[\]|：、；，（）]+", text))[:5]
    best: tuple[str | None, str] = (None, text)
    for token in tokens:
        run = text[: token.end()]
        if re.search(r"[,;:/()\[\]|：、；，（）]", run):
            break
        bare = re.sub(r"(?<=\w\w)[.!]$", "", run)
        if bare.startswith("@") and not is_handle(bare.split()[0]):
            return None, text
        if is_me(bare):
            me = re.match(r"I(?=['’])|\S+", bare)
            return (me[0] if me else bare), text[len(me[0] if me else bare) :]
        if is_name_in_text(bare) or is_owning_team(bare) or is_me(bare):
            best = (bare, text[len(bare) :])
            if bare.startswith("@"):
                break
    return best


def _the_team(text: str) -> bool:
    return bool(re.match(r"\s*the\s+(?:[\w&-]+\s+){1,3}(?:team|squad|crew|guild|group)\b", text, re.I))


def is_me(text: str) -> bool:
    """The learner, who works alone."""
    return folded(text) in ("i", "i'll", "i’ll", "me", "myself")


def is_owning_team(text: str) -> bool:
    """A team that names itself so even outside a field: with a team word, or a department that is nothing else."""
    if re.match(r"(?:team|squad|zespół|équipe|equipo|equipe|ekipa|tým|tiimi|команда) [A-ZÀ-ÞА-Я][\w-]+$", text):
        return True
    if not text or not (text[0].isupper() or text[0].isdigit() or not text[0].islower()):
        return (
            folded(text).endswith((" team", " squad", " crew", " guild")) and is_team(text) and len(text.split()) <= 3
        )
    return is_team(text) and (
        folded(text) not in word_list("people", "departments")
        or folded(text) in word_list("people", "sure_departments")
    )


def is_sure(owners: Owners) -> bool:
    """Handles, addresses, names of two words, known given names, teams, initials: no common word reads so."""
    first = owners[0]
    words = folded(first).split()
    known = "@" in first or len(words) > 1 or words[0] in given_names()
    return known or is_owning_team(first) or first.isupper()


def all_owners(text: str) -> Owners:
    """The owners of a text that holds nothing else; () otherwise."""
    text = re.sub(r"\([^()]*\)", "", text).strip(" :：*_")
    text = re.sub(r"^(?:owner|owned by|assignee|dri)\s+", "", text, flags=re.I)
    owners, rest = leading_owners(text)
    return owners if owners and not rest.strip(" .:") else ()
