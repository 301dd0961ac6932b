"""Embedded proofs: `DataIntegrityProof`, cryptosuite `eddsa-rdfc-2022` (W3C, Data Integrity EdDSA Cryptosuites 1.0).

Canonical RDF is made from the vendored contexts only; there is no loader that could reach a network.
"""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyld import jsonld

from grader.adapters.ed25519_signer import multikey
from grader.domain.credential import CONTEXTS

SUITE = "eddsa-rdfc-2022"
_VENDORED = dict(zip(CONTEXTS, ("credentials-v2.json", "open-badges-3.0.3.json"), strict=True))


def sign(document: dict[str, Any], key: Ed25519PrivateKey, method: str, created: str) -> dict[str, Any]:
    """The document with its proof, in a list as the published schema of Open Badges 3.0 wants it.

    `method` is the address of the public key, `created` an ISO time.
    """
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    value = multikey.encode(key.sign(_hash(document, proof)))
    return {**document, "proof": [{**proof, "proofValue": value}]}


def proof_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """The one proof, in a list or not; None when there is none, or more than one."""
    match document.get("proof"):
        case [dict(proof)] | dict(proof):
            return dict(proof)
        case _:
            return None


def verifies(document: dict[str, Any], key: Ed25519PublicKey) -> bool:
    """Whether the document's proof is that key's over exactly this content."""
    proof = proof_of(document) or {}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    try:
        signature = multikey.decode(str(proof.pop("proofValue", "")))
        key.verify(signature, _hash(unsigned, proof))
    except (InvalidSignature, ValueError, jsonld.JsonLdError):
        return False
    return True


def _hash(document: dict[str, Any], proof: dict[str, Any]) -> bytes:
    options = _canonical({"@context": document.get("@context"), **proof})
    return hashlib.sha256(options).digest() + hashlib.sha256(_canonical(document)).digest()


def _canonical(document: dict[str, Any]) -> bytes:
    """N-Quads by RDFC-1.0; ValueError for a word that no context defines, because it would go unsigned."""
    loading = {"documentLoader": _load}
    expanded = jsonld.JsonLdProcessor(on_property_dropped=_undefined).expand(document, loading)
    _check_absolute(expanded)
    quads: str = jsonld.normalize(
        expanded, {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    )
    return quads.encode()


def _undefined(name: str | None) -> None:
    raise ValueError(f"no context defines {name!r}")


def _check_absolute(value: object) -> None:
    """Ids and types that are no absolute IRIs would be left out of the RDF, and so be unsigned."""
    match value:
        case list():
            for item in value:
                _check_absolute(item)
        case dict():
            for name in _iris(value):
                if ":" not in name:
                    _undefined(name)
            for key, item in value.items():
                if not key.startswith("@") or key == "@graph":
                    _check_absolute(item)


def _iris(node: dict[str, Any]) -> list[str]:
    types = node.get("@type", [])
    ids = [node["@id"]] if "@id" in node else []
    return [str(name) for name in (*ids, *(types if isinstance(types, list) else [types]))]


def _load(url: str, _options: dict[str, Any] | None = None) -> dict[str, Any]:
    if url not in _VENDORED:
        raise jsonld.JsonLdError(f"context {url} is not vendored", "jsonld.LoadDocumentError")
    return {"contextUrl": None, "documentUrl": url, "document": _context(url), "contentType": "application/ld+json"}


@cache
def _context(url: str) -> dict[str, Any]:
    text = (files("grader.adapters.ed25519_signer") / "contexts" / _VENDORED[url]).read_text("utf-8")
    context: dict[str, Any] = json.loads(text)
    return context
