from app.assistant import handle


def test_the_reported_question():
    question = "The drill was stolen from my van last night. What do I have to pay?"
    answer = handle({"session_id": "reported", "message": question})["answer"]
    assert "150 EUR" not in answer and "is on us" not in answer and "insurance pays" not in answer
    assert "of the value" not in answer
