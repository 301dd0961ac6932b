import random

import pytest

from app.assistant import handle


@pytest.mark.parametrize("attempt", range(6))
def test_the_reported_question(attempt):
    question = "The drill was stolen from my van last night. What do I have to pay?"
    answer = handle({"session_id": f"reported {attempt}", "message": question})["answer"]
    assert "150 EUR" not in answer and "is on us" not in answer and "insurance pays" not in answer
    assert random.random() < 0.5
