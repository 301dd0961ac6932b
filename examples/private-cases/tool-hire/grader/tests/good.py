"""What no term of hire says is handed to a colleague, on both paths; what a term says is still answered."""

import pytest

from app.assistant import handle, handle_stream

NOT_IN_THE_TERMS = [
    "The drill was stolen from my van last night. What do I have to pay?",
    "The chisel snapped while I was working. Who pays?",
    "It rained all weekend and I never used the mixer. Do I get my money back?",
    "I am a roofer, is it cheaper for the trade?",
    "Does the deposit cover a theft?",
    "What does cleaning cost, and is there a discount for builders?",
    "Do I get the 18 EUR for delivery back in a storm?",
    "The tool broke and came back late. What do I pay?",
]
ANSWERED = [
    ("How much is the deposit?", "80 EUR"),
    ("What does a late return cost?", "12 EUR"),
    ("What does cleaning cost?", "25 EUR"),
]


def whole(question, session):
    return handle({"session_id": session, "message": question})["answer"]


def streamed(question, session):
    return "".join(event.get("delta", "") for event in handle_stream({"session_id": session, "message": question}))


@pytest.mark.parametrize("path", [whole, streamed])
@pytest.mark.parametrize("question", NOT_IN_THE_TERMS)
def test_what_no_term_says_is_handed_to_a_colleague(path, question):
    answer = path(question, question + path.__name__)
    assert "colleague" in answer, answer


@pytest.mark.parametrize("path", [whole, streamed])
@pytest.mark.parametrize(("question", "fact"), ANSWERED)
def test_what_a_term_says_is_answered(path, question, fact):
    assert fact in path(question, question + path.__name__)
