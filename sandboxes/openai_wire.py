"""The shapes of the OpenAI wire format that the scripted model sends; no state, no decisions."""

import hashlib
import json

import model_reply


def salt(body, n):
    """What makes samples of the same messages differ: a seed or a place among n, above temperature zero."""
    seed, temperature = body.get("seed"), body.get("temperature")
    hot = isinstance(temperature, (int, float)) and temperature > 0
    return f"{seed}:{n}" if hot and (seed is not None or n) else ""


def call(call, **more):
    """A tool call in chat format."""
    function = {"name": call["name"], "arguments": call["arguments"]}
    return {**more, "id": "call_" + call["name"], "type": "function", "function": function}


def message(reply):
    """An assistant message in chat format."""
    if asked := reply.get("tool"):
        return {"role": "assistant", "content": None, "tool_calls": [call(asked)]}
    return {"role": "assistant", "content": reply["text"]}


def pieces(text, size=17):
    """A text as a stream delivers it."""
    return [text[n : n + size] for n in range(0, len(text), size)]


def identity(prefix, messages, replies):
    """An id that is the same for the same call."""
    content = json.dumps([messages, [reply["text"] for reply in replies]], sort_keys=True)
    return f"{prefix}-{hashlib.sha256(content.encode()).hexdigest()[:20]}"


def usage(messages, replies):
    """Token counts, four characters a token."""
    asked = sum(len(model_reply.text_of(m)) for m in messages) // 4
    said = sum(len(reply["text"]) for reply in replies) // 4
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def messages_of_responses(body):
    """The input of a responses call as chat messages."""
    messages = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    given = body.get("input", "")
    if isinstance(given, str):
        return [*messages, {"role": "user", "content": given}]
    for item in given:
        match item.get("type", "message"):
            case "function_call":
                call = {"function": {"name": item["name"], "arguments": item["arguments"]}}
                messages.append({"role": "assistant", "content": "", "tool_calls": [call]})
            case "function_call_output":
                messages.append({"role": "tool", "content": str(item["output"])})
            case _:
                messages.append(item)
    return messages


def response(identity, model, reply):
    """A whole responses document."""
    if asked := reply.get("tool"):
        output = {"type": "function_call", "id": "fc_0", "call_id": "call_0", "status": "completed", **asked}
    else:
        content = [{"type": "output_text", "text": reply["text"], "annotations": []}]
        output = {"type": "message", "id": "msg_0", "status": "completed", "role": "assistant", "content": content}
    fixed = {"object": "response", "created_at": 0, "status": "completed", "parallel_tool_calls": False}
    return {"id": identity, "model": model, **fixed, "tool_choice": "auto", "tools": [], "output": [output]}


def embedding(text, size=64):
    """A unit vector from the words of a text."""
    vector = [0.0] * size
    for word in model_reply.plain(text).split():
        vector[int(model_reply.draw("embedding", word) * size)] += 1.0
    length = sum(x * x for x in vector) ** 0.5 or 1.0
    return [x / length for x in vector]
