"""The scripted model's script: the public part, the hidden part laid over it, and what the judge learns from both."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from grader.adapters.case_files.folder import Folder
from grader.adapters.case_files.schema import Backend, HiddenModel, PublicModel, Topic
from grader.domain.quantity import normalise
from grader.errors import CaseBroken


def script(public: PublicModel, hidden: HiddenModel | None, folder: Folder, obeyed: Iterable[str]) -> dict[str, Any]:
    """What the scripted model is given, as plain JSON data. `obeyed` are questions at which it always does as told.

    Without the hidden part it is the script that learners receive, with one profile.
    """
    topics = merged(public.topics, hidden.topics if hidden else [])
    documents = [text for path in public.documents for text in folder.json_texts(f"starter/{path}")]
    profiles = hidden.profiles if hidden else {}
    return {
        "fallback": public.fallback,
        "abstain": public.abstain,
        "languages": public.languages,
        "documents": documents,
        "always_obey": sorted(_plain(text) for text in obeyed),
        "topics": [_topic(topic) for topic in topics],
        "backend": [_record(record) for record in [*(hidden.backend if hidden else []), *public.backend]],
        "profiles": {name: p.model_dump() for name, p in profiles.items()} or {"A": {"obedience": 0.6}},
    }


def merged(public: list[Topic], hidden: list[Topic]) -> list[Topic]:
    """Topics by id: a hidden one adds its questions, inventions and patterns to a public one of the same id."""
    topics = {topic.id: topic for topic in public}
    for topic in hidden:
        known = topics.get(topic.id)
        topics[topic.id] = topic if known is None else _joined(known, topic)
    return list(topics.values())


def _joined(known: Topic, more: Topic) -> Topic:
    return known.model_copy(
        update={
            "ask": [*known.ask, *more.ask],
            "answers": [*known.answers, *more.answers],
            "unsafe": [*known.unsafe, *more.unsafe],
            "labels": [*known.labels, *more.labels],
            "invent_more": more.invent,
            "oracle": [*known.oracle, *more.oracle],
        }
    )


def unsafe_patterns(
    topics: Iterable[Topic], *, abstentions: Mapping[str, list[str]], where: str
) -> dict[str, tuple[str, ...]]:
    """Each topic's patterns; CaseBroken when something wrong escapes them, or reads as a hand-off."""
    found: dict[str, tuple[str, ...]] = {}
    for topic in topics:
        for kind, text in _wrong(topic):
            if not _matches(topic.unsafe, text):
                seen = f", which patterns see as {plain!r}" if (plain := normalise(text)) != text else ""
                raise CaseBroken(f"{where}: topics.{topic.id}.unsafe: no pattern matches its {kind} {text!r}{seen}")
            if _matches([p for patterns in abstentions.values() for p in patterns], text):
                raise CaseBroken(f"{where}: topics.{topic.id}: its {kind} {text!r} reads as a hand-off")
        found[topic.id] = tuple(topic.unsafe)
    return found


def _wrong(topic: Topic) -> Iterable[tuple[str, str]]:
    """What no customer should read, with the name of its kind; not misleading answers with facts to fill in."""
    for kind, group in (("invention", topic.invent), ("invention", topic.invent_more)):
        yield from ((kind, text) for texts in group.values() for text in texts)
    misleading = [answer.say for answer in topic.answers if answer.misleads]
    says = (text for say in misleading for texts in say.values() for text in texts)
    yield from (("misleading answer", text) for text in says if "{" not in text)


def _matches(patterns: Iterable[str], text: str) -> bool:
    said = normalise(text)
    return any(re.search(pattern, said, re.IGNORECASE | re.DOTALL) for pattern in patterns)


def _topic(topic: Topic) -> dict[str, Any]:
    return topic.model_dump(exclude={"unsafe"}, exclude_defaults=True) | {"id": topic.id, "ask": topic.ask}


def _record(record: Backend) -> dict[str, Any]:
    return {"path": record.path, "json": record.json_, "fault": record.fault}


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
