"""The shapes in which the scripted model is asked to answer: a verdict in two words, or a JSON object."""

import json
import re

FLAGS = re.IGNORECASE | re.DOTALL
VERDICT_PAIRS = (
    ("yes", "no"),
    ("true", "false"),
    ("supported", "unsupported"),
    ("grounded", "ungrounded"),
    ("pass", "fail"),
)


def verdict_pair(instructions):
    """The two words that a verifier is asked to choose from; None when it is not asked to."""
    if "json" in instructions.lower():
        return ("true", "false")
    for good, bad in VERDICT_PAIRS:
        if re.search(rf"\b{good}\b.{{1,12}}\b(not )?{bad}\b|\b{bad}\b.{{1,12}}\b{good}\b", instructions, FLAGS):
            return good, bad
    return None


def verdict(holds, pair, instructions):
    """A verifier's answer in the shape that was asked for."""
    if "json" not in instructions.lower():
        return pair[0] if holds else pair[1]
    keys = re.findall(r"[\"'](\w+)[\"']\s*:", instructions) or ["supported"]
    return json.dumps(dict.fromkeys(keys, holds))


def structured(reply, schema, instructions):
    """The reply as JSON for a caller who asked for it; the keys come from its schema or its instructions."""
    properties = (schema or {}).get("properties") or {}
    if not properties:
        names = re.findall(r"[\"'](\w+)[\"']\s*:", instructions) or ["answer", "citations"]
        properties = {name: {"type": _guessed_type(name)} for name in names}
    return json.dumps({name: _field(name, kind, reply) for name, kind in properties.items()})


def _guessed_type(name):
    if re.search(r"cit|source|ids?$", name, FLAGS):
        return "array"
    return (
        "boolean"
        if re.search(r"ground|support|found|known|escalat|handoff|abstain|answerable", name, FLAGS)
        else "string"
    )


def _field(name, schema, reply):
    kind = schema.get("type", "string") if isinstance(schema, dict) else "string"
    kind = next((k for k in kind if k != "null"), "string") if isinstance(kind, list) else kind
    known = bool(reply["grounded"]) and bool(reply["cites"])
    match kind:
        case "array":
            return reply["cites"]
        case "boolean":
            negative = re.search(r"escalat|handoff|hand_off|abstain|missing|unknown|unsupported", name, FLAGS)
            return (not known) if negative else known
        case "number" | "integer":
            return 1 if known else 0
        case _:
            return reply["text"]
