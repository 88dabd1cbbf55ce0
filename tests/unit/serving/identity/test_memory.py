"""A token that was verified is known again, cheaply, and forgotten in time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from ml.errors import AccessError
from serving.identity.identity import Identity
from serving.identity.memory import Memory, Seen
from serving.identity.provider import Provider
from serving.identity.roles import Role
from serving.identity.settings import ProviderSettings

from .signing import Signer, jwk

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ADA = Identity("ada", "Ada", frozenset({Role.CASEWORKER}), None, NOON)
SEEN = Seen(ADA, NOON, "keys")
BEFORE = NOON - timedelta(seconds=1)


def test_until_it_expires() -> None:
    memory = Memory()
    memory.keep("token", SEEN)
    assert memory.find("token", BEFORE) == SEEN
    assert memory.find("tokem", BEFORE) is None
    assert memory.find("token", NOON) is None
    assert len(memory) == 0


def test_who_was_not_seen_for_longest_is_forgotten() -> None:
    memory = Memory(most=2)
    memory.keep("a", SEEN)
    memory.keep("b", SEEN)
    memory.find("a", BEFORE)
    memory.keep("c", SEEN)
    assert [memory.find(each, BEFORE) is not None for each in "abc"] == [True, False, True]


def test_tokens_are_not_kept() -> None:
    memory = Memory()
    memory.keep("a token of somebody", SEEN)
    assert len(memory) == 1
    assert "a token" not in repr(vars(memory))


def test_a_remembered_token_expires(settings: ProviderSettings, signer: Signer) -> None:
    now = datetime.now(UTC)
    at = [now]
    provider = Provider(settings, lambda: at[0])
    token = f"Bearer {signer.token(exp=int(now.timestamp()) + 10)}"
    provider.identify(token)
    at[0] = now + timedelta(seconds=68)
    provider.identify(token)
    at[0] = now + timedelta(seconds=71)
    with pytest.raises(AccessError, match="expired"):
        provider.identify(token)


def test_a_removed_key_takes_its_tokens_with_it(provider: Provider, signer: Signer, seconds: list[float]) -> None:
    token = f"Bearer {signer.token()}"
    provider.identify(token)
    signer.keys = [jwk("p256")]
    seconds[0] += 10
    with pytest.raises(AccessError):
        provider.identify(f"Bearer {signer.token('another rsa')}")  # whoever makes us ask
    with pytest.raises(AccessError, match="does not publish"):
        provider.identify(token)


def test_what_is_not_known_yet_is_not_asked_for(provider: Provider, signer: Signer, seconds: list[float]) -> None:
    """What runs between all requests may call `remembered`: it waits for nobody, also when the keys are too old."""
    token = f"Bearer {signer.token()}"
    assert provider.remembered(token) is None
    assert not signer.asked
    who = provider.identify(token)
    assert provider.remembered(token) == who
    asked = signer.asked.copy()
    seconds[0] += 24 * 3600
    assert provider.remembered(token) is None
    assert signer.asked == asked
    with pytest.raises(AccessError, match="send the header"):
        provider.remembered(None)


def test_the_second_look_takes_microseconds(provider: Provider, signer: Signer) -> None:
    token = f"Bearer {signer.token(groups=['some group of a large city'] * 20)}"
    provider.identify(token)

    def of_a_thousand() -> float:
        began = time.perf_counter()
        for _ in range(1000):
            provider.identify(token)
        return (time.perf_counter() - began) / 1000

    assert min(of_a_thousand() for _ in range(20)) < 20e-6
