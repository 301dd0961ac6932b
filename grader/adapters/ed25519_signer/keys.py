"""The issuer's two private keys as files that only their owner can read; they are never printed."""

import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from grader.errors import InputInvalid, SettingsInvalid

PRIVATE = 0o600
_NAMES = ("ed25519.pem", "p256.pem")


class KeyFiles:
    """`ed25519.pem` for embedded proofs and `p256.pem` for VC-JWT, in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keys in `folder`; it need not exist yet."""
        self.folder = folder

    def make(self) -> None:
        """Make both keys; raises InputInvalid when there are some already."""
        if any((self.folder / name).exists() for name in _NAMES):
            raise InputInvalid(f"{self.folder} has keys already; `grader credential key new --replace` sets them aside")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(self.folder / _NAMES[0], Ed25519PrivateKey.generate().private_bytes(*form))
        _write(self.folder / _NAMES[1], generate_private_key(SECP256R1()).private_bytes(*form))

    def set_aside(self) -> None:
        """Rename the keys there are, so that new ones can be made; what they signed stays valid."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for name in _NAMES:
            if (self.folder / name).exists():
                (self.folder / name).rename(self.folder / f"{stamp}-{name}")

    def ed25519(self) -> Ed25519PrivateKey:
        """The key of embedded proofs; raises SettingsInvalid."""
        key = self._load(_NAMES[0])
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsInvalid(f"{self.folder / _NAMES[0]} holds no Ed25519 key")
        return key

    def p256(self) -> EllipticCurvePrivateKey:
        """The key of VC-JWT; raises SettingsInvalid."""
        key = self._load(_NAMES[1])
        if not isinstance(key, EllipticCurvePrivateKey) or key.curve.name != SECP256R1.name:
            raise SettingsInvalid(f"{self.folder / _NAMES[1]} holds no P-256 key")
        return key

    def _load(self, name: str) -> object:
        file = self.folder / name
        try:
            mode, content = file.stat().st_mode & 0o777, file.read_bytes()
        except FileNotFoundError:
            raise SettingsInvalid(f"there is no key {file}; `grader credential key new` makes one") from None
        except OSError as error:
            raise SettingsInvalid(f"the key {file} cannot be read: {error.strerror}") from None
        if mode & 0o077:
            raise SettingsInvalid(f"the key {file} can be read by others (mode {mode:o}); make new ones")
        try:
            return load_pem_private_key(content, password=None)
        except (ValueError, TypeError):
            raise SettingsInvalid(f"{file} is no private key in PEM form") from None


def _write(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
