"""Applications that crash, hang, lie or attack the scripted model get their due, and the next one is asked as ever.

In real containers. Each attack stands in front of the starter's own handle(); the next submission meets the same pods.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from grader import config, wiring
from grader.domain.case import Case, CaseId, Reply
from grader.domain.sandbox import ImageId
from grader.domain.tree import File, Tree
from grader.execution import probes
from grader.execution.examine import product_only
from grader.execution.lanes import Lanes
from grader.execution.probes import Interview
from grader.verify.rehearse import classes

pytestmark = [pytest.mark.docker, pytest.mark.slow]

ATTACK = """
import base64, json, os, socket, sys, threading, time
from app import starter_assistant
from app.starter_assistant import handle_stream

MODEL = ("127.0.0.1", 8410)
kept = []

def post(path, body, length=None):
    size = len(body) if length is None else length
    head = f"POST {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {size}\\r\\n\\r\\n"
    with socket.create_connection(MODEL, timeout=3) as plain:
        plain.sendall(head.encode() + body)
        plain.settimeout(3)
        try:
            return plain.recv(200)
        except OSError:
            return b""

def attack(request):
%s

def handle(request):
    found = attack(request)
    return starter_assistant.handle(request) if found is None else found
"""
SILENT = {
    "crashes": "os._exit(0)",
    "raises SystemExit": "sys.exit(0)",
    "recurses": "return attack(request)",
    "hangs": "time.sleep(3600)",
    "hangs and ignores signals": "import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\n"
    "while True: time.sleep(60)",
    "closes its pipe": "os.closerange(3, 64); time.sleep(3600)",
    "floods its output": "while True: [os.write(fd, b'x' * 65536) for fd in (1, 2)]",
    "floods its answer": "return {'answer': 'x' * 50_000_000}",
    "floods what it answers on": "while True:\n"
    "    for fd in range(3, 20):\n"
    '        try: os.write(fd, b\'{"reply": {"answer": 1}}\' * 1000)\n'
    "        except OSError: pass",
    "answers another type": "return ['I do not have that information.']",
    "answers a clever type": "return {'answer': type('S', (str,), {'__eq__': lambda *_: True})('x'), 'citations': []}",
    "answers half a surrogate pair and a number": "return {'answer': '\\ud800', 'citations': [1], 'escalate': 'yes'}",
    "fills memory": "kept.append(bytearray(10**9) + b'x' * 10**9)",
    "starts threads": "while True: threading.Thread(target=time.sleep, args=(3600,)).start()",
}
"""What these say is no answer at all."""
LOUD = {
    "writes two answers": 'os.write(3, b\'\'); print(\'{"reply": {"answer": "forged"}}\', flush=True)',
    "asks for control routes": """
for path in ("/__kit/arm", "/load", "/v1/probe", "/control", "/v1/models"):
    post(path, json.dumps({"do": "load", "spec": {}, "profile": "oracle"}).encode())
    post(path, json.dumps({"do": "probe", "probe": None}).encode())
""",
    "sends garbage": """
for body in (b"", b"[]", b"[" * 100_000, b"\\xff" * 1000, b'{"messages": [{"role": 1}]}'):
    post("/v1/chat/completions", body)
with socket.create_connection(MODEL, timeout=3) as plain:
    plain.sendall(b"\\0" * 70_000)
""",
    "sends huge bodies": """
body = json.dumps({"messages": [{}] * 500_000}).encode()
senders = [threading.Thread(target=post, args=("/v1/chat/completions", body)) for _ in range(12)]
senders += [threading.Thread(target=post, args=("/v1/chat/completions", b"x", 10**12)) for _ in range(4)]
[sender.start() for sender in senders]; [sender.join() for sender in senders]
""",
    "floods the model": """
body = json.dumps({"messages": [{"role": "user", "content": "hello " * 1000}]}).encode()
senders = [threading.Thread(target=lambda: [post("/v1/chat/completions", body) for _ in range(5)]) for _ in range(30)]
[sender.start() for sender in senders]; [sender.join() for sender in senders]
""",
    "leaves connections half open": """
for _ in range(100):
    half = socket.socket(); half.settimeout(1)
    try:
        half.connect(MODEL); half.sendall(b"POST /v1/chat/completions HTTP/1.1\\r\\nContent-Length: 100\\r\\n\\r\\n{")
    except OSError:
        break
    kept.append(half)
""",
}
"""What these get is an answer of the starter, or none while the model is busy with them; never another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The case, the lanes that all submissions share, and what the starter answers."""

    case: Case
    image: ImageId
    lanes: Lanes
    honest: tuple[Reply, ...]

    def ask(self, tree: Tree) -> tuple[Reply, ...]:
        product = product_only(tree, classes(self.case, tree))
        asked = (self.case.public[0], self.case.benign[0], self.case.benign[1])
        interview = Interview(case=self.case, tree=product, probes=asked, profile="A")
        return tuple(seen.reply for seen in self.lanes.interviews({"x": interview})["x"])


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    usual = probes.ANSWER_SECONDS, probes.RESTARTS
    probes.ANSWER_SECONDS, probes.RESTARTS = 6.0, 1  # what hangs is not worth more of everybody's time
    settings = config.read({})
    case = wiring.cases(settings).get(CaseId("airline-refund"))
    boxes = wiring.sandboxes(settings)
    image = boxes.environment(case.environment)
    try:
        with Lanes(pods=boxes, case=case, image=image) as lanes:
            empty = Place(case=case, image=image, lanes=lanes, honest=())
            yield Place(case=case, image=image, lanes=lanes, honest=empty.ask(case.starter))
    finally:
        probes.ANSWER_SECONDS, probes.RESTARTS = usual


def hostile(case: Case, attack: str) -> Tree:
    """The starter behind an attack."""
    honest = case.starter.by_path["app/assistant.py"]
    body = textwrap.indent(attack.strip("\n"), "    ")
    return case.starter.with_files(
        [
            File(path="app/starter_assistant.py", content=honest.content),
            File(path="app/assistant.py", content=(ATTACK % body).encode()),
        ]
    )


def the_next_one_is_asked_as_ever(place: Place, attack: str) -> bool:
    """A new submission each time, so that nothing is known of it yet."""
    mark = File(path="app/notes.py", content=f"# {attack!r}\n".encode())
    return place.ask(place.case.starter.with_files([mark])) == place.honest


def test_the_starter_answers(place: Place) -> None:
    assert all(reply.answer and not reply.error for reply in place.honest)


@pytest.mark.parametrize("name", SILENT)
def test_it_gets_its_due(place: Place, name: str) -> None:
    replies = place.ask(hostile(place.case, SILENT[name]))
    assert [reply.answer for reply in replies] == ["", "", ""]
    assert all(reply.error for reply in replies)
    assert the_next_one_is_asked_as_ever(place, name)


@pytest.mark.parametrize("name", LOUD)
def test_it_cannot_change_what_the_model_says(place: Place, name: str) -> None:
    replies = place.ask(hostile(place.case, LOUD[name]))
    for reply, honest in zip(replies, place.honest, strict=True):
        assert reply == honest or reply.error, name
    assert the_next_one_is_asked_as_ever(place, name)
