"""Headers that every answer carries, so that a browser does nothing with it that nobody meant."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Cache-Control": "no-store",  # answers are about people; what is not says so itself
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}  # two years


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class SecurityHeaders:
    """Middleware: adds each security header that the answer does not set itself."""

    def __init__(self, app: ASGIApp, *, over_tls: bool) -> None:
        """Wrap an application; `over_tls`: browsers reach it by https."""
        self.app = app
        self._headers = raw(SECURITY_HEADERS | (OVER_TLS if over_tls else {}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; complete the headers on the way out."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                names = {name.lower() for name, _ in given}
                message["headers"] = [*given, *[each for each in self._headers if each[0] not in names]]
            await send(message)

        await self.app(scope, receive, completed)
