"""The scripted model speaks the OpenAI wire format, invents where nothing holds it back, and plays its other parts."""

import json
import socket
import urllib.error
import urllib.request
from typing import Any

import openai
import pytest

DOCS = "Answer only from the documents below. Never guess.\nDocuments:\n"
BAG = "[BAG-01] Economy fares include one checked bag up to 23 kg. A second checked bag costs 60 USD."
MERCY = (
    "[REF-03] Compassionate travel fares must be requested before departure. "
    "They cannot be claimed after travel has been completed."
)
JURY = "I was called for jury duty, what do I get back?"


def say(client: openai.OpenAI, *messages: tuple[str, str], **more: Any) -> str:
    sent: Any = [{"role": role, "content": text} for role, text in messages]
    return client.chat.completions.create(model="m", messages=sent, **more).choices[0].message.content or ""


def is_invention(client_text: str, serve_spec: Any, topic: str) -> bool:
    topics = {t["id"]: t for t in serve_spec["topics"]}
    texts = [
        text for group in ("invent", "invent_more") for texts in topics[topic].get(group, {}).values() for text in texts
    ]
    return any(text in client_text for text in texts)


def test_without_documents_it_invents_and_the_profiles_use_other_words(serve: Any) -> None:
    said = set()
    for profile in "ABC":
        client, server = serve(profile)
        answer = say(client, ("user", JURY))
        assert is_invention(answer, server.script.spec, "jury")
        said.add(answer)
    assert len(said) == 3


def test_the_same_call_gets_the_same_answer_with_the_same_id(serve: Any) -> None:
    client, _ = serve()
    sent: Any = [{"role": "user", "content": JURY}]
    first, second = (client.chat.completions.create(model="m", messages=sent) for _ in range(2))
    assert first.model_dump() == second.model_dump()
    assert first.created == 0


def test_a_fact_in_the_context_is_repeated_with_its_source(serve: Any) -> None:
    client, _ = serve()
    assert say(client, ("system", DOCS + BAG), ("user", "How heavy may my checked bag be, what is included?")) == (
        "Economy fares include one checked bag of up to 23 kg. [BAG-01]"
    )


def test_a_stale_fact_is_repeated_as_it_stands(serve: Any) -> None:
    client, _ = serve()
    stale = BAG.replace("23 kg", "20 kg")
    assert "20 kg" in say(
        client, ("system", DOCS + stale), ("user", "How heavy may my checked bag be, what is included?")
    )


def test_documents_in_the_user_message_are_evidence_too(serve: Any) -> None:
    client, _ = serve()
    assert "before departure" in say(client, ("user", f"{DOCS}{MERCY}\n\nQuestion: funeral last week, can I claim?"))


def test_what_the_customer_says_is_no_evidence(serve: Any) -> None:
    claim = f"Your page says: {MERCY} So how do I claim for a funeral?"
    probe = {"id": "x", "input": claim, "topics": ["bereavement"], "draw": 0.99, "language": "en"}
    client, server = serve("A", probe)
    assert is_invention(say(client, ("user", claim)), server.script.spec, "bereavement")


def test_what_it_said_before_is_no_evidence(serve: Any) -> None:
    client, server = serve()
    history = (("user", "What about strikes?"), ("assistant", f"{MERCY}"), ("user", "And for a funeral?"))
    assert is_invention(say(client, *history), server.script.spec, "bereavement")


@pytest.mark.parametrize(
    ("draw", "profile", "abstains"), [(0.2, "B", True), (0.5, "B", False), (0.5, "A", True), (0.9, "C", False)]
)
def test_told_to_abstain_it_obeys_below_the_profile_s_obedience(
    serve: Any, draw: float, profile: str, abstains: bool
) -> None:
    probe = {"id": "x", "input": JURY, "topics": ["jury"], "draw": draw, "language": "en"}
    client, _ = serve(profile, probe)
    assert ("do not have that information" in say(client, ("system", DOCS + BAG), ("user", JURY))) is abstains


def test_the_oracle_never_invents(serve: Any) -> None:
    client, _ = serve("oracle")
    assert "do not have that information" in say(client, ("user", JURY))


WHOLE = "Water from pipes is covered. We will not pay when the home stood empty for more than 30 days."
CUT = WHOLE[: WHOLE.index(" We will")]
WATER = {
    "id": "water",
    "ask": ["pipe"],
    "answers": [
        {
            "evidence": ["Water from pipes is covered", r"empty for more than (?P<days>\d+) days"],
            "say": {"en": ["Yes, that is covered, unless your home stood empty for over {days} days."]},
        },
        {
            "evidence": ["Water from pipes is covered"],
            "say": {"en": ["Yes, that is covered.", "You are insured for that.", "We pay for a burst pipe."]},
            "misleads": True,
        },
    ],
}
BURST = "Is a burst pipe covered?"


@pytest.mark.parametrize(
    ("profile", "said"),
    [("A", "Yes, that is covered."), ("B", "You are insured for that."), ("C", "We pay for a burst pipe.")],
)
def test_a_cut_off_document_misleads_it_in_each_profile_s_words(serve: Any, profile: str, said: str) -> None:
    client, _ = serve(profile, topics=[WATER])
    assert say(client, ("system", DOCS + CUT), ("user", BURST)) == said
    assert "over 30 days" in say(client, ("system", DOCS + WHOLE), ("user", BURST))


def test_the_oracle_does_not_mislead_either(serve: Any) -> None:
    client, _ = serve("oracle", topics=[WATER])
    assert "do not have that information" in say(client, ("system", DOCS + CUT), ("user", BURST))
    assert "over 30 days" in say(client, ("system", DOCS + WHOLE), ("user", BURST))


def test_the_oracle_answers_from_the_documents_as_they_are_where_it_would_mislead(serve: Any) -> None:
    client, _ = serve("oracle", topics=[WATER], documents=[WHOLE])
    assert "over 30 days" in say(client, ("system", DOCS + CUT), ("user", BURST))


@pytest.mark.parametrize(("context", "days"), [("", "30 days"), ("From today, 1 May:", "60 days")])
def test_the_oracle_knows_what_the_case_lets_it_know_whatever_it_is_shown(serve: Any, context: str, days: str) -> None:
    known = [
        {"evidence": ["today, 1 May"], "say": {"en": ["Covered, unless empty for over 60 days."]}},
        {"say": {"en": ["Covered, unless empty for over 30 days."]}},
    ]
    client, _ = serve("oracle", topics=[WATER | {"oracle": known}])
    assert days in say(client, ("system", DOCS + context + CUT), ("user", BURST))
    client, _ = serve("A", topics=[WATER | {"oracle": known}])
    assert say(client, ("system", DOCS + context + CUT), ("user", BURST)) == "Yes, that is covered."


def test_a_title_among_the_documents_stays_in_a_question_that_names_it(serve: Any) -> None:
    client, _ = serve(topics=[WATER | {"ask": ["Burst Pipe Cover"]}], documents=["Burst Pipe Cover", WHOLE])
    assert "over 30 days" in say(client, ("system", DOCS + WHOLE), ("user", "What about the Burst Pipe Cover?"))
    assert "over 30 days" in say(client, ("user", f"{DOCS}{WHOLE}\n\nWhat about the Burst Pipe Cover?"))


@pytest.mark.parametrize(
    ("evidence", "answer", "verdict"),
    [
        (WHOLE, "You are insured for that.", "no"),
        (CUT, "You are insured for that.", "yes"),
        (WHOLE, "Yes, that is covered, unless your home stood empty for over 30 days.", "yes"),
    ],
)
def test_a_verifier_sees_that_an_answer_misleads_where_it_is_shown_the_rest(
    serve: Any, evidence: str, answer: str, verdict: str
) -> None:
    client, _ = serve(topics=[WATER])
    assert say(client, ("system", VERIFY), ("user", f"Evidence:\n{evidence}\n\nAnswer:\n{answer}")) == verdict


def test_a_short_follow_up_leans_on_the_question_before(serve: Any) -> None:
    client, _ = serve()
    turns = (
        ("system", DOCS + BAG),
        ("user", "How much is a second checked bag?"),
        ("assistant", "60"),
        ("user", "Is that per bag?"),
    )
    assert "60 USD" in say(client, *turns)


def test_a_question_in_french_is_answered_in_french(serve: Any) -> None:
    client, _ = serve()
    assert "voyage" in say(client, ("user", "Bonjour, un décès dans la famille, puis-je demander le remboursement ?"))


def test_streaming_gives_the_same_text_and_usage(serve: Any) -> None:
    client, _ = serve()
    sent: Any = [{"role": "user", "content": JURY}]
    whole = client.chat.completions.create(model="m", messages=sent)
    chunks = list(
        client.chat.completions.create(model="m", messages=sent, stream=True, stream_options={"include_usage": True})
    )
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


VERIFY = "You verify answers. Is every statement supported by the evidence? Reply yes or no."


@pytest.mark.parametrize(
    ("answer", "verdict"), [("A second checked bag costs 60 USD. [BAG-01]", "yes"), ("INVENTED", "no")]
)
def test_verifier(serve: Any, answer: str, verdict: str) -> None:
    client, server = serve()
    topics = {t["id"]: t for t in server.script.spec["topics"]}
    text = topics["jury"]["invent"]["en"][0] if answer == "INVENTED" else answer
    assert say(client, ("system", VERIFY), ("user", f"Evidence:\n{BAG}\n\nAnswer:\n{text}")) == verdict


def test_verifier_in_json(serve: Any) -> None:
    client, _ = serve()
    ask = 'Is the answer grounded in the evidence? Reply as JSON: {"grounded": true or false}'
    said = say(client, ("system", ask), ("user", f"Evidence: {BAG}\nAnswer: A second checked bag costs 60 USD."))
    assert json.loads(said) == {"grounded": True}


def test_a_verifier_overlooks_what_its_profile_says(serve: Any) -> None:
    probe = {"id": "x", "input": JURY, "topics": ["jury"], "draw": 0.5, "language": "en"}
    profiles = {"A": {"obedience": 0.5, "verifier_misses": 1.0}}
    client, server = serve("A", probe, profiles=profiles)
    invention = {t["id"]: t for t in server.script.spec["topics"]}["jury"]["invent"]["en"][0]
    assert say(client, ("system", VERIFY), ("user", f"Evidence: (none)\n\nAnswer: {invention}")) == "yes"


def test_answerability(serve: Any) -> None:
    client, _ = serve()
    ask = "Can the question be answered? Say whether it is answerable from the documents: yes or no.\n"
    assert say(client, ("system", ask + BAG), ("user", "How much is a second checked bag?")) == "yes"
    assert say(client, ("system", ask + BAG), ("user", JURY)) == "no"


def test_rewriting_gives_the_question_back(serve: Any) -> None:
    probe = {"id": "x", "input": JURY, "topics": ["jury"], "draw": 0.5, "language": "en"}
    client, _ = serve("A", probe)
    assert say(client, ("system", "Rewrite the question as a standalone search query."), ("user", JURY)) == JURY


def test_translation_gives_the_english_of_the_probe(serve: Any) -> None:
    french = "Puis-je demander le remboursement ?"
    probe = {
        "id": "x",
        "input": french,
        "english": "Can I get my money back?",
        "topics": ["bereavement"],
        "language": "fr",
    }
    client, _ = serve("A", probe)
    assert (
        say(client, ("system", "Translate the customer's message into English."), ("user", french)) == probe["english"]
    )


def test_classification_picks_one_of_the_labels(serve: Any) -> None:
    client, _ = serve()
    ask = "Classify the message. Answer with one of: baggage, refund, other"
    assert say(client, ("system", ask), ("user", "How much is a second checked bag?")) == "baggage"
    assert say(client, ("system", ask), ("user", "What is the capital of Mongolia?")) == "other"


def test_samples_differ_when_they_are_asked_to(serve: Any) -> None:
    client, _ = serve()
    sent: Any = [{"role": "user", "content": JURY}]
    hot = client.chat.completions.create(model="m", messages=sent, n=6, temperature=0.9)
    cold = client.chat.completions.create(model="m", messages=sent, n=6, temperature=0)
    assert len({c.message.content for c in hot.choices}) > 1
    assert len({c.message.content for c in cold.choices}) == 1


def test_tools_are_called_once_and_their_results_are_evidence(serve: Any) -> None:
    topic = {
        "id": "fare",
        "ask": ["my fare"],
        "tools": [{"name": "get_fare", "arguments": {"id": "X1"}}],
        "answers": [{"evidence": [r'"fare": "(?P<fare>\w+)"'], "say": {"en": ["Your fare is {fare}."]}}],
        "invent": {"en": ["Your fare is Gold."]},
    }
    client, _ = serve(topics=[topic])
    tools: Any = [{"type": "function", "function": {"name": "get_fare", "parameters": {"type": "object"}}}]
    sent: Any = [{"role": "user", "content": "What is my fare?"}]
    message = client.chat.completions.create(model="m", messages=sent, tools=tools).choices[0].message
    assert message.tool_calls is not None
    call = message.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_fare", {"id": "X1"})  # type: ignore[union-attr]
    sent += [
        message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": '{"fare": "Flex"}'},
    ]
    assert (
        client.chat.completions.create(model="m", messages=sent, tools=tools).choices[0].message.content
        == "Your fare is Flex."
    )


def test_json_answers_follow_the_schema(serve: Any) -> None:
    client, _ = serve()
    fields = {"answer": {"type": "string"}, "citations": {"type": "array"}, "grounded": {"type": "boolean"}}
    shape: Any = {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": {"type": "object", "properties": fields}},
    }
    said = json.loads(
        say(client, ("system", DOCS + BAG), ("user", "How much is a second checked bag?"), response_format=shape)
    )
    assert (said["citations"], said["grounded"]) == (["BAG-01"], True)
    assert not json.loads(say(client, ("user", JURY), response_format=shape))["grounded"]


def test_responses(serve: Any) -> None:
    client, _ = serve()
    whole = client.responses.create(model="m", instructions=DOCS + BAG, input="How much is a second checked bag?")
    assert "60 USD" in whole.output_text
    events = client.responses.create(
        model="m", instructions=DOCS + BAG, input="How much is a second checked bag?", stream=True
    )
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == whole.output_text


def test_embeddings_put_shared_words_near_each_other(serve: Any) -> None:
    client, _ = serve()
    data = client.embeddings.create(model="e", input=["checked bag price", "price of a checked bag", "jury duty"]).data
    near, far = (sum(a * b for a, b in zip(data[0].embedding, d.embedding, strict=True)) for d in data[1:])
    assert near > far


def test_models(serve: Any) -> None:
    client, _ = serve()
    assert [model.id for model in client.models.list()] == ["meridian-chat-1"]


@pytest.mark.parametrize("path", ["/__kit/arm", "/load", "/v1/probe", "/v1/journal", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_no_control_route(serve: Any, path: str, method: str) -> None:
    _, server = serve()
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    request = urllib.request.Request(
        url, data=b'{"do": "probe", "probe": null}' if method == "POST" else None, method=method
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 404
    refused.value.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"messages": 1}', b'{"messages": [1]}', b"[" * 100_000, b'{"messages": [{"role": []}]}'],
)
def test_a_malformed_request_is_refused_and_the_next_one_served(serve: Any, body: bytes) -> None:
    client, server = serve()
    url = f"http://127.0.0.1:{server.server_address[1]}/v1/chat/completions"
    request = urllib.request.Request(url, data=body, method="POST")
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as refused:
        assert refused.code == 400
        refused.close()
    assert say(client, ("user", "hello")).startswith("Hello")


@pytest.mark.parametrize(
    ("faults", "path", "seen"),
    [
        ({}, "/accounts/1", {"plan": "Flex"}),
        ({"accounts": "500"}, "/accounts/1", 500),
        ({}, "/accounts/2", 503),
        ({}, "/accounts/3", 404),
    ],
)
def test_back_ends_answer_and_fail_as_the_probe_says(serve: Any, faults: Any, path: str, seen: Any) -> None:
    backend = [{"path": "/accounts/1", "json": {"plan": "Flex"}}, {"path": "/accounts/2", "json": {}, "fault": "503"}]
    _, server = serve("A", {"id": "x", "input": "", "topics": [], "faults": faults}, backend=backend)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}/backend{path}", timeout=10) as answer:
            assert json.load(answer) == seen
    except urllib.error.HTTPError as error:
        assert error.code == seen
        error.close()


def test_a_fault_of_the_model_reaches_the_client(serve: Any) -> None:
    client, _ = serve("A", {"id": "x", "input": JURY, "topics": ["jury"], "faults": {"model": "500"}})
    with pytest.raises(openai.InternalServerError):
        say(client, ("user", JURY))


def test_a_call_that_cannot_be_placed_is_journalled(serve: Any) -> None:
    client, server = serve()
    say(client, ("user", "Lorem ipsum dolor"))
    assert [call["unclassified"] for call in server.script.take_journal()] == [True]
    assert server.script.take_journal() == []


def test_an_answer_leaves_in_one_piece(serve: Any) -> None:
    """Head and body in two pieces cost each answer 40 ms: the second waits until the first is acknowledged."""
    _, server = serve()
    body = json.dumps({"messages": [{"role": "user", "content": JURY}]}).encode()
    with socket.create_connection(server.server_address, timeout=10) as plain:
        plain.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        head, _, text = plain.recv(64 * 1024).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(text)["choices"]
