from app.assistant import handle


def test_the_reported_question():
    assert handle({"session_id": "reported", "message": "The drill was stolen from my van. What do I pay?"}) is not None


def test_that_tests_run():
    assert True
