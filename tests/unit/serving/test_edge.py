"""The edge: an identity code comes in, pseudonyms go on, and the code shows itself nowhere."""

from __future__ import annotations

import hashlib
import hmac
import traceback

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ml.errors import DataError, UsageError
from ml.pseudonym import MasterKey
from serving.edge import Edge, Pseudonyms
from serving.wire.clients import ClientName

SECRET = b"0123456789abcdef0123456789abcdef"
CODE = "131052-308T"
EDGE = Edge(MasterKey(SECRET))


def by_code(code: str = CODE) -> ClientName:
    return ClientName(identity_code=code)


def expected(purpose: str) -> str:
    """Return the pseudonym as its description says: HMAC-SHA-256 under a key by HKDF, cut to 128 bits."""
    key = HKDF(SHA256(), length=32, salt=None, info=f"apualy/pseudonym/v1/{purpose}".encode()).derive(SECRET)
    return hmac.new(key, CODE.encode(), hashlib.sha256).hexdigest()[:32]


def test_one_person_has_a_pseudonym_of_each_purpose() -> None:
    found = EDGE.pseudonyms(by_code())
    assert found == Pseudonyms(expected("advice"), expected("ltu-risk"), expected("service-need"))
    assert len({found.client, found.risk, found.needs}) == 3
    assert EDGE.client(by_code()) == found.client


@pytest.mark.parametrize("written", [CODE.lower(), f"  {CODE}\n", "131052-308t "])
def test_how_a_code_is_written_does_not_matter(written: str) -> None:
    assert EDGE.client(by_code(written)) == EDGE.client(by_code())


def test_a_pseudonym_stays_what_it_is_and_tells_of_no_cohort() -> None:
    named = ClientName(pseudonym="a" * 32)
    assert EDGE.client(named) == "a" * 32
    assert EDGE.pseudonyms(named) == Pseudonyms("a" * 32)
    assert Edge(None).client(named) == "a" * 32


@pytest.mark.parametrize("code", ["131052-308U", "131052-3080", "311352-308T", "131052308T", "", "x"])
def test_a_code_that_is_none_is_refused_and_not_shown(code: str) -> None:
    with pytest.raises(DataError) as refused:
        EDGE.client(by_code(code))
    assert not code or code not in str(refused.value)


def test_without_a_key_a_client_is_named_by_pseudonym() -> None:
    with pytest.raises(UsageError, match="name the client by pseudonym") as refused:
        Edge(None).client(by_code())
    assert "131052" not in "".join(traceback.format_exception(refused.value))


def test_neither_code_nor_key_shows_in_a_repr() -> None:
    assert "131052" not in repr(by_code())
    assert "0123456789abcdef" not in repr(EDGE)
