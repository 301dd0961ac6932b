"""The two entry points, through the openai client, as the web site calls them."""

from app.assistant import handle, handle_stream


def ask(message, session):
    return handle({"session_id": session, "message": message})


def test_the_deposit_names_its_source():
    reply = ask("How much is the deposit?", "deposit")
    assert "80 EUR" in reply["answer"]
    assert reply["citations"] == ["DEP-01"]


def test_cleaning():
    assert "25 EUR" in ask("What does cleaning cost?", "cleaning")["answer"]


def test_age():
    assert "18" in ask("How old must I be to hire?", "age")["answer"]


def test_the_chat_window_streams_the_same_facts():
    events = handle_stream({"session_id": "stream", "message": "What do you charge for a late return?"})
    assert "12 EUR" in "".join(event["delta"] for event in events)


def test_a_follow_up_is_understood():
    ask("What does delivery cost?", "delivery")
    assert "each way" in ask("Is that for both ways?", "delivery")["answer"]


def test_greeting():
    assert "Adze" in ask("Hello", "greeting")["answer"]
