"""What is said, sealed by who says it: a DSSE envelope (Dead Simple Signing Envelope, v1) with one signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError

from ml.errors import GateError

from .canonical import canonical as canonical  # what is sealed is written so
from .keys import SigningKey
from .trust import Person, PersonKey, Trust

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def seal(payload: bytes, key: SigningKey) -> dict[str, Any]:
    """Return an envelope with the payload, signed with the key."""
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    envelope.sign(key.signer())
    return dict(envelope.to_dict())


def open_sealed(envelope: Mapping[str, Any], trust: Trust, at: datetime) -> tuple[bytes, Person]:
    """Return what is said and by whom: the signature verified with the key that it names, trusted at that time.

    The time is the one that the payload says. Raises GateError.
    """
    parsed = _parsed(envelope)
    (keyid,) = parsed.signatures
    person = trust.signer(keyid, at)
    _require_signed(parsed, person, trust.holder(keyid)[1])
    return parsed.payload, person


def signed_by(envelope: Mapping[str, Any], trust: Trust, at: datetime) -> Person | None:
    """Return who signed an envelope, None where their key did not sign any more, or not yet, at that time.

    Raises GateError when the signature does not hold, or the key is nobody's.
    """
    parsed = _parsed(envelope)
    (keyid,) = parsed.signatures
    person, key = trust.holder(keyid)
    _require_signed(parsed, person, key)
    return person if key.signs_on(at.astimezone(UTC).date()) else None


def _require_signed(parsed: Envelope, person: Person, key: PersonKey) -> None:
    try:
        parsed.verify([key.public.verifier], threshold=1)
    except VerificationError:
        raise GateError(f"the signature is not {person.name}'s: what they signed was altered") from None


def payload_of(envelope: Mapping[str, Any]) -> bytes:
    """Return what an envelope says, before anybody has verified who says it. Raises GateError on another form."""
    return _parsed(envelope).payload


def _parsed(envelope: Mapping[str, Any]) -> Envelope:
    """Return an envelope that has the one form that we write: each byte of it counts. Raises GateError."""
    try:
        (signature,) = envelope["signatures"]
        copy = {**envelope, "signatures": [dict(signature)]}  # securesystemslib takes its argument apart
        parsed = Envelope.from_dict(copy)
        if set(signature) != {"keyid", "sig"} or parsed.to_dict() != dict(envelope):
            raise ValueError("it says more than it should, or says it in another way")
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise GateError(f"this is not an envelope with one signature ({problem})") from None
    if parsed.payload_type != PAYLOAD_TYPE:
        raise GateError(f"the envelope holds {parsed.payload_type!r}, not {PAYLOAD_TYPE}")
    return parsed
