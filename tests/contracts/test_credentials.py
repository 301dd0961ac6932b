"""The credential against implementations that are not ours: npm's verifiers and 1EdTech's published schema."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.adapters.ed25519_signer import verify
from grader.ports import Signed
from tests.fakes.credentials import Awards, passed_story

NODE = Path(__file__).parents[1] / "node"
SCHEMA = json.loads((NODE / "open-badges-3.0.schema.json").read_text())


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return Awards(tmp_path_factory.mktemp("awards"), passed_story()).signed()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with npm's verifiers, installed from the lock in tests/node."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(NODE / name, folder)
    subprocess.run(("npm", "ci", "--silent", "--no-audit", "--no-fund"), cwd=folder, check=True, timeout=180)
    return folder


def checked(node: Path, texts: list[str]) -> list[dict[str, Any]]:
    files = []
    for place, text in enumerate(texts):
        (node / f"{place}.txt").write_text(text)
        files.append(f"{place}.txt")
    done = subprocess.run(("node", "verify.mjs", *files), cwd=node, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def tampered(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Copies with one changed character each, in places that matter."""
    text = json.dumps(document)
    changes = [
        ('"value": "0.70"', '"value": "0.75"'),
        ('"value": "70.00"', '"value": "71.00"'),
        ('"valueMax": "1.00"', '"valueMax": "2.00"'),
        ('"value": "0.83"', '"value": "0.93"'),
        ('"name": "Demo school"', '"name": "Demo schooL"'),
        ('"salt": "', '"salt": "0'),
        ('"sha256:', '"sha256:0'),
        ("https://example.org/report", "https://example.org/repord"),
    ]
    copies = [text.replace(old, new, 1) for old, new in changes]
    assert all(copy != text for copy in copies)
    return [json.loads(copy) for copy in copies]


def tampered_jwt(jwt: str) -> list[str]:
    """One changed byte in each of the three parts."""
    header, payload, signature = jwt.split(".")
    raw = base64.urlsafe_b64decode(payload + "==").replace(b'"0.70"', b'"0.75"', 1)
    changed = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    flipped = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    return [f"{header}.{changed}.{signature}", f"{header}.{payload}.{flipped}"]


@pytest.mark.node
def test_npm_accepts_both_forms_and_refuses_every_changed_copy(node: Path, signed: Signed) -> None:
    wrong = [json.dumps(each) for each in tampered(signed.document)] + tampered_jwt(signed.jwt)
    embedded, jwt, *others = checked(node, [json.dumps(signed.document), signed.jwt, *wrong])
    assert (embedded["verified"], jwt["verified"]) == (True, True), (embedded, jwt)
    assert jwt["id"] == signed.document["id"]
    assert [each["verified"] for each in others] == [False] * len(wrong)


def test_ours_accepts_both_forms_and_refuses_every_changed_copy(signed: Signed) -> None:
    assert verify(json.dumps(signed.document).encode()).reason == ""
    assert verify(signed.jwt.encode()).reason == ""
    wrong = [json.dumps(each) for each in tampered(signed.document)] + tampered_jwt(signed.jwt)
    assert {verify(text.encode()).reason for text in wrong} == {"its content is not what the issuer signed"}


def test_the_published_schema_accepts_it_and_notices_what_is_missing(signed: Signed) -> None:
    jsonschema.Draft201909Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft201909Validator(SCHEMA)
    assert list(validator.iter_errors(signed.document)) == []
    payload = signed.jwt.split(".")[1]
    assert list(validator.iter_errors(json.loads(base64.urlsafe_b64decode(payload + "==")))) == []
    for name in SCHEMA["required"]:
        without = {key: value for key, value in signed.document.items() if key != name}
        assert not validator.is_valid(without)
    assert not validator.is_valid({**signed.document, "credentialSubject": {"type": ["AchievementSubject"]}})
