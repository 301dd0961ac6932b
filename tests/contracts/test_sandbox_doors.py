"""Each door that the project's allow-list of system calls shuts is tried, and ordinary Python still works under it."""

import json
import platform
from dataclasses import replace

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.adapters.docker_sandbox.run import run_once
from tests.contracts.conftest import Order, Run
from tests.contracts.doors import DOORS, NOT_IMPLEMENTED, PROGRAM

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the attempts use the numbers of x86-64"),
]

OPEN_WITHOUT_A_FILTER = (
    *("vsock", "netlink", "ptrace", "process_vm_readv", "kcmp", "pidfd_getfd", "shmget", "semget", "msgget"),
    *("personality", "mknod of a pipe", "sync", "32-bit calls"),
)
"""Where nobody filters, these attempts succeed on any kernel; that proves that an attempt can."""

ORDINARY = """
import asyncio, http.server, os, pty, socket, sqlite3, subprocess, sys, tempfile, threading, urllib.request
from concurrent.futures import ProcessPoolExecutor
import pytest

connection = sqlite3.connect("/work/x.db")
connection.execute("create table t (a)"), connection.execute("insert into t values (1)"), connection.commit()
print(connection.execute("select a from t").fetchall())

async def ask():
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    return (await process.communicate(b"asyncio"))[0]
print(asyncio.run(ask()))

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://localhost:{server.server_port}/").status)

with ProcessPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-1, -2])))
print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout.strip())
print(socket.socketpair()[0].family.name, os.isatty(pty.openpty()[1]), os.path.exists(tempfile.mkdtemp()))
with open("/work/test_it.py", "w") as test:
    test.write("def test_it(tmp_path, capfd):\\n    (tmp_path / 'x').write_text('x')\\n")
print(int(pytest.main(["-q", "-p", "no:cacheprovider", "/work"])))
"""
ANSWERS = ["[(1,)]", "b'asyncio'", "200", "[1, 2]", "1", "AF_UNIX True True"]


@pytest.fixture(scope="module")
def tried(run: Run) -> dict[str, str]:
    outcome = run(PROGRAM, json.dumps(DOORS).encode() + b"\n")
    assert outcome.status == 0, outcome.stderr
    answers: dict[str, str] = json.loads(outcome.stdout)
    return answers


@pytest.mark.parametrize("door", DOORS)
def test_the_door_is_shut(tried: dict[str, str], door: str) -> None:
    refused = {"ENOSYS"} if door in NOT_IMPLEMENTED else {"EPERM", "SIGSYS", "ENOSYS"}
    assert tried[door] in refused


@pytest.fixture(scope="module")
def unfiltered(sandboxes: DockerSandboxes, order: Order) -> dict[str, str]:
    wanted = order(PROGRAM, json.dumps(DOORS).encode() + b"\n")
    plain = replace(sandboxes._specify(wanted, "none"), seccomp="unconfined")
    answers: dict[str, str] = json.loads(run_once(sandboxes._engine, plain, wanted.payload).stdout)
    return answers


@pytest.mark.parametrize("door", OPEN_WITHOUT_A_FILTER)
def test_the_attempt_succeeds_where_nobody_filters(unfiltered: dict[str, str], door: str) -> None:
    assert unfiltered[door] == "open"


def test_ordinary_python_works(run: Run) -> None:
    outcome = run(ORDINARY)
    lines = outcome.stdout.decode().splitlines()
    assert (lines[:6], lines[-1]) == (ANSWERS, "0"), outcome
