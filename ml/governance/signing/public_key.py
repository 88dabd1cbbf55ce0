"""A person's public key: an OpenSSH line, and what it verifies."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]

from ml.errors import ContractError

KIND = "ssh-ed25519"
_P = 2**255 - 19
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
# y of the points of small order, in each form that decodes to it: with such a "key" anybody can sign anything.
_SMALL_ORDER = {0, 1, _P - 1, _P, _P + 1, _ORDER_8, _P - _ORDER_8}


@dataclass(frozen=True)
class PublicKey:
    """A public Ed25519 key.

    line      as OpenSSH writes it: "ssh-ed25519 AAAA…"
    keyid     as securesystemslib computes it; a signature carries it
    verifier  the same key for securesystemslib
    """

    line: str
    keyid: str
    verifier: SSlibKey = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """Return the key's fingerprint as `ssh-keygen -l` shows it."""
        digest = hashlib.sha256(base64.b64decode(self.line.split()[1])).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def public_key(line: str) -> PublicKey:
    """Return the key of an OpenSSH line; a comment at its end does not matter. Raises ContractError."""
    try:
        key = load_ssh_public_key(line.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ContractError(f'{line[:40]!r} is not a public key like "{KIND} AAAA…"') from None
    if not isinstance(key, Ed25519PublicKey) or line.split()[0] != KIND:
        raise ContractError(f"{line[:40]!r} is not an Ed25519 key; apualy keys new makes one")
    return of_crypto(key)


def of_crypto(key: Ed25519PublicKey) -> PublicKey:
    """Return cryptography's key as ours. Raises ContractError for a key with which anybody could sign."""
    if int.from_bytes(key.public_bytes_raw(), "little") % 2**255 in _SMALL_ORDER:  # without the sign of x
        raise ContractError("a key with which anybody can sign is no key; apualy keys new makes one")
    verifier = SSlibKey.from_crypto(key)
    return PublicKey(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), verifier.keyid, verifier)
