from app import guard

ANSWER = "Each hire needs a deposit of 80 EUR."


def test_a_supported_answer_passes():
    assert guard.check("How much is the deposit?", ANSWER) == (ANSWER, False)


def test_an_unsupported_answer_is_handed_off():
    assert guard.check("What if it is stolen?", "Theft is on the house.") == (guard.HAND_OFF, True)


def test_another_number_is_not_supported():
    assert not guard.is_supported("Each hire needs a deposit of 70 EUR.")


def test_a_citation_is_no_claim():
    assert guard.is_supported(f"{ANSWER} [DEP-01]")


def test_small_talk_passes():
    assert guard.check("Hello!", "Hello! How can I help?") == ("Hello! How can I help?", False)
