"""Which addresses the provider and this service may have: https, or http on this machine."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from ml.errors import ForbiddenError

DEFAULT_PORTS = {"https": 443, "http": 80}
HOST = re.compile(r"(?:\[([0-9a-f:]{2,39})\]|([0-9a-z.]{1,39}))(?::([0-9]{1,5}))?")
HIGHEST_PORT = 65535
ANOTHER_NAME = "this is a demonstration, for this machine only; open it as http://127.0.0.1 with the port of the server"


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def named_on_this_machine(host: str | None) -> str:
    """Return the http address that a browser asked, as its header Host names it.

    Raises ForbiddenError when that is no name of this machine: another site's name may have been made to lead here
    (DNS rebinding), and its pages would then be of one origin with ours.
    """
    named = HOST.fullmatch(host or "")
    if named is None or not is_loopback(named[1] or named[2]) or int(named[3] or 0) > HIGHEST_PORT:
        raise ForbiddenError(ANOTHER_NAME)
    return f"http://{host}"


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
