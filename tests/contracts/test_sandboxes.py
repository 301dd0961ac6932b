"""What every adapter of the Sandboxes port must do: tell how a run ended, hold its limits, and leave nothing."""

import subprocess
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes
from grader.domain.observation import Ended
from grader.domain.sandbox import MIB, SandboxOrder
from grader.errors import SandboxUnavailable
from tests.contracts.conftest import Check, Containers, Order, Place, Run

pytestmark = pytest.mark.docker

SLEEP = "import time; time.sleep(600)"
FILL_MEMORY = "x = [bytearray(b'x' * 10**7) for _ in range(1000)]"
CHILD_FILLS_MEMORY = """
import os
if os.fork() == 0:
    x = [bytearray(b'x' * 10**7) for _ in range(1000)]
os.wait()
print("the parent lives")
"""


def test_a_program_gets_its_payload_and_its_end_is_told(run: Run) -> None:
    outcome = run("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.exit(7)", b"\x00payload\xff")
    assert (outcome.ended, outcome.status, outcome.stdout) == (Ended.EXITED, 7, b"\x00payload\xff")


def test_a_large_payload_arrives_whole(run: Run) -> None:
    payload = bytes(range(256)) * 80_000
    counted = run("import sys, zlib; print(zlib.crc32(sys.stdin.buffer.read()))", payload)
    assert int(counted.stdout) == zlib.crc32(payload)


def test_a_payload_that_nobody_reads_does_no_harm(run: Run) -> None:
    assert run("print('done')", b"x" * 20 * MIB).stdout == b"done\n"


def test_stdout_and_stderr_are_told_apart(run: Run) -> None:
    outcome = run("import sys; print('out'); print('err', file=sys.stderr)")
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")


def test_output_is_kept_up_to_the_cap_and_the_run_goes_on(run: Run) -> None:
    outcome = run("print('x' * 10**6); raise SystemExit(3)")
    assert (outcome.ended, outcome.status, len(outcome.stdout)) == (Ended.EXITED, 3, 256 * 1024)


def test_a_flood_ends_the_run(run: Run, nothing_is_left: Check) -> None:
    began = time.monotonic()
    outcome = run("import os\nwhile True: os.write(1, b'x' * 65536)")
    assert (outcome.ended, outcome.status) == (Ended.OUTPUT_LIMIT, None)
    assert len(outcome.stdout) == 256 * 1024
    assert time.monotonic() - began < 8
    assert nothing_is_left()


@pytest.mark.parametrize(
    "source",
    [
        SLEEP,
        "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; time.sleep(600)",
        "import os, time; [os.close(fd) for fd in (0, 1, 2)]; time.sleep(600)",
        "while True: pass",
        "import sys\nwhile True: sys.stdin.read()",
        "import os, time\nif os.fork() == 0: os.setsid()\nif os.fork() == 0: os.setsid()\ntime.sleep(600)",
    ],
    ids=["sleeps", "ignores signals", "closes its pipes", "spins", "reads for ever", "hides in sessions"],
)
def test_the_wall_limit_ends_all_of_it(run: Run, nothing_is_left: Check, source: str) -> None:
    began = time.monotonic()
    outcome = run(source, wall_seconds=1.0)
    assert (outcome.ended, outcome.status) == (Ended.WALL_LIMIT, None)
    assert time.monotonic() - began < 8
    assert nothing_is_left()


def test_a_process_left_in_the_background_ends_with_the_program(run: Run, nothing_is_left: Check) -> None:
    outcome = run(
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nprint('gone', flush=True)"
    )
    assert (outcome.ended, outcome.status, outcome.stdout) == (Ended.EXITED, 0, b"gone\n")
    assert nothing_is_left()


def test_death_by_a_signal_is_told_from_a_limit(run: Run) -> None:
    outcome = run("import os; os.kill(os.getpid(), 9)")
    assert (outcome.ended, outcome.status) == (Ended.EXITED, 137)


@pytest.mark.parametrize("source", [FILL_MEMORY, CHILD_FILLS_MEMORY], ids=["itself", "a child"])
def test_memory_is_limited_for_the_program_and_its_children(run: Run, nothing_is_left: Check, source: str) -> None:
    outcome = run(source, memory=64 * MIB)
    assert (outcome.ended, outcome.status) == (Ended.MEMORY_LIMIT, None)
    assert nothing_is_left()
    assert run("print('the next one is well')").status == 0


def test_runs_at_the_same_time_do_not_mix(sandboxes: DockerSandboxes, order: Order) -> None:
    def answer(n: int) -> bytes:
        return sandboxes.run(order(f"print({n})")).stdout

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answer, range(8))) == [b"%d\n" % n for n in range(8)]


def test_our_memory_stays_small_through_a_flood(run: Run) -> None:
    before = _resident()
    run("import os\nfor _ in range(1024): os.write(1, b'x' * 65536)", output_killed=100 * MIB)
    assert _resident() - before < 32 * MIB


def test_an_engine_that_stops_the_container_is_at_fault(
    sandboxes: DockerSandboxes, order: Order, containers: Containers, place: Place
) -> None:
    def stop() -> None:
        for _ in range(300):
            with suppress(subprocess.CalledProcessError):  # it is made, but not started yet
                if found := containers():
                    place.docker("kill", *found)
                    return
            time.sleep(0.1)

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(SandboxUnavailable, match="from outside"):
        sandboxes.run(order(SLEEP, wall_seconds=60.0))
    stopper.join()


def test_an_image_that_is_not_there_is_the_engines_fault(sandboxes: DockerSandboxes, order: Order) -> None:
    wanted = order(SLEEP)
    with pytest.raises(SandboxUnavailable):
        sandboxes.run(SandboxOrder(image="sha256:" + "0" * 64, program="probe", payload=wanted.payload))  # type: ignore[arg-type]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
