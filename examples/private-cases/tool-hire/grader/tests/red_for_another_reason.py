import app.guard


def test_there_is_a_guard():
    assert app.guard.HAND_OFF.startswith("I'm sorry")
