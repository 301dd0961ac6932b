"""What every pod must do: a service reached over loopback and nothing else, dialogues that never hang us."""

import time
from dataclasses import replace

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.observation import Ended
from grader.domain.sandbox import MIB
from tests.contracts.conftest import Check, Containers, Order

pytestmark = pytest.mark.docker

SERVICE = """
import http.server, json, sys, threading
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(state["say"].encode())
    def log_message(self, *args): pass
state = {"say": "nothing yet"}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in sys.stdin:
    state["say"] = json.loads(line)["say"]
    print(json.dumps({"ok": True}), flush=True)
"""
ASK_SERVICE = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8000').read().decode())"
DIAL_OUT = """
import socket
try:
    socket.create_connection(("1.1.1.1", 53), timeout=2)
except OSError as error:
    print(error.strerror)
"""
ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"


def test_who_joins_reaches_the_service_and_we_control_it(sandboxes: DockerSandboxes, order: Order) -> None:
    with sandboxes.pod(order(SERVICE)) as pod:
        assert pod.service.ask(b'{"say": "first"}', seconds=5) == b'{"ok": true}'
        assert pod.run(order(ASK_SERVICE)).stdout == b"first\n"
        assert pod.service.ask(b'{"say": "second"}', seconds=5) == b'{"ok": true}'
        assert pod.run(order(ASK_SERVICE)).stdout == b"second\n"


def test_there_is_no_way_out(sandboxes: DockerSandboxes, order: Order) -> None:
    source = (
        "import socket; print(sorted(name for _, name in socket.if_nameindex()) if 0 else open('/proc/net/dev').read())"
    )
    with sandboxes.pod(order(SERVICE)) as pod:
        devices = pod.run(order(source)).stdout.decode()
    names = {line.split(":")[0].strip() for line in devices.splitlines() if ":" in line}
    assert {name for name in names if not name.startswith(("tunl", "sit", "ip6", "gre", "erspan", "ip_vti"))} == {"lo"}


def test_the_service_is_another_user_and_another_process_tree(sandboxes: DockerSandboxes, order: Order) -> None:
    look = "import os; print(os.getuid(), sum(name.isdigit() for name in os.listdir('/proc')), os.listdir('/work'))"
    own = "import os; open('/work/secret', 'w').close(); input(); print(os.getuid(), flush=True); input()"
    with sandboxes.pod(order(own)) as pod:
        assert pod.service.ask(b"", seconds=5) == b"65533"
        assert pod.run(order(look)).stdout == b"65534 3 []\n"


def test_questions_get_their_own_answers(sandboxes: DockerSandboxes, order: Order) -> None:
    with sandboxes.pod(order(SERVICE)) as pod, pod.dialogue(order(ECHO)) as app:
        assert [app.ask(b"a%db" % n, seconds=5) for n in range(10)] == [b"b%da" % n for n in range(10)]


def test_a_chatty_program_does_not_answer_the_next_question(sandboxes: DockerSandboxes, order: Order) -> None:
    chatty = "import sys\nfor line in sys.stdin: print(line.strip()); print('unasked'); print('more', flush=True)"
    with sandboxes.pod(order(SERVICE)) as pod, pod.dialogue(order(chatty)) as app:
        assert app.ask(b"one", seconds=5) == b"one"
        assert app.ask(b"two", seconds=5) == b"two"


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("import time; time.sleep(60)", Ended.WALL_LIMIT),
        ("import os, time; [os.close(fd) for fd in (0, 1, 2)]; time.sleep(60)", Ended.WALL_LIMIT),
        ("while True: print('x' * 65536, end='', flush=True)", Ended.OUTPUT_LIMIT),
        ("while True: print('x' * 100)", Ended.OUTPUT_LIMIT),
        ("input(); raise SystemExit(3)", Ended.EXITED),
        ("import os; os.kill(os.getpid(), 9)", Ended.EXITED),
        ("x = [bytearray(b'x' * 10**7) for _ in range(1000)]", Ended.MEMORY_LIMIT),
    ],
    ids=[
        "hangs",
        "closes its pipes",
        "floods a line",
        "floods lines",
        "exits",
        "dies",
        "fills memory",
    ],
)
def test_what_an_application_does_is_an_answer(
    sandboxes: DockerSandboxes, order: Order, source: str, ended: Ended
) -> None:
    with sandboxes.pod(order(SERVICE)) as pod:
        with pod.dialogue(order(source, memory=64 * MIB)) as app:
            began = time.monotonic()
            answer: bytes | Ended = b""
            while isinstance(answer, bytes):
                answer = app.ask(b"q", seconds=3)
            assert answer is ended
            assert app.ask(b"again", seconds=2) is ended
        assert time.monotonic() - began < 30
        assert pod.service.ask(b'{"say": "alive"}', seconds=5) == b'{"ok": true}'
        with pod.dialogue(order(ECHO)) as app:
            assert app.ask(b"abc", seconds=5) == b"cba"


LEAVE_A_MARK = "import os; print(os.listdir('/work')); open('/work/mark', 'w').close()"


def test_runs_that_were_announced_find_a_container_and_share_none(
    sandboxes: DockerSandboxes, order: Order, containers: Containers, nothing_is_left: Check
) -> None:
    wanted = order(LEAVE_A_MARK)
    with sandboxes.pod(order(SERVICE)) as pod:
        pod.expect((wanted, wanted))
        pod.expect((wanted,))
        _wait_for(containers, 3)
        assert [pod.run(wanted).stdout for _ in range(3)] == [b"[]\n"] * 3
        pod.expect((wanted,))
    assert nothing_is_left()


def test_another_hash_seed_gets_another_container(sandboxes: DockerSandboxes, order: Order) -> None:
    look = "import os; print(os.environ['PYTHONHASHSEED'], hash('x'))"
    zero, one = order(look), replace(order(look), hash_seed=1)
    with sandboxes.pod(order(SERVICE)) as pod:
        pod.expect((zero, one))
        said = [pod.run(wanted).stdout for wanted in (one, zero, one, zero)]
    assert said[0] == said[2] != said[1] == said[3]
    assert (said[0][:2], said[1][:2]) == (b"1 ", b"0 ")


def _wait_for(containers: Containers, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(containers()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
