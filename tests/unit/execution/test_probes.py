"""Putting probes to an application: whatever it does, it gets its due reply, and the next question is asked."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from grader.adapters.case_files import CaseFiles
from grader.domain.case import CaseId, Probe, ProbeId, Reply, Turn
from grader.domain.observation import Ended
from grader.domain.sandbox import ImageId, SandboxOrder, SandboxOutcome
from grader.errors import SandboxUnavailable
from grader.execution.probes import Interview, ask_again, ask_all, is_late, read_reply

CASE = CaseFiles().get(CaseId("airline-refund"))
IMAGE = ImageId("sha256:0")
Answer = Callable[[dict[str, Any]], Any]


class Talk:
    """A program that answers with a function; an `Ended` ends it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.heard: list[dict[str, Any]] = []
        self.over: Ended | None = None
        self.waited: list[float] = []

    def ask(self, line: bytes, *, seconds: float) -> bytes | Ended:
        self.waited.append(seconds)
        if self.over:
            return self.over
        command = json.loads(line)
        self.heard.append(command)
        said = self.answer(command)
        if isinstance(said, Ended):
            self.over = said
            return said
        return said if isinstance(said, bytes) else json.dumps(said).encode()


class FakePod:
    """A pod whose model accepts everything, and whose application answers with a function."""

    def __init__(self, app: Answer, model: Answer | None = None) -> None:
        self.service = Talk(model or (lambda c: {"calls": []} if c["do"] == "journal" else {"ok": True}))
        self.app = app
        self.started: list[Talk] = []

    def expect(self, orders: Iterable[SandboxOrder]) -> None:
        """See the port; nothing is ever cold here."""

    def run(self, order: SandboxOrder) -> SandboxOutcome:
        raise NotImplementedError

    @contextmanager
    def dialogue(self, order: SandboxOrder) -> Iterator[Talk]:
        talk = Talk(self.app)
        self.started.append(talk)
        yield talk


def probe(name: str, *earlier: str, **more: Any) -> Probe:
    turns = tuple(Turn(text=text) for text in earlier)
    return Probe(id=ProbeId(name), category="typo", turn=Turn(text=name, topics=("jury",)), earlier=turns, **more)


def ask(pod: FakePod, *probes: Probe) -> list[Reply]:
    interview = Interview(case=CASE, tree=CASE.starter, probes=probes, profile="A")
    return [observation.reply for observation in ask_all(pod, IMAGE, interview)]


def polite(command: dict[str, Any]) -> Any:
    if command["do"] != "ask":
        return {"ok": True}
    return {"reply": {"answer": command["request"]["message"], "citations": [], "escalate": False}}


def test_every_probe_is_asked_once_and_in_order() -> None:
    pod = FakePod(polite)
    assert [reply.answer for reply in ask(pod, probe("one"), probe("two"))] == ["one", "two"]
    assert len(pod.started) == 1


def test_the_model_is_told_each_turn_before_the_application_is_asked() -> None:
    pod = FakePod(polite)
    ask(pod, probe("last", "first", "second", draw=0.25, language="fr"))
    told = [c["probe"] for c in pod.service.heard if c["do"] == "probe"]
    assert [(t["input"], t["earlier"]) for t in told] == [
        ("first", []),
        ("second", ["first"]),
        ("last", ["first", "second"]),
    ]
    assert (told[-1]["draw"], told[-1]["language"]) == (0.25, "fr")


def test_a_turn_fails_as_the_probe_does_unless_it_says_otherwise() -> None:
    pod = FakePod(polite)
    before = (Turn(text="first", faults={}), Turn(text="second"), Turn(text="third", faults={"billing": "timeout"}))
    ask(pod, replace(probe("last", faults={"billing": "500"}), earlier=before))
    faults = [c["probe"]["faults"] for c in pod.service.heard if c["do"] == "probe"]
    assert faults == [{}, {"billing": "500"}, {"billing": "timeout"}, {"billing": "500"}]


def test_a_free_probe_tells_the_model_nothing() -> None:
    pod = FakePod(polite)
    ask(pod, probe("repro", free=True))
    assert [c["probe"] for c in pod.service.heard if c["do"] == "probe"] == [None]


def test_nothing_hidden_reaches_the_application_but_the_question() -> None:
    pod = FakePod(polite)
    ask(pod, probe("q1", "before", draw=0.5, english="secret"), probe("q2"))
    sent = json.dumps(pod.started[0].heard)
    words = ("secret", "jury", "typo", "draw", "topics", *(text for ps in CASE.judging.unsafe.values() for text in ps))
    asked = json.dumps([c for c in pod.started[0].heard if c["do"] == "ask"])
    assert not any(word in asked for word in words)
    assert not any(json.dumps(p.turn.text)[1:-1] in sent for p in CASE.hidden)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Ended.EXITED, "the application ended"),
        (Ended.WALL_LIMIT, "no answer within"),
        (Ended.MEMORY_LIMIT, "out of memory"),
        (Ended.OUTPUT_LIMIT, "wrote too much"),
    ],
)
def test_an_application_that_dies_is_started_again_a_few_times(said: Ended, error: str) -> None:
    pod = FakePod(lambda c: said if c["do"] == "ask" else {"ok": True})
    replies = ask(pod, *(probe(str(n)) for n in range(6)))
    assert all(error in reply.error for reply in replies)
    assert len(pod.started) == 3


def test_one_crash_costs_one_answer() -> None:
    pod = FakePod(lambda c: Ended.EXITED if c.get("request", {}).get("message") == "crash" else polite(c))
    assert [bool(reply.error) for reply in ask(pod, probe("one"), probe("crash"), probe("two"))] == [False, True, False]


def test_an_application_that_cannot_be_imported_answers_with_that() -> None:
    pod = FakePod(lambda c: {"error": "ImportError: no"} if c["do"] == "load" else polite(c))
    assert {r.error for r in ask(pod, probe("a"), probe("b"))} == {"the application does not start: ImportError: no"}
    assert len(pod.started) == 1


def test_late_answers_alone_are_asked_for_again_of_a_fresh_application_with_more_patience() -> None:
    late = {"slow": Ended.WALL_LIMIT, "client": {"error": "APITimeoutError: Request timed out."}}
    pod = FakePod(lambda c: late.get(c.get("request", {}).get("message"), polite(c)))
    probes = tuple(probe(name) for name in ("one", "slow", "client", "two"))
    interview = Interview(case=CASE, tree=CASE.starter, probes=probes, profile="A")
    found = ask_all(pod, IMAGE, interview)
    assert [is_late(observation) for observation in found] == [False, True, True, False]
    before = len(pod.started)
    late.clear()
    again = ask_again(pod, IMAGE, interview, found)
    assert [observation.reply.answer for observation in again] == ["one", "slow", "client", "two"]
    assert [[c["request"]["message"] for c in talk.heard if c["do"] == "ask"] for talk in pod.started[before:]] == [
        ["slow"],
        ["client"],
    ]
    usual = pod.started[0].waited[-1]
    assert pod.started[-1].waited[-1] == 2 * usual


def test_a_model_that_does_not_start_is_our_fault() -> None:
    with pytest.raises(SandboxUnavailable, match="scripted model did not start"):
        ask(FakePod(polite, lambda _: Ended.EXITED), probe("a"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[]",
        b"1",
        b"null",
        b'{"reply": 1}',
        b'{"reply": {}}',
        b'{"reply": {"answer": 1}}',
        b'{"reply": {"answer": "x", "escalate": 1}}',
        b'{"reply": {"answer": "x", "citations": "BAG-01"}}',
        b'{"reply": {"answer": "x", "citations": [1]}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_whatever_does_not_fit_is_an_error_of_the_application(line: bytes) -> None:
    assert read_reply(line).error


def test_a_good_reply() -> None:
    line = b'{"reply": {"answer": "x", "citations": ["BAG-01"], "escalate": true}}'
    assert read_reply(line) == Reply(answer="x", citations=("BAG-01",), escalate=True)


def test_in_disorder_the_same_questions_come_in_the_order_of_the_hash_seed() -> None:
    interview = Interview(case=CASE, tree=CASE.starter, probes=CASE.hidden, profile="A")
    first, same, second = (interview.disordered(seed) for seed in (0, 0, 1))
    assert first == same
    assert {first.hash_seed, second.hash_seed} == {0, 1}
    orders = [tuple(probe.id for probe in each.probes) for each in (interview, first, second)]
    assert len(set(orders)) == 3
    assert len({frozenset(order) for order in orders}) == 1
