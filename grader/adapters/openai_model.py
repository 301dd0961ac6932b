"""The `LanguageModel` port over any service that speaks the OpenAI protocol (chat completions, JSON schema)."""

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from grader.domain.judgement import ModelAnswer, ModelQuestion
from grader.errors import LanguageModelUnavailable

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion

MAX_TOKENS = 4000
MAX_ANSWER = 64 * 1024
RETRIES = 2


class OpenAIModel:
    """Asks one model snapshot; a hard limit in seconds holds over connecting, waiting, reading and retrying."""

    def __init__(self, *, model: str, base_url: str, key: str, seconds: float) -> None:
        self._model, self._seconds = model, seconds
        self._base_url, self._key = base_url or None, key or "none"
        self._client: OpenAI | None = None

    def ask(self, question: ModelQuestion) -> ModelAnswer:
        """See the port."""
        client = self._client or self._connect()
        try:
            return _answer(_within(self._seconds, lambda: self._complete(client, question)), self._model)
        except LanguageModelUnavailable:
            client.close()  # ends a call that was left behind
            self._client = None
            raise

    def _connect(self) -> "OpenAI":
        from openai import OpenAI

        self._client = OpenAI(base_url=self._base_url, api_key=self._key, timeout=self._seconds, max_retries=RETRIES)
        return self._client

    def _complete(self, client: "OpenAI", question: ModelQuestion) -> "ChatCompletion":
        from openai import OpenAIError

        try:
            return client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": question.instructions},
                    {"role": "user", "content": question.material},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {
                        "name": question.schema_name,
                        "strict": True,
                        "schema": json.loads(question.schema),
                    },
                },
                seed=question.seed,
                max_completion_tokens=MAX_TOKENS,
            )
        except OpenAIError as error:
            raise LanguageModelUnavailable(f"the language model did not answer: {_why(error)}") from None
        except ValueError as error:  # a body that is no JSON
            raise LanguageModelUnavailable(
                f"the language model's answer is malformed: {type(error).__name__}"
            ) from None


def _why(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    return f"status {status}" if status else type(error).__name__


def _within(seconds: float, ask: Callable[[], "ChatCompletion"]) -> "ChatCompletion":
    """Run `ask` in a thread and leave it behind when it takes too long: a slow body has no time limit of its own."""
    done: list[ChatCompletion] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            done.append(ask())
        except Exception as error:  # noqa: BLE001 - carried to the caller's thread, where it is raised
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise LanguageModelUnavailable(f"the language model took longer than {seconds:g} s")
    return done[0]


def _answer(completion: "ChatCompletion", model: str) -> ModelAnswer:
    choice = completion.choices[0] if completion.choices else None
    message = choice.message if choice else None
    text = (message.content or "") if message else ""
    usage = completion.usage
    return ModelAnswer(
        text=text[:MAX_ANSWER],
        model=completion.model or model,
        refused=message is None
        or bool(message.refusal)
        or (choice is not None and choice.finish_reason == "content_filter"),
        truncated=len(text) > MAX_ANSWER or (choice is not None and choice.finish_reason == "length"),
        tokens_in=usage.prompt_tokens if usage else 0,
        tokens_out=usage.completion_tokens if usage else 0,
    )
