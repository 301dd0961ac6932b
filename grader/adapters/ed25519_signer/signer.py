"""The `Signer` port over key files."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import ECKey

from grader.adapters.ed25519_signer import data_integrity
from grader.adapters.ed25519_signer.keys import KeyFiles
from grader.adapters.ed25519_signer.multikey import multikey
from grader.ports import Signed

ALGORITHM = "ES256"


class KeySigner:
    """Signs as `did:key`, or as the `did:web` that the operator has set and whose document they publish."""

    def __init__(self, keys: KeyFiles, did_web: str = "") -> None:
        """With the keys of a folder; an empty `did_web` means that the keys speak for themselves."""
        self._keys = keys
        self._did_web = did_web

    def sign(self, unsigned: Callable[[str], dict[str, Any]]) -> Signed:
        """Both forms; with `did:key` each names the key that signed it as its issuer."""
        return Signed(document=self._embedded(unsigned), jwt=self._jwt(unsigned))

    def issuers(self) -> tuple[str, str]:
        """The issuers of the embedded proof and of the VC-JWT."""
        return self._did(self._keys.ed25519().public_key()), self._did(self._keys.p256().public_key())

    def did_document(self) -> dict[str, Any]:
        """What a `did:web` has to publish as its `did.json`."""
        did, methods = self.issuers()[0], []
        for key in (self._keys.ed25519().public_key(), self._keys.p256().public_key()):
            name = multikey(key)
            methods.append({"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": name})
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }

    def _embedded(self, unsigned: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
        key = self._keys.ed25519()
        did = self._did(key.public_key())
        document = unsigned(did)
        method = f"{did}#{multikey(key.public_key())}"
        return data_integrity.sign(document, key, method, created=str(document["validFrom"]))

    def _jwt(self, unsigned: Callable[[str], dict[str, Any]]) -> str:
        """A compact JWS; claims as Open Badges 3.0, section 8.2.4.1 maps them."""
        private = self._keys.p256()
        did = self._did(private.public_key())
        document = unsigned(did)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key = ECKey.import_key(pem)
        public = key.as_dict(private=False)
        header = {
            "alg": ALGORITHM,
            "typ": "JWT",
            "kid": f"{did}#{multikey(private.public_key())}",
            "jwk": {name: public[name] for name in ("kty", "crv", "x", "y")},
        }
        claims = {
            **document,
            "iss": did,
            "jti": document["id"],
            "sub": document["credentialSubject"]["id"],
            "nbf": int(datetime.fromisoformat(str(document["validFrom"])).timestamp()),
        }
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
        return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])

    def _did(self, key: Ed25519PublicKey | EllipticCurvePublicKey) -> str:
        return self._did_web or f"did:key:{multikey(key)}"
