"""A `LanguageModel` that remembers answers by everything they depend on, so that a re-run asks and costs nothing."""

import hashlib
import json
from dataclasses import asdict

from grader.domain.judgement import ModelAnswer, ModelQuestion
from grader.ports import Cache, LanguageModel


class RememberedModel:
    """Asks `model` once per question; refusals and cut answers are not remembered."""

    def __init__(self, model: LanguageModel, cache: Cache, *, identity: str) -> None:
        self._model, self._cache, self._identity = model, cache, identity

    def ask(self, question: ModelQuestion) -> ModelAnswer:
        """See the port."""
        key = hashlib.sha256(json.dumps([self._identity, asdict(question)]).encode()).hexdigest()
        known = self._cache.get(key)
        if known is not None and (answer := _parse(known)) is not None:
            return answer
        answer = self._model.ask(question)
        if not answer.refused and not answer.truncated:
            self._cache.put(key, json.dumps(asdict(answer)).encode())
        return answer


def _parse(content: bytes) -> ModelAnswer | None:
    try:
        return ModelAnswer(**json.loads(content))
    except (ValueError, TypeError):
        return None
