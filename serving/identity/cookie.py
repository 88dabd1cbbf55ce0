"""A cookie that only this service reads, and that no script does."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cookie:
    """A cookie to be set; its repr holds no value.

    lasts_seconds  0 takes it away
    secure         over https alone; without it only on this machine
    """

    name: str
    value: str = field(repr=False)
    lasts_seconds: int
    secure: bool

    def header(self) -> str:
        """Return the value of the header Set-Cookie."""
        end = "; Secure" if self.secure else ""
        return f"{self.name}={self.value}; Max-Age={self.lasts_seconds}; Path=/; HttpOnly; SameSite=Lax{end}"


def cookie_name(name: str, secure: bool) -> str:
    """Return how a cookie is called: over https so that no other host, nor a page without TLS, can have set it."""
    return f"__Host-apualy-{name}" if secure else f"apualy-{name}"
