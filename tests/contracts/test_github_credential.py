"""The credential that comes out of a pull request, against verifiers that are not ours."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.adapters.ed25519_signer import KeyFiles
from grader.cli.github_credential import hand_over
from grader.config import Settings
from tests.fakes.github.classroom import REPO, Classroom

NODE = Path(__file__).parents[1] / "node"


@pytest.mark.node
def test_a_credential_from_a_conversation_is_accepted_and_a_changed_one_refused(tmp_path: Path) -> None:
    room, settings = Classroom(), Settings(state=tmp_path / "state")
    KeyFiles(settings.state / "keys").make()
    room.graded()
    room.tell("mia", "/confirm\n/assert llm.ops.incident-response 0.8\n/signoff")
    assert hand_over(room.desk(), 7, settings, None) is not None
    kept = room.world.repository(REPO).files
    document = kept[("main", f"credentials/{room.learner}-jt-incident-4.json")].decode()
    jwt = kept[("main", f"credentials/{room.learner}-jt-incident-4.jwt")].decode()
    changed = document.replace('"value": "0.80"', '"value": "0.95"', 1)
    assert changed != document
    assert _accepted(tmp_path, document, jwt, changed) == [True, True, False]


def _accepted(folder: Path, *texts: str) -> list[bool]:
    """What npm's implementations say, installed from the lock in tests/node."""
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(NODE / name, folder)
    subprocess.run(("npm", "ci", "--silent", "--no-audit", "--no-fund"), cwd=folder, check=True, timeout=180)
    for place, text in enumerate(texts):
        (folder / f"{place}.txt").write_text(text.strip())
    files = [f"{place}.txt" for place in range(len(texts))]
    done = subprocess.run(("node", "verify.mjs", *files), cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [bool(json.loads(line)["verified"]) for line in done.stdout.splitlines()]
