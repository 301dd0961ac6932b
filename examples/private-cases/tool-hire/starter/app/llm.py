"""The language model, through the openai client. OPENAI_BASE_URL says where it is served."""

import functools
import os

from openai import OpenAI

MODEL = os.environ.get("CHAT_MODEL", "larch-chat-1")


@functools.lru_cache(maxsize=1)
def client():
    return OpenAI(timeout=10, max_retries=1)  # address and key come from OPENAI_BASE_URL and OPENAI_API_KEY


def complete(messages):
    """The whole answer to a list of chat messages."""
    reply = client().chat.completions.create(model=MODEL, messages=messages, temperature=0)
    return reply.choices[0].message.content or ""


def stream(messages):
    """The answer, piece by piece, as the model writes it."""
    for chunk in client().chat.completions.create(model=MODEL, messages=messages, temperature=0, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content
