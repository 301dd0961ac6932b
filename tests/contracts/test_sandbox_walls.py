"""What a program in a sandbox can reach, use up and see: seen from inside, one question a test."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.adapters.docker_sandbox import DockerSandboxes, loopback
from grader.adapters.docker_sandbox.run import run_once
from grader.domain.sandbox import ImageId
from tests.contracts.conftest import Order, Run

pytestmark = pytest.mark.docker

TRY = """
import errno, os, sys
def name(call, *args):
    try:
        call(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "done"
"""


def inside(run: Run, source: str, **limits: object) -> str:
    """What the source printed."""
    outcome = run(TRY + source, **limits)
    assert outcome.status == 0, outcome
    return outcome.stdout.decode().strip()


def test_forks_end_at_the_limit(run: Run) -> None:
    count = inside(
        run,
        "n = 0\nwhile True:\n    try:\n        pid = os.fork()\n    except OSError: break\n"
        "    if pid == 0:\n        import time; time.sleep(60); os._exit(0)\n    n += 1\nprint(n)",
    )
    assert 40 <= int(count) < 64


def test_work_holds_no_more_bytes_than_allowed(run: Run) -> None:
    source = "f = open('/work/a', 'wb'); g = open('/work/b', 'wb'); h = open('/work/c', 'wb')\n"
    source += "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    source += "print([name(lambda x=x: (x.write(b'x' * 15 * 2**20), x.flush())) for x in (f, g, h)])"
    assert inside(run, source) == "['done', 'done', 'ENOSPC']"


def test_one_file_holds_no_more_than_sixteen_mebibytes(run: Run) -> None:
    source = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); f = open('/work/a', 'wb')\n"
    source += "n = 0\nwhile name(f.write, b'x' * 2**20) == 'done' and name(f.flush) == 'done': n += 1\nprint(n)"
    assert inside(run, source) == "16"


@pytest.mark.parametrize(("folder", "most"), [("/work", 4096), ("/tmp", 2048)])
def test_files_are_counted(run: Run, folder: str, most: int) -> None:
    source = f"n = 0\nwhile name(lambda: open(f'{folder}/{{n}}', 'w').close()) == 'done': n += 1\nprint(n)"
    assert most - 10 < int(inside(run, source, wall_seconds=20.0)) < most


def test_open_files_are_counted(run: Run) -> None:
    source = "n = 0\nwhile name(os.dup, 1) == 'done': n += 1\nprint(n)"
    assert 200 < int(inside(run, source)) < 256


def test_nothing_of_the_image_can_be_written(run: Run) -> None:
    source = """
import pytest, sysconfig
folders = ["/", "/usr", "/etc", "/opt/grader", "/var/tmp", "/run", "/root", "/home", "/proc", "/sys", "/dev",
           sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), os.path.dirname(pytest.__file__)]
print([name(lambda: open(folder + "/x", "w")) for folder in folders])
"""
    assert {"done"}.isdisjoint(json.loads(inside(run, source).replace("'", '"')))


def test_only_these_folders_can_be_written(run: Run) -> None:
    source = "print(sorted(d for d, _, _ in os.walk('/') if not d.startswith('/proc') and os.access(d, os.W_OK)))"
    assert inside(run, source) == "['/dev/mqueue', '/dev/shm', '/tmp', '/work']"


def test_programs_cannot_be_started_from_tmp(run: Run) -> None:
    source = (
        "import shutil, subprocess; shutil.copy('/bin/true', '/tmp/true')\nprint(name(subprocess.run, ['/tmp/true']))"
    )
    assert inside(run, source) == "EACCES"


def test_there_is_no_network(run: Run) -> None:
    source = "import socket\nprint(name(socket.create_connection, ('1.1.1.1', 53), 2), os.listdir('/sys/class/net'))"
    assert inside(run, source) == "ENETUNREACH ['lo']"


@pytest.mark.parametrize("own", [False, True], ids=["as the engine makes it", "as the grader makes it"])
def test_each_way_to_make_the_network_gives_localhost_alone(
    sandboxes: DockerSandboxes, order: Order, image: ImageId, own: bool
) -> None:
    source = """
import socket
with socket.create_server(("localhost", 0)) as listening:
    reached = name(socket.create_connection, ("localhost", listening.getsockname()[1]), 5)
print(reached, os.listdir("/sys/class/net"), name(lambda: open("/etc/hosts", "a")), os.readlink("/proc/self/ns/net"))
"""
    wanted = order(TRY + source)
    engine = sandboxes._engine
    loopback.fill(engine, image, {})
    hosts = f"{engine.api.inspect_volume(loopback.VOLUME)['Mountpoint']}/hosts" if own else ""
    specified = replace(sandboxes._specify(wanted, "none"), hosts=hosts)
    said = run_once(engine, specified, wanted.payload).stdout.decode().strip()
    seen, _, namespace = said.rpartition(" ")
    assert seen in ("done ['lo'] EROFS", "done ['lo'] EACCES")
    assert namespace != str(Path("/proc/self/ns/net").readlink())


def test_the_whole_environment_is_this(run: Run) -> None:
    wanted = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HOSTNAME": "sandbox",
    }
    source = "import json\nprint(json.dumps([dict(os.environ), open('/proc/1/environ').read()]))"
    own, first = json.loads(inside(run, source))
    image_may_add = {"GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256"}
    assert {key: value for key, value in own.items() if key not in image_may_add} == wanted
    assert {line.split("=")[0] for line in first.split("\0") if line} <= {*wanted, *image_may_add}


def test_nobody_without_capabilities_or_a_way_to_get_some(run: Run) -> None:
    source = "print({k: v.strip() for k, _, v in (line.partition(':') for line in open('/proc/self/status')) if k in "
    source += "('Uid', 'Gid', 'Groups', 'CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp')})"
    status = eval(inside(run, source))
    nobody = "\t".join(["65534"] * 4)
    assert status.pop("Uid") == status.pop("Gid") == nobody
    assert {status.pop(key) for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status == {"Groups": status["Groups"], "NoNewPrivs": "1", "Seccomp": "2"}
    assert status["Groups"] in {"", "65534"}


def test_no_tool_that_helps_to_break_out(run: Run) -> None:
    source = "import shutil, importlib.util\n"
    source += "print([t for t in ('pip', 'pip3', 'git', 'gcc', 'cc', 'curl', 'wget', 'docker') if shutil.which(t)])\n"
    source += "print(importlib.util.find_spec('pip'))"
    assert inside(run, source) == "[]\nNone"


def test_no_file_lends_its_owners_rights(run: Run) -> None:
    source = (
        "import stat\nprint([os.path.join(d, f) for d, _, fs in os.walk('/') if not d.startswith(('/proc', '/sys')) "
    )
    source += "for f in fs if os.lstat(os.path.join(d, f)).st_mode & 0o6000])"
    assert inside(run, source) == "[]"


def test_the_programs_are_roots_and_compiled(run: Run) -> None:
    source = "print({os.stat(f'/opt/grader/{f}').st_uid for f in os.listdir('/opt/grader')}, "
    source += "any(f.startswith('probe') for f in os.listdir('/opt/grader/__pycache__')))"
    assert inside(run, source) == "{0} True"


def test_no_engine_socket_and_no_device_of_the_host(run: Run) -> None:
    source = "print([p for p in ('/var/run/docker.sock', '/run/docker.sock', '/dev/kvm', '/dev/mem', '/dev/sda') "
    source += "if os.path.exists(p)])"
    assert inside(run, source) == "[]"


def test_two_runs_look_the_same(run: Run) -> None:
    source = """
import socket
print(os.environ, socket.gethostname(), open('/proc/self/cmdline').read(), os.getcwd(), os.listdir('/work'),
      os.listdir('/tmp'), os.listdir('/opt/grader'), open('/etc/hosts').read())
"""
    assert inside(run, source) == inside(run, source)
