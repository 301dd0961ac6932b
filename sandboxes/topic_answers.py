"""A topic's answers: which of them a text holds the evidence of, how they are worded, and how to know them again."""

import re

FLAGS = re.IGNORECASE | re.DOTALL


def found(topic, context, language, profile, documents=""):
    """(text, cited id) of the first answer whose evidence stands in the context; None when there is none.

    The oracle never misleads: where a misleading answer has its evidence, it answers from the documents as they are.
    What the case lets the oracle know goes before what it is shown.
    """
    for answer in (*(topic.get("oracle", ()) if profile["oracle"] else ()), *topic.get("answers", ())):
        facts = _facts(answer, context)
        if facts is None:
            continue
        if profile["oracle"] and answer.get("misleads"):
            return found(topic, documents, language, profile) if documents else None
        wordings = answer["say"].get(language) or answer["say"]["en"]
        text = _filled(wordings[profile["style"] % len(wordings)], facts)
        cite = re.sub(r"\{\w+\}", "", _filled(answer.get("cite") or "", facts))
        return (f"{text} [{cite}]" if cite else text), cite or None
    return None


def holds_whole_truth(topic, context):
    """Whether the evidence of an answer that does not mislead stands in a text."""
    return any(_facts(a, context) is not None for a in topic.get("answers", ()) if not a.get("misleads"))


def patterns(topic, *, misleads):
    """What a topic's answers look like, those that mislead or those that do not."""
    answers = [a for a in topic.get("answers", ()) if bool(a.get("misleads")) is misleads]
    return [re.compile(as_pattern(text), FLAGS) for a in answers for texts in a["say"].values() for text in texts]


def as_pattern(template):
    """A regular expression for a text whose places may be filled with anything short."""
    return r"\s+".join(re.sub(r"\\\{\w+\\\}", r".{1,60}?", re.escape(word)) for word in template.split())


def _facts(answer, context):
    """The named groups of an answer's evidence; None unless all of it stands in the context."""
    matches = [re.search(pattern, context, FLAGS) for pattern in answer.get("evidence", ())]
    if not all(matches):
        return None
    return {name: value.strip() for m in matches for name, value in m.groupdict().items() if value is not None}


def _filled(template, facts):
    return re.sub(r"\{(\w+)\}", lambda m: facts.get(m.group(1), m.group(0)), template)
