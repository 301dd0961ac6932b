"""What is asked of a language model, what it answered, and what became of its judgement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelQuestion:
    """One question: our instructions, the untrusted material as the user's message, and the shape of the answer.

    `schema` is a JSON schema, as JSON text, that the answer must follow.
    """

    instructions: str
    material: str
    schema: str
    schema_name: str
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """One answer. `refused` and `truncated` answers hold nothing to use; tokens are as the service counted them."""

    text: str
    model: str
    refused: bool = False
    truncated: bool = False
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReport:
    """How a judgement came about: for the record.

    `cost` is in millionths of the currency that the prices are given in; `used` is False when the rules stand.
    """

    dimension: str
    model: str
    used: bool
    reason: str
    samples: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    prompt_digest: str = ""
    input_digest: str = ""
    seed: int = 0

    def describe(self) -> str:
        """One line for the record's provenance."""
        state = "used" if self.used else f"not used ({self.reason})"
        return (
            f"{self.dimension}: {self.model} {state}; {self.samples} samples, "
            f"{self.tokens_in}+{self.tokens_out} tokens, "
            f"cost {self.cost / 1_000_000:.4f}, prompt {self.prompt_digest[:12]}, input {self.input_digest[:12]}, "
            f"seed {self.seed}"
        )
