"""What the provider publishes about itself (OpenID Connect Discovery): its addresses, and its keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK

from ml.errors import UnavailableError

from .address import is_loopback, safe_address
from .fetch import get_object
from .key import keys_of

DISCOVERY = "/.well-known/openid-configuration"
LARGEST_DOCUMENT = 64 * 1024  # bytes
LARGEST_KEYS = 256 * 1024


@dataclass(frozen=True)
class Published:
    """What the provider said, at one time.

    keys      those that may verify something here
    version   changes whenever the keys do
    end_session_endpoint  None: the provider has no sign-out
    secret_in_body  whether it takes a client's secret in the form alone
    """

    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None
    secret_in_body: bool
    keys: tuple[PyJWK, ...]
    version: str

    def key(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """Return the one key of a name that verifies an algorithm; of no name, the only one of all.

        None: there is no such key, or several.
        """
        able = [key for key in self.keys if key.algorithm_name == algorithm]
        fitting = [key for key in able if kid is None or kid == key.key_id]
        return fitting[0] if len(fitting) == 1 else None


def ask(issuer: str) -> Published:
    """Return what the provider says now. Raises UnavailableError with the reason, as it reads after "the provider"."""
    document = get_object(issuer.rstrip("/") + DISCOVERY, LARGEST_DOCUMENT)
    if document.get("issuer") != issuer:
        raise UnavailableError("names another issuer than the one that is configured")
    loopback = is_loopback(safe_address(issuer).hostname or "")
    jwks = _jwks(get_object(_address(document, "jwks_uri", loopback), LARGEST_KEYS))
    keys = tuple(key for jwk in jwks for key in keys_of(jwk))
    if not keys:
        raise UnavailableError("publishes no key that can be used here (RSA of 2048 bits, P-256 or Ed25519)")
    ends = document.get("end_session_endpoint") is not None
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Published(
        _address(document, "authorization_endpoint", loopback),
        _address(document, "token_endpoint", loopback),
        _address(document, "end_session_endpoint", loopback) if ends else None,
        isinstance(methods, list) and "client_secret_basic" not in methods,
        keys,
        _version(keys),
    )


def _version(keys: Sequence[PyJWK]) -> str:
    known = sorted(f"{key.Algorithm.to_jwk(key.key)} {key.algorithm_name} {key.key_id}" for key in keys)
    return hashlib.sha256("\n".join(known).encode()).hexdigest()


def _jwks(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("keys")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _address(document: Mapping[str, Any], name: str, loopback: bool) -> str:
    """Return one of the provider's addresses; http only where the provider itself is on this machine."""
    found = document.get(name)
    if not isinstance(found, str):
        raise UnavailableError(f"does not say its {name}")
    try:
        safe_address(found, loopback=loopback)
    except ValueError as problem:
        raise UnavailableError(f"gives a {name} that is {problem}") from None
    return found
