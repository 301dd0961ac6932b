"""Signs and verifies Open Badges: embedded `eddsa-rdfc-2022` proofs and VC-JWT ES256, issuer `did:key` or `did:web`."""

from grader.adapters.ed25519_signer.keys import KeyFiles
from grader.adapters.ed25519_signer.signer import KeySigner
from grader.adapters.ed25519_signer.verifier import Verification, verify

__all__ = ["KeyFiles", "KeySigner", "Verification", "verify"]
