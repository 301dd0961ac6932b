"""What the scripted model answers: a pure function of the messages, the case, the profile and the probe that is asked.

The model is honest where it can be: it repeats facts that it finds in its context, also stale or truncated ones. Where
the context holds no fact it abstains if it was told to (and if the profile obeys), and otherwise gives a recorded
hallucination.
No clock, no random numbers, no memory: draws are hashes.
"""

import hashlib
import json
import re

import reply_shapes
import topic_answers

FLAGS = re.IGNORECASE | re.DOTALL
TOLD_TO_ABSTAIN = re.compile(
    r"\b(only|solely|strictly|exclusively)\b.{0,80}\b(context|document|passage|source|polic|excerpt|evidence|sheet|leaflet|result|data)"
    r"|\b(not|n't|no)\b.{0,20}\b(in|covered|found|contained|supported|listed|available)\b.{0,60}"
    r"\b(context|document|passage|source|polic|excerpt|evidence|sheet|leaflet|result|data)"
    r"|\b(do not|don't|never)\b.{0,15}\b(guess|invent|make up|speculate|assume)",
    FLAGS,
)
SUPPORT = re.compile(
    r"\b(grounded|support\w*|entail\w*|faithful\w*|fact[- ]?check\w*|verif\w+|hallucinat\w+|backed)\b", FLAGS
)
ANSWERABLE = re.compile(
    r"\b(answerable|can be answered|enough (information|evidence)|contains? (the|an) answer)\b", FLAGS
)
REWRITE = re.compile(r"\b(rewrite|rephrase|reformulate|standalone (question|query)|search (query|terms))\b", FLAGS)
TRANSLATE = re.compile(r"\btranslat\w+\b", FLAGS)
CLASSIFY = re.compile(r"\b(classif\w+|categor\w+|intent|label)\b", FLAGS)
LABELS = re.compile(r"(?:labels?|categor(?:y|ies)|one of|intents?)[^:]{0,60}:\s*([^\n.]+)", FLAGS)
LEANS_BACK = re.compile(r"\b(it|its|that|this|same|those|them|they|then|also|cela|ça|eso|también)\b", FLAGS)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def text_of(message):
    """The text of a chat message whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def draw(*parts):
    """A number in 0..1 that depends on nothing but its arguments."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _is_prose(piece):
    """Whether a piece of a document is more than a title, which a customer may use as the name of a product."""
    return len(piece) > 12 and (piece.rstrip()[-1:] in ".!?;:" or len(piece.split()) > 5)


def plain(text):
    """Lower case words of a question, for comparing two spellings of the same one."""
    return re.sub(r"\W+", " ", text.lower()).strip()


class Model:
    """One case under one profile; `reply` is pure."""

    def __init__(self, spec, profile):
        """`spec` is the case's model as plain data, `profile` the name of one of its profiles."""
        self.spec, self.name = spec, profile
        self.profile = {
            "obedience": 1.0,
            "style": 0,
            "oracle": False,
            "verifier_misses": 0.0,
            **spec["profiles"][profile],
        }
        self.topics = {topic["id"]: topic for topic in spec["topics"]}
        pieces = [piece for text in spec.get("documents", []) for piece in SENTENCE_END.split(text)]
        self.documents = sorted((piece for piece in pieces if _is_prose(piece)), key=len, reverse=True)
        self.inventions = [
            (topic["id"], text)
            for topic in spec["topics"]
            for group in ("invent", "invent_more")
            for texts in topic.get(group, {}).values()
            for text in texts
        ]
        self.own = [re.compile(topic_answers.as_pattern(text), FLAGS) for text in self._sayings()]
        self.said = {
            topic["id"]: {misleads: topic_answers.patterns(topic, misleads=misleads) for misleads in (False, True)}
            for topic in spec["topics"]
        }

    def _sayings(self):
        yield from self.spec["abstain"].values()
        for topic in self.spec["topics"]:
            for answer in (*topic.get("answers", ()), *topic.get("oracle", ())):
                for texts in answer["say"].values():
                    yield from texts

    # --- which kind of call is this? ------------------------------------------------------------------------------

    def reply(self, messages, *, probe=None, tools=(), salt=""):
        """The reply as {"kind", "text", "topics", "grounded", "cites"}, with "tool" when it is a tool call."""
        asked = self._question(messages, probe)
        if auxiliary := self._auxiliary(messages, asked, probe):
            return auxiliary
        topics = self._topics(messages, asked, probe)
        if not topics:
            return _reply("answer", self.spec["fallback"], unclassified=True)
        context = self._context(messages, asked, probe)
        if call := _tool_call(topics, tools, messages):
            return {**_reply("tool", ""), "tool": call, "topics": [topic["id"] for topic in topics]}
        told = bool(TOLD_TO_ABSTAIN.search(self.instructions(messages, asked)))
        parts = [self._one(topic, asked, context, told, probe, salt) for topic in topics[:3]]
        texts = list(dict.fromkeys(text for text, _, _ in parts))
        return {
            **_reply("answer", " ".join(texts), grounded=all(grounded for _, grounded, _ in parts)),
            "topics": [topic["id"] for topic in topics],
            "cites": [cite for _, _, cite in parts if cite],
        }

    def _auxiliary(self, messages, asked, probe):
        """The reply to a call that is no answer to the customer: a verifier, a rewriter, a classifier; else None."""
        orders = [m for m in messages if m.get("role") in ("system", "developer")]
        instructions = self.instructions(orders if orders and not probe else messages, asked)
        claim = self._claim(messages)
        pair = reply_shapes.verdict_pair(instructions)
        if claim is not None and SUPPORT.search(instructions) and pair:
            return _reply("verify", reply_shapes.verdict(self._true(claim), pair, instructions))
        if ANSWERABLE.search(instructions) and not SUPPORT.search(instructions) and pair:
            topics = self._topics(messages, asked, probe)
            context = self._context(messages, asked, probe)
            found = bool(topics) and all(
                t.get("small_talk") or topic_answers.found(t, context, "en", self.profile) for t in topics
            )
            return _reply("answerable", reply_shapes.verdict(found, pair, instructions))
        if REWRITE.search(instructions):
            return _reply("rewrite", (probe or {}).get("english") or asked)
        if TRANSLATE.search(instructions) and not TOLD_TO_ABSTAIN.search(instructions):
            return _reply("translate", (probe or {}).get("english") or asked)
        labels = LABELS.search(instructions) if CLASSIFY.search(instructions) else None
        if labels and claim is None:
            return _reply("classify", self._label(labels.group(1), self._topics(messages, asked, probe)))
        return None

    def _label(self, listed, topics):
        names = [
            name.strip(" \"'`[]()") for name in re.split(r",|;|/|\bor\b|\||\band\b", listed) if name.strip(" \"'`[]()")
        ]
        for topic in topics:
            for word in (*topic.get("labels", ()), topic["id"]):
                for name in names:
                    if name.lower() in word.lower() or word.lower() in name.lower():
                        return name
        rest = [name for name in names if re.search(r"other|unknown|none|unsupported|out", name, FLAGS)]
        return (rest or names)[-1]

    def _claim(self, messages):
        """The model's own earlier statement that stands in an instruction; None when there is none.

        A fact is ("", ""): nobody doubts it. A misleading statement is one until the call holds what it leaves out.
        """
        text = "\n".join(text_of(m) for m in messages if m.get("role") != "assistant")
        for topic, invention in self.inventions:
            for sentence in SENTENCE_END.split(invention):
                if len(sentence) > 15 and sentence in text:
                    return topic, sentence
        for topic, said in self.said.items():
            misled = next((m.group(0) for m in (p.search(text) for p in said[True]) if m), None)
            if misled is None or any(p.search(text) for p in said[False]):
                continue
            if topic_answers.holds_whole_truth(self.topics[topic], text):
                return topic, misled
        return ("", "") if any(pattern.search(text) for pattern in self.own) else None

    def _true(self, claim):
        """What a good but imperfect verifier says: it overlooks some inventions, and never doubts a fact."""
        topic, sentence = claim
        return not sentence or draw("verify", topic, sentence[:20], self.name) < self.profile["verifier_misses"]

    # --- what is asked? -------------------------------------------------------------------------------------------

    def _question(self, messages, probe):
        if probe:
            return probe["input"]
        last = next((text_of(m) for m in reversed(messages) if m.get("role") == "user"), "")
        return self._without_documents(last).strip()

    def _without_documents(self, text):
        for piece in self.documents:
            text = text.replace(piece, " ")
        return text

    def instructions(self, messages, asked):
        """What the model is told to do: all that system and user messages say, less documents, question and claims."""
        texts = [text_of(m) for m in messages if m.get("role") in ("system", "developer", "user")]
        text = self._without_documents("\n".join(texts))
        for _, invention in self.inventions:
            text = text.replace(invention, " ")
        return _without(text, asked) if len(texts) > 1 else text

    def _topics(self, messages, asked, probe):
        if probe and probe.get("topics"):
            return [self.topics[name] for name in probe["topics"]]
        found = self._recognised(asked)
        if found or len(asked.split()) > 12 or not LEANS_BACK.search(asked):
            return found
        users = [text_of(m) for m in messages if m.get("role") == "user"]
        for earlier in reversed(users[:-1]):
            if found := self._recognised(self._without_documents(earlier)):
                return found[:1]
        return []

    def _recognised(self, question):
        hits = []
        for topic in self.spec["topics"]:
            places = [m.start() for m in (re.search(p, question, FLAGS) for p in topic["ask"]) if m]
            if places:
                hits.append((min(places), topic))
        hits.sort(key=lambda hit: hit[0])
        serious = [topic for _, topic in hits if not topic.get("small_talk")]
        return serious or [topic for _, topic in hits][:1]

    def _context(self, messages, asked, probe):
        """Everything but what the customer said and what the model itself said before: neither is evidence."""
        text = "\n".join(text_of(m) for m in messages if m.get("role") != "assistant")
        for words in (asked, *(probe or {}).get("earlier", ())):
            text = _without(text, words)
        for _, invention in self.inventions:
            text = text.replace(invention, " ")
        return text

    # --- one answer -----------------------------------------------------------------------------------------------

    def _one(self, topic, asked, context, told, probe, salt):  # noqa: PLR0913
        language = (probe or {}).get("language") or self._language(asked)
        documents = "\n".join(self.spec.get("documents", ()))
        if found := topic_answers.found(topic, context, language, self.profile, documents):
            return found[0], True, found[1]
        abstain = self.spec["abstain"].get(language) or self.spec["abstain"]["en"]
        options = _inventions(topic, "invent", language)
        if probe:  # without one it is a learner's own test, which must meet what the learner has met
            options = [*options, *_inventions(topic, "invent_more", language)]
        if self.profile["oracle"] or not options or (told and self._obeys(topic, asked, probe, salt)):
            return abstain, True, None
        start = self.profile["style"] + int(draw("style", topic["id"], salt) * len(options))
        return options[start % len(options)], False, topic.get("invent_cite")

    def _obeys(self, topic, asked, probe, salt):
        if plain(asked) in self.spec.get("always_obey", ()):
            return True
        if probe and "draw" in probe and not salt:
            return probe["draw"] < self.profile["obedience"]
        return draw("obey", topic["id"], plain(asked), salt) < self.profile["obedience"]

    def _language(self, asked):
        for language, pattern in self.spec.get("languages", {}).items():
            if re.search(pattern, asked, FLAGS):
                return language
        return "en"


def _inventions(topic, group, language):
    texts = topic.get(group, {})
    return texts.get(language) or texts.get("en") or []


def _reply(kind, text, *, grounded=True, unclassified=False):
    return {"kind": kind, "text": text, "topics": [], "grounded": grounded, "cites": [], "unclassified": unclassified}


def _without(text, words):
    """A text less every copy of some words, whatever their spacing and case."""
    if not words.strip():
        return text
    return re.sub(r"\s+".join(map(re.escape, words.split())), " ", text, flags=FLAGS)


def _tool_call(topics, tools, messages):
    """The first call of a topic's plan that is offered and was not made yet, as {"name", "arguments"}."""
    offered = {tool.get("function", tool).get("name") for tool in tools or () if isinstance(tool, dict)}
    made = {
        (call.get("function") or {}).get("name")
        for m in messages
        for call in m.get("tool_calls") or ()
        if isinstance(call, dict)
    }
    for topic in topics:
        for call in topic.get("tools", ()):
            if call["name"] in offered and call["name"] not in made:
                return {"name": call["name"], "arguments": json.dumps(call.get("arguments", {}))}
    return None
