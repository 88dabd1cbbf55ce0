"""What every test lives under: no global randomness, no way off loopback."""

from __future__ import annotations

import ipaddress
import random
import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def no_global_randomness() -> Iterator[None]:
    """Fail a test during which anyone seeds or draws from global random state."""
    before = (random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2])
    yield
    after = (random.getstate(), np.random.get_state()[1].tobytes(), np.random.get_state()[2])
    assert after == before, "global random state was touched: pass a numpy Generator or a seed"


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def nothing_leaves_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse connections and look-ups off loopback, also those whose refusal a library swallows."""
    attempts: list[str] = []

    def guarded(original: Any, address_of: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            address = address_of(*args, **kwargs)
            if not _is_local(address):
                attempts.append(str(address))
                raise OSError(f"tests stay on loopback: {address}")
            return original(*args, **kwargs)

        return call

    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", guarded(connect, lambda _, address: address))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex, lambda _, address: address))
    monkeypatch.setattr(socket, "getaddrinfo", guarded(look_up, lambda host, port, *a, **k: (host or "", port)))
    yield
    assert not attempts, f"something tried to leave loopback: {attempts}"
