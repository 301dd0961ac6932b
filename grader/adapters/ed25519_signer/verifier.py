"""Is a credential what its issuer signed? Offline, for both forms; whose the issuer is, is for the caller to know."""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from grader.adapters.ed25519_signer import data_integrity
from grader.adapters.ed25519_signer.multikey import public_key
from grader.domain.credential import CONTEXTS
from grader.errors import InputInvalid

MAX_BYTES = 1024 * 1024

_Key = Ed25519PublicKey | EllipticCurvePublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`reason` is empty when the signature is the issuer's over exactly this content."""

    reason: str
    issuer: str = ""
    credential: str = ""
    form: str = ""


def verify(content: bytes, *, issuer: str = "", did_document: dict[str, Any] | None = None) -> Verification:
    """Verify either form; raises InputInvalid when it is neither.

    `issuer` is the DID that the caller trusts, empty for any. A `did:web` needs its `did_document`.
    """
    if len(content) > MAX_BYTES:
        raise InputInvalid(f"a credential has at most {MAX_BYTES // 1024} KiB, this has {len(content) // 1024}")
    text = content.strip()
    return _embedded(text, issuer, did_document) if text.startswith(b"{") else _jwt(text, issuer, did_document)


def _embedded(text: bytes, issuer: str, did_document: dict[str, Any] | None) -> Verification:
    document = _object(text)
    proof = data_integrity.proof_of(document)
    if proof is None:
        raise InputInvalid("the credential has not one embedded proof")
    found = _named(document, "embedded proof")
    if document.get("@context") != list(CONTEXTS):
        return _refused(found, "its contexts are not those of Open Badges 3.0.3, so its words could mean anything")
    if _has_keywords({name: value for name, value in document.items() if name != "@context"}):
        return _refused(found, "it redefines words inside, so that what is read need not be what was signed")
    if (proof.get("type"), proof.get("cryptosuite")) != ("DataIntegrityProof", data_integrity.SUITE):
        return _refused(found, f"its proof is not of cryptosuite {data_integrity.SUITE}")
    if proof.get("proofPurpose") != "assertionMethod":
        return _refused(found, "its proof has another purpose than assertionMethod")
    key = _key(found.issuer, str(proof.get("verificationMethod")), did_document)
    if isinstance(key, str):
        return _refused(found, key)
    if not isinstance(key, Ed25519PublicKey) or not data_integrity.verifies(document, key):
        return _refused(found, "its content is not what the issuer signed")
    return _trusted(found, issuer)


def _jwt(text: bytes, issuer: str, did_document: dict[str, Any] | None) -> Verification:
    try:
        parsed = jws.extract_compact(text)
        claims = _object(parsed.payload)
        header = parsed.headers()
    except (JoseError, ValueError, KeyError, TypeError):
        raise InputInvalid("this is neither a JSON credential nor a VC-JWT") from None
    found = _named(claims, "VC-JWT")
    if claims.get("iss") != found.issuer or claims.get("jti") != found.credential:
        return _refused(found, "its claims iss and jti are not those of the credential")
    key = _key(found.issuer, str(header.get("kid")), did_document)
    if isinstance(key, str):
        return _refused(found, key)
    if not isinstance(key, EllipticCurvePublicKey):
        return _refused(found, "its key is not of curve P-256")
    try:
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        jws.deserialize_compact(text, ECKey.import_key(pem), algorithms=["ES256"])
    except (JoseError, ValueError):
        return _refused(found, "its content is not what the issuer signed")
    return _trusted(found, issuer)


def _has_keywords(value: object) -> bool:
    """Whether a JSON-LD keyword stands anywhere inside, such as a context of its own."""
    match value:
        case list():
            return any(map(_has_keywords, value))
        case dict():
            return any(key.startswith("@") or _has_keywords(item) for key, item in value.items())
        case _:
            return False


def _key(did: str, method: str, did_document: dict[str, Any] | None) -> _Key | str:
    """The public key that `method` names, if it is the issuer's; otherwise why not."""
    controller, _, name = method.partition("#")
    if controller != did:
        return "its key is not one of its issuer's"
    if did.startswith("did:web:"):
        if did_document is None:
            return f"its issuer is {did}; give its did.json with --did-document"
        listed = did_document.get("id") == did and method in (did_document.get("assertionMethod") or ())
        if not listed:
            return f"the DID document given does not list {method}"
    elif did != f"did:key:{name}":
        return "its issuer is neither the did:key of its key nor a did:web"
    try:
        return public_key(name)
    except ValueError as error:
        return f"its key cannot be read: {error}"


def _trusted(found: Verification, issuer: str) -> Verification:
    if issuer and issuer != found.issuer:
        return _refused(found, f"it is issued by {found.issuer}, not by {issuer}")
    return found


def _refused(found: Verification, reason: str) -> Verification:
    return Verification(reason=reason, issuer=found.issuer, credential=found.credential, form=found.form)


def _named(document: dict[str, Any], form: str) -> Verification:
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return Verification(reason="", issuer=str(named), credential=str(document.get("id")), form=form)


def _object(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        raise InputInvalid("this is neither a JSON credential nor a VC-JWT") from None
    if not isinstance(document, dict):
        raise InputInvalid("a credential is a JSON object")
    return document


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different: with twins, two readers could see two contents."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
