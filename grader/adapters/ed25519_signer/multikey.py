"""Public keys as Multikey text and as `did:key` (W3C CCG did-method-key; multicodec prefixes of the registry)."""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
_P256 = b"\x80\x24"
_LONGEST = 200
"""Characters of a multibase text worth decoding; ours are under 100."""


def multikey(key: Ed25519PublicKey | EllipticCurvePublicKey) -> str:
    """The key as `z...`."""
    match key:
        case Ed25519PublicKey():
            return encode(_ED25519 + key.public_bytes_raw())
        case _:
            return encode(_P256 + key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def public_key(text: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    """The inverse of `multikey`; ValueError when it is no key of these two kinds."""
    content = decode(text)
    if content.startswith(_ED25519):
        return Ed25519PublicKey.from_public_bytes(content[2:])
    if content.startswith(_P256):
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), content[2:])
    raise ValueError("neither an Ed25519 nor a P-256 key")


def encode(content: bytes) -> str:
    """Multibase base58-btc."""
    number, text = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "z" + "1" * (len(content) - len(content.lstrip(b"\0"))) + text


def decode(text: str) -> bytes:
    """The inverse of `encode`; ValueError when it is no such text."""
    if not text.startswith("z") or len(text) > _LONGEST:
        raise ValueError("not multibase base58-btc")
    number = 0
    for character in text[1:]:
        digit = _ALPHABET.find(character)
        if digit < 0:
            raise ValueError(f"{character!r} is not base58")
        number = number * 58 + digit
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
