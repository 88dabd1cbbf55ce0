"""How a client is named in the address of a page: a text that means something to one person of the staff alone.

Addresses stay in a browser's history and in the log of whatever stands in front: so neither an identity code nor a
pseudonym is ever in one. A handle is the pseudonym, encrypted with a key of this service and bound to who is signed
in (AES-SIV, RFC 5297: the same client has the same handle, so that a page can be found again).
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ml.errors import NotFoundError

from .page import Visit

LONGEST = 64
PURPOSE = b"apualy: handles of clients on pages"


def handle_of(visit: Visit, pseudonym: str) -> str:
    """Return the handle of a client for who is signed in: 43 characters that fit into an address."""
    sealed = _cipher(visit).encrypt(bytes.fromhex(pseudonym), [visit.who.subject.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def pseudonym_of(visit: Visit, handle: str) -> str:
    """Return the client of a handle. Raises NotFoundError where it is no handle of who is signed in."""
    try:
        sealed = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
        if len(handle) > LONGEST or len(sealed) != 2 * 16:
            raise ValueError
        return _cipher(visit).decrypt(sealed, [visit.who.subject.encode()]).hex()
    except (ValueError, binascii.Error, InvalidTag):
        raise NotFoundError("there is no such client here") from None


def _cipher(visit: Visit) -> AESSIV:
    return AESSIV(hashlib.sha512(PURPOSE + visit.service.page_secret).digest())
