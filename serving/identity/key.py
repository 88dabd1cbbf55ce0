"""The provider's public keys, each for one algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")  # never a shared secret, never none
SMALLEST_RSA_BITS = 2048
LARGEST_RSA_BITS = 8192
LONGEST_KID = 256
PUBLIC = ("kid", "kty", "crv", "n", "e", "x", "y")  # what else a provider may publish of a key is left aside


def keys_of(jwk: Mapping[str, Any]) -> list[PyJWK]:
    """Return a key for each algorithm that a JSON Web Key (RFC 7517) may verify here; none when it is no such key.

    The key's type says which algorithms these are; its own `alg` may narrow that, and nothing widens it.
    """
    kid, use, operations = jwk.get("kid"), jwk.get("use", "sig"), jwk.get("key_ops", ["verify"])
    named = kid is None or (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID)
    if not named or use != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return []
    public = {name: jwk[name] for name in PUBLIC if name in jwk}
    try:
        keys = [PyJWK(public, name) for name in _algorithms(jwk) if jwk.get("alg", name) == name]
    except PyJWTError:  # numbers that are no key
        return []
    return [key for key in keys if _large_enough(key)]


def _algorithms(jwk: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a key of this type verifies; PyJWK itself would take a key of any curve for ES256."""
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", _:
            return "RS256", "PS256"
        case "EC", "P-256":
            return ("ES256",)
        case "OKP", "Ed25519":
            return ("EdDSA",)
    return ()


def _large_enough(key: PyJWK) -> bool:
    return not isinstance(key.key, RSAPublicKey) or SMALLEST_RSA_BITS <= key.key.key_size <= LARGEST_RSA_BITS
