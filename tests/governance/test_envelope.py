"""What we sign, others verify; what others sign, we verify; and nothing else."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey as SodiumKey
from nacl.signing import VerifyKey

from ml.errors import DataError, GateError
from ml.governance.signing.canonical import canonical
from ml.governance.signing.envelope import PAYLOAD_TYPE, open_sealed, payload_of, seal
from ml.governance.signing.keys import SigningKey, new_key
from ml.governance.signing.public_key import of_crypto, public_key
from ml.governance.signing.trust import Person, PersonKey, Role, Trust

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


def trusting(*lines: str) -> Trust:
    people = (
        Person(f"person {number}", frozenset({Role.AUTHOR}), False, (PersonKey(public_key(line)),))
        for number, line in enumerate(lines, start=1)
    )
    return Trust(tuple(people))


def pae(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding, by hand from its specification."""
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind.encode(), str(len(payload)).encode(), payload])


def by_sodium(seed: bytes, payload: bytes, kind: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """Return an envelope made by libsodium alone."""
    signature = SodiumKey(seed).sign(pae(kind, payload)).signature
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [{"keyid": openssh(seed)[1], "sig": base64.b64encode(signature).decode()}],
    }


def openssh(seed: bytes) -> tuple[str, str]:
    """Return the public line and key id of libsodium's key."""
    blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(SodiumKey(seed).verify_key)
    line = "ssh-ed25519 " + base64.b64encode(blob).decode()
    return line, public_key(line).keyid


@given(st.binary(max_size=300))
def test_libsodium_verifies_what_we_sign(payload: bytes):
    key = new_key()
    envelope = json.loads(json.dumps(seal(payload, key)))
    assert (envelope["payloadType"], base64.b64decode(envelope["payload"])) == (PAYLOAD_TYPE, payload)
    (signature,) = envelope["signatures"]
    sodium = VerifyKey(base64.b64decode(key.public.split()[1])[-32:])
    sodium.verify(pae(PAYLOAD_TYPE, payload), base64.b64decode(signature["sig"]))
    with pytest.raises(BadSignatureError):
        sodium.verify(pae(PAYLOAD_TYPE, payload + b"!"), base64.b64decode(signature["sig"]))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_we_verify_what_libsodium_signs(seed: bytes, payload: bytes):
    trust = trusting(new_key().public, openssh(seed)[0])
    assert open_sealed(by_sodium(seed, payload), trust, AT) == (payload, trust.people[1])


def test_the_envelope_is_not_touched_and_opens_twice():
    key = new_key()
    envelope = seal(b"words", key)
    before = copy.deepcopy(envelope)
    for _ in range(2):
        assert open_sealed(envelope, trusting(key.public), AT)[0] == payload_of(envelope) == b"words"
    assert envelope == before


Change = Callable[[dict[str, Any], SigningKey], object]


def _two_signatures(envelope: dict[str, Any], other: SigningKey) -> None:
    envelope["signatures"] += seal(b"words", other)["signatures"]


def _another_s_name(envelope: dict[str, Any], other: SigningKey) -> None:
    envelope["signatures"][0]["keyid"] = other.keyid


@pytest.mark.parametrize(("change", "words"), [
    (lambda e, o: e.update(payload=base64.b64encode(b"swords").decode()), "is not person 1's"),
    (lambda e, o: e["signatures"][0].update(sig=seal(b"other", o)["signatures"][0]["sig"]), "is not person 1's"),
    (lambda e, o: e["signatures"][0].update(sig=""), "is not person 1's"),
    (_another_s_name, "is not person 2's"),
    (lambda e, o: e["signatures"][0].update(keyid="f" * 64), "is nobody's in the trust file"),
    (lambda e, o: e["signatures"][0].update(keyid=""), "is nobody's in the trust file"),
    (lambda e, o: e.update(seal(b"words", new_key())), "is nobody's in the trust file"),
    (lambda e, o: e.update(payloadType="text/plain"), "holds 'text/plain'"),
    (_two_signatures, "one signature"),
    (lambda e, o: e.update(signatures=[]), "one signature"),
    (lambda e, o: e.update(signatures=e["signatures"] * 2), "one signature"),
    (lambda e, o: e.update(signatures="x"), "one signature"),
    (lambda e, o: e.update(signatures=None), "one signature"),
    (lambda e, o: e.pop("payload"), "one signature"),
    (lambda e, o: e.update(payload=7), "one signature"),
    (lambda e, o: e.update(extra=1), "more than it should"),
    (lambda e, o: e["signatures"][0].update(extra=1), "more than it should"),
    (lambda e, o: e["signatures"][0].update(keyid=[1]), "one signature"),
    (lambda e, o: e.update(payload="d29yZHM"), "Incorrect padding"),
    (lambda e, o: e.update(payload="d29yZHN="), "another way"),  # base64 that decodes to the same bytes
])  # fmt: skip
def test_an_altered_envelope_is_refused(change: Change, words: str):
    key, other = new_key(), new_key()
    envelope = seal(b"words", key)
    assert envelope["payload"] == "d29yZHM="
    change(envelope, other)
    with pytest.raises(GateError, match=words):
        open_sealed(envelope, trusting(key.public, other.public), AT)


def test_a_signature_over_another_type_is_not_taken_for_ours():
    envelope = by_sodium(b"s" * 32, b"words", "text/plain")
    envelope["payloadType"] = PAYLOAD_TYPE
    with pytest.raises(GateError, match="was altered"):
        open_sealed(envelope, trusting(openssh(b"s" * 32)[0]), AT)


def test_each_bit_of_the_signature_counts():
    """Also those that base64 has to spare, and S + L (RFC 8032, 5.1.7): nobody makes a second envelope of one."""
    key = new_key()
    envelope, trust = seal(b"words", key), trusting(key.public)
    text = envelope["signatures"][0]["sig"]
    spare = text[:-3] + chr(ord(text[-3]) + 1) + "=="  # A, Q, g or w before the padding
    assert base64.b64decode(spare) == base64.b64decode(text)
    raw = base64.b64decode(text)
    order = 2**252 + 27742317777372353535851937790883648493
    larger = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
    for changed in (spare, base64.b64encode(larger).decode()):
        with pytest.raises(GateError):
            open_sealed({**envelope, "signatures": [{"keyid": key.keyid, "sig": changed}]}, trust, AT)


def test_the_key_of_cryptography_is_the_key_of_libsodium():
    private = Ed25519PrivateKey.from_private_bytes(b"s" * 32).public_key()
    assert of_crypto(private).line == openssh(b"s" * 32)[0]
    assert private.public_bytes(Encoding.Raw, PublicFormat.Raw) == bytes(SodiumKey(b"s" * 32).verify_key)


# ---------------------------------------------------------------- canonical JSON

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
CONTENT = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), PLAIN, max_size=5)


def test_canonical_json_is_rfc_8785_s():
    """The RFC's examples (3.2.2 and 3.2.3), without fractions, which are refused here."""
    literals = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    assert canonical(literals) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    keys = ("€", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "ö")
    ordered = json.loads(canonical(dict.fromkeys(keys, 0)))
    assert list(ordered) == ["\r", "1", "\u0080", "ö", "€", "\U0001f600", "\ufb33"]


@given(CONTENT)
def test_canonical_json_reads_back_and_has_one_form(content: dict[str, Any]):
    text = canonical(content)
    assert json.loads(text) == content
    assert canonical(dict(reversed(content.items()))) == canonical(json.loads(text)) == text


@pytest.mark.parametrize("odd", [
    1.5, 1.0, float("nan"), 2**53, -(2**53), b"bytes", {1, 2}, datetime(2026, 1, 1, tzinfo=UTC), "\ud800", {1: "a"},
    {None: "a"}, {"\udfff": 1}, object(),
])  # fmt: skip
def test_what_has_no_single_form_is_not_signed(odd: Any):
    with pytest.raises(DataError, match="cannot be signed"):
        canonical({"deep": [{"down": odd}]})


def test_what_is_nested_too_deeply_is_not_signed():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(DataError, match="nested this deeply"):
        canonical({"deep": deep})
