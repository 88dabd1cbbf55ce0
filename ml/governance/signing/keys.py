"""A person's key pair: made here, kept in an encrypted file that OpenSSH's tools read too."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_ssh_private_key
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]

from ml.errors import UsageError

from .private_file import read_private, write_new
from .public_key import PublicKey, of_crypto

SHORTEST_PASSPHRASE = 12  # characters
KDF_ROUNDS = 32  # of bcrypt-pbkdf: 0.2 s a guess; ssh-keygen takes 16 or 24
_FIRST_LINE = b"-----BEGIN OPENSSH PRIVATE KEY-----"


@dataclass(frozen=True, eq=False)
class SigningKey:
    """A person's key pair. The private part shows itself nowhere."""

    _private: Ed25519PrivateKey = field(repr=False)
    public_key: PublicKey

    @property
    def keyid(self) -> str:
        """Return what a signature names the key by."""
        return self.public_key.keyid

    @property
    def public(self) -> str:
        """Return the public part as OpenSSH writes it: "ssh-ed25519 AAAA…"."""
        return self.public_key.line

    def signer(self) -> CryptoSigner:
        """Return what signs an envelope with this key."""
        return CryptoSigner(self._private, self.public_key.verifier)


def new_key() -> SigningKey:
    """Return a new random key pair."""
    return _of(Ed25519PrivateKey.generate())


def write_key(key: SigningKey, path: Path, passphrase: bytes) -> None:
    """Write a key in OpenSSH's format, encrypted, for its owner alone. Raises UsageError; never overwrites."""
    require_passphrase(passphrase)
    how = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(KDF_ROUNDS).build(passphrase)
    write_new(path, key._private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, how))


def require_passphrase(passphrase: bytes) -> None:
    """Raise UsageError when a passphrase is too short to keep a key by."""
    if len(passphrase.decode(errors="replace").strip()) < SHORTEST_PASSPHRASE:
        raise UsageError(f"a passphrase has at least {SHORTEST_PASSPHRASE} characters; take four or five words")


def read_key(path: Path, passphrase: bytes) -> SigningKey:
    """Return the key in a file. Raises UsageError: nobody's, everybody's, another sort's, another passphrase's."""
    content = read_private(path, "the signing key")
    if not content.startswith(_FIRST_LINE):
        raise UsageError(f"{path}: is not a private key in OpenSSH's format; apualy keys new makes one")
    try:
        private = load_ssh_private_key(content, passphrase or b"\0")  # an empty one would be taken for none
    except TypeError:
        raise UsageError(f"{path}: the key has no passphrase; give it one with ssh-keygen -p -f {path}") from None
    except (ValueError, UnsupportedAlgorithm) as problem:
        wrong = "checksum" in str(problem)
        what = "the passphrase is wrong" if wrong else "the key is damaged; take it from your copy, or make a new one"
        raise UsageError(f"{path}: {what}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{path}: is not an Ed25519 key; apualy keys new makes one")
    return _of(private)


def _of(private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(private, of_crypto(private.public_key()))
