"""Every public attack against the installed command: no pass, nothing left behind, and honest work graded after it."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.corpus import ANSWER, APPS, ATTACKS, CONTROLS, FLOOD, OURS, App, Attack, Expected
from tests.fakes.git_history import GitHistory

GRADER = str(Path(sys.executable).absolute().with_name("grader"))
INSTALLATION = "grader.installation"
SLOW = frozenset({"P-RES-01", "P-RES-04", "P-RES-05"})
"""Attacks that last until their time is up; one application is enough for them, as for what intake refuses."""
LIMITS = {True: (10, 40), False: (40, 120)}
"""Seconds for one run of a slow attack, and of another; then for a machine too busy to start one in that time."""
OUR_FAULT = 3
ONCE = SLOW | {attack.id for attack in ATTACKS if attack.expected is Expected.REFUSED}
CASES = [
    pytest.param(attack, app, id=f"{attack.id}-{app.name}")
    for attack in (*ATTACKS, *OURS, *CONTROLS)
    for app in (APPS[:1] if attack.id in ONCE else APPS)
]
pytestmark = pytest.mark.docker


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one attack came to: the answer, and what it left in each place that it could reach."""

    status: int
    answer: dict[str, Any]
    stderr: str
    left: tuple[str, ...]


def attempt(attack: Attack, app: App, folder: Path) -> Seen:
    """Grade it in a folder of its own: state, home, temporary files and working directory."""
    places = {name: folder / name for name in ("home", "tmp", "cwd", "state")}
    for place in places.values():
        place.mkdir(parents=True)
    repository = GitHistory(folder / "repo.git")
    base, fix = repository.commit(app.base), repository.commit(attack.fix(app))
    command = [GRADER, "check", str(repository.folder), "--base", base, "--fix", fix, "--json", "-", "--no-mutants"]
    environment = {
        **os.environ,
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "GRADER_STATE": str(places["state"]),
    }
    for seconds in LIMITS[attack.id in SLOW]:
        more = ("--timeout", str(seconds), "--repeat", "1" if attack.id in SLOW else "2")
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, cwd=places["cwd"], timeout=400, env=environment
        )
        assert "Traceback" not in done.stderr
        if done.returncode != OUR_FAULT:
            break
    return Seen(
        status=done.returncode,
        answer=json.loads(done.stdout),
        stderr=done.stderr,
        left=(*_files(places["home"]), *_files(places["tmp"]), *_files(places["cwd"]), *_containers(places["state"])),
    )


def _files(place: Path) -> tuple[str, ...]:
    return tuple(str(path) for path in place.rglob("*") if path.is_file())


def _containers(state: Path) -> tuple[str, ...]:
    """The containers of the installation whose state this is."""
    file = state / "installation"
    if not file.exists():
        return ()
    wanted = f"label={INSTALLATION}={file.read_text().strip()}"
    command = ["docker", "ps", "-aq", "--filter", wanted]
    for _ in range(30):  # the engine takes a moment to remove what has ended
        left = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.split()
        if not left:
            break
        time.sleep(1)
    return tuple(left)


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    """All that are selected, two at a time."""
    folder = tmp_path_factory.mktemp("attacks")
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    selected = [(call.params["attack"], call.params["app"]) for call in calls if call and "attack" in call.params]
    with ThreadPoolExecutor(2) as pool:
        started: dict[tuple[str, str], Future[Seen]] = {}
        for attack, app in selected:
            started[attack.id, app.name] = pool.submit(attempt, attack, app, folder / f"{attack.id}-{app.name}")
        yield started
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("attack", "app"), CASES)
def test_an_attack_comes_out_as_expected_and_leaves_nothing(attack: Attack, app: App, attempts: Any) -> None:
    seen: Seen = attempts[attack.id, app.name].result()
    assert seen.answer["verdict"] in attack.verdicts, seen.answer["reason"]
    assert seen.status == (0 if attack in CONTROLS else 1)
    assert seen.left == ()
    if attack in CONTROLS:
        assert seen.answer["flags"] == []
    if attack.expected is Expected.REFUSED:
        assert seen.answer["flags"][0]["id"] == "intake"


def test_the_corpus_is_whole() -> None:
    assert len(ATTACKS) == len({attack.id for attack in ATTACKS}) == 25


def test_a_flood_of_output_does_not_fill_the_grader_s_memory(tmp_path: Path) -> None:
    flood = (
        "import os\n\n\ndef test_it():\n"
        f"    chunk = b'x' * 65536\n    for fd in range(1, 20):\n        try:\n"
        f"            for _ in range({FLOOD} // 65536): os.write(fd, chunk)\n        except OSError: pass\n"
    )
    repository = GitHistory(tmp_path / "repo.git")
    base, fix = repository.commit(ANSWER.base), repository.commit(ANSWER.fixed(flood))
    program = (
        # Not ru_maxrss: a process starts with the peak of the one that started it, here the test run's own.
        "import pathlib, re, sys\nfrom grader.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    status = pathlib.Path('/proc/self/status').read_text()\n"
        "    print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "check", repository.folder, "--base", base, "--fix", fix, "--json", "-"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert json.loads(done.stdout)["verdict"] in ("fails_after", "rejected")
    assert int(done.stderr.split()[-1]) < 200, "MiB of resident memory at the most"
