"""Which addresses the provider and this service may have: https, or http on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def safe_address(address: str, *, loopback: bool = True) -> SplitResult:
    """Return the parts of an https address, or of an http one on this machine where `loopback` allows it.

    Raises ValueError with what is wrong, as it reads after "is".
    """
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        raise ValueError("no address: it holds characters that none has")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("no address") from None
    if not host or port == 0 or parts.username is not None or parts.password is not None:
        raise ValueError("no address of the form https://host/path")
    if parts.scheme == "https" or (parts.scheme == "http" and loopback and is_loopback(host)):
        return parts
    raise ValueError("not https; only a provider on this machine may do without")


def origin(address: str) -> str:
    """Return the origin of an address as browsers write it: scheme, host, and a port that is not the usual one."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = parts.port is None or parts.port == DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" if usual else f"{parts.scheme}://{host}:{parts.port}"
