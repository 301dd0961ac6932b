"""Keys stay private, issuers are who they say they are, and nothing hostile is taken for a credential."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from grader.adapters.ed25519_signer import KeyFiles, KeySigner, data_integrity, verify
from grader.adapters.ed25519_signer.multikey import decode, encode, multikey, public_key
from grader.errors import InputInvalid, SettingsInvalid
from grader.ports import Signed
from tests.fakes.credentials import Awards, passed_story

WEB = "did:web:badges.example.org"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("awards")


@pytest.fixture(scope="module")
def signed(folder: Path) -> Signed:
    return Awards(folder, passed_story()).signed()


def as_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path / "keys")
    keys.make()
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    (keys.folder / "ed25519.pem").chmod(0o640)
    with pytest.raises(SettingsInvalid, match="can be read by others"):
        keys.ed25519()


def test_keys_are_never_overwritten_but_set_aside(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path / "keys")
    keys.make()
    before = (keys.folder / "ed25519.pem").read_bytes()
    with pytest.raises(InputInvalid, match="has keys already"):
        keys.make()
    keys.set_aside()
    keys.make()
    aside = [file for file in keys.folder.iterdir() if file.name.endswith("-ed25519.pem")]
    assert [file.read_bytes() for file in aside] == [before]
    assert (keys.folder / "ed25519.pem").read_bytes() != before


@pytest.mark.parametrize(("content", "message"), [(b"", "no private key in PEM form"), (None, "there is no key")])
def test_keys_that_are_none_are_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    keys = KeyFiles(tmp_path)
    if content is not None:
        (tmp_path / "ed25519.pem").write_bytes(content)
        (tmp_path / "ed25519.pem").chmod(0o600)
    with pytest.raises(SettingsInvalid, match=message):
        keys.ed25519()


def test_a_key_of_the_other_kind_is_named(tmp_path: Path) -> None:
    keys = KeyFiles(tmp_path / "keys")
    keys.make()
    (keys.folder / "ed25519.pem").write_bytes((keys.folder / "p256.pem").read_bytes())
    with pytest.raises(SettingsInvalid, match="holds no Ed25519 key"):
        keys.ed25519()


def test_private_keys_are_in_no_file_that_is_handed_out(folder: Path, signed: Signed) -> None:
    private = KeyFiles(folder / "keys").ed25519().private_bytes_raw()
    everything = as_bytes(signed.document) + signed.jwt.encode()
    for form in (private, private.hex().encode(), base64.urlsafe_b64encode(private).rstrip(b"=")):
        assert form not in everything
    header = json.loads(base64.urlsafe_b64decode(signed.jwt.split(".")[0] + "=="))
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}


def test_the_issuer_that_is_trusted_is_the_only_one_taken(signed: Signed) -> None:
    issuer = signed.document["issuer"]["id"]
    assert verify(as_bytes(signed.document), issuer=issuer).reason == ""
    assert "not by did:key:zOther" in verify(as_bytes(signed.document), issuer="did:key:zOther").reason


def test_somebody_else_cannot_sign_as_the_issuer(signed: Signed) -> None:
    other = Ed25519PrivateKey.generate()
    unsigned = {name: value for name, value in signed.document.items() if name != "proof"}
    name = multikey(other.public_key())
    for method in (f"did:key:{name}#{name}", f"{unsigned['issuer']['id']}#{name}"):
        forged = data_integrity.sign(unsigned, other, method, unsigned["validFrom"])
        assert verify(as_bytes(forged)).reason != ""


def test_did_web_needs_its_document_and_is_bound_to_it(folder: Path) -> None:
    awards = Awards(folder, passed_story(), did_web=WEB)
    document, signed = KeySigner(awards.keys, did_web=WEB).did_document(), awards.signed()
    assert signed.document["issuer"]["id"] == WEB
    for content in (as_bytes(signed.document), signed.jwt.encode()):
        assert verify(content, issuer=WEB, did_document=document).reason == ""
        assert "give its did.json with --did-document" in verify(content).reason
        emptied = {**document, "assertionMethod": []}
        assert "does not list" in verify(content, did_document=emptied).reason
        other = {**document, "id": "did:web:evil.example.org"}
        assert "does not list" in verify(content, did_document=other).reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"@context": ["https://www.w3.org/ns/credentials/v2"]}, "its contexts are not those"),
        ({"@context": ["https://evil.example.org/context"]}, "its contexts are not those"),
        ({"issuer": {"id": "did:key:z6Mk", "type": ["Profile"]}}, "its key is not one of its issuer's"),
        ({"evidence": [{"@context": {"name": None}, "type": ["Evidence"], "name": "forged"}]}, "it redefines words"),
        ({"@graph": [{"id": "urn:x:y"}]}, "it redefines words"),
        ({"undefinedTerm": "unsigned words"}, "its content is not what the issuer signed"),
        (
            {"type": ["VerifiableCredential", "OpenBadgeCredential", "Nobel"]},
            "its content is not what the issuer signed",
        ),
        ({"evidence": [{"type": ["Evidence"], "extra": {"deep": 1}}]}, "its content is not what the issuer signed"),
    ],
)
def test_what_the_signature_does_not_cover_is_refused(signed: Signed, change: dict[str, Any], reason: str) -> None:
    assert reason in verify(as_bytes({**signed.document, **change})).reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cryptosuite": "eddsa-jcs-2022"}, "not of cryptosuite"),
        ({"proofPurpose": "authentication"}, "another purpose"),
        ({"verificationMethod": "did:key:z1#z1"}, "its key is not one of its issuer's"),
        ({"proofValue": "z" + "1" * 300}, "not what the issuer signed"),
        ({"created": "2020-01-01T00:00:00Z"}, "not what the issuer signed"),
    ],
)
def test_a_changed_proof_is_refused(signed: Signed, change: dict[str, Any], reason: str) -> None:
    (proof,) = signed.document["proof"]
    assert reason in verify(as_bytes({**signed.document, "proof": [{**proof, **change}]})).reason


def test_a_jwt_with_another_algorithm_or_other_claims_is_refused(signed: Signed) -> None:
    header, payload, signature = signed.jwt.split(".")
    for algorithm in ("none", "HS256"):
        said = json.loads(base64.urlsafe_b64decode(header + "=="))
        other = base64.urlsafe_b64encode(json.dumps({**said, "alg": algorithm}).encode()).rstrip(b"=").decode()
        assert verify(f"{other}.{payload}.{signature}".encode()).reason == "its content is not what the issuer signed"
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    other = base64.urlsafe_b64encode(json.dumps({**claims, "iss": "did:key:zX"}).encode()).rstrip(b"=").decode()
    assert "claims iss and jti" in verify(f"{header}.{other}.{signature}".encode()).reason


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"{", b"a.b", b"a.b.c", b"\xff", b"{" + b'"a":{' * 5000, b'{"id": 1, "id": 2, "proof": {}}'],
)
def test_what_is_no_credential_is_one_clear_line(content: bytes) -> None:
    with pytest.raises(InputInvalid):
        verify(content)


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputInvalid, match="at most 1024 KiB"):
        verify(b"{" + b" " * 1024 * 1024)


@given(st.binary(max_size=80))
def test_multibase_is_its_own_inverse(content: bytes) -> None:
    assert decode(encode(content)) == content


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_key_by_accident(text: str) -> None:
    with pytest.raises(ValueError):
        public_key("z" + text)
