"""What the web site calls: handle() for the contact page, handle_stream() for the chat window."""

from . import llm, prompt
from .terms import TERMS

TURNS_KEPT = 2
_history = {}


def handle(request):
    """Answer one message: {"answer", "citations", "escalate"}."""
    answer = llm.complete(_messages(request))
    _remember(request, answer)
    return {"answer": answer, "citations": _citations(answer), "escalate": False}


def handle_stream(request):
    """Answer one message as a stream of {"delta"} events."""
    pieces = []
    for piece in llm.stream(_messages(request)):
        pieces.append(piece)
        yield {"delta": piece}
    _remember(request, "".join(pieces))


def _messages(request):
    return prompt.build(request["message"], _history.get(_session(request), []))


def _remember(request, answer):
    """Keep the last turns of a conversation, so that "is that each way?" is understood."""
    turns = _history.setdefault(_session(request), [])
    turns += [{"role": "user", "content": request["message"]}, {"role": "assistant", "content": answer}]
    del turns[: -2 * TURNS_KEPT]


def _session(request):
    return request.get("session_id") or "anonymous"


def _citations(answer):
    """The ids of the terms that the answer names."""
    return [term["id"] for term in TERMS if f"[{term['id']}]" in answer]
