"""One question to the provider: answered within seconds and within a size, or not at all. Follows no redirect.

On http.client: a timeout of httpx begins anew with every byte too, so that it would want an event loop around each
question, and it does not pass on why nothing was reached.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from ml.errors import UnavailableError

from .strict_json import read_object

SECONDS = 3.0  # for all of one answer, and before that for the connection


def get_object(address: str, limit_bytes: int) -> dict[str, Any]:
    """Return the JSON object at an address.

    Raises UnavailableError with the reason, as it reads after "the provider".
    """
    status, body = _exchange("GET", address, None, {}, limit_bytes)
    if status != http.client.OK:
        raise UnavailableError(f"answers {status} (redirects are not followed)")
    return _object(body)


def post_form(
    address: str, form: Mapping[str, str], headers: Mapping[str, str], limit_bytes: int
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON object of what is answered to a form. Raises UnavailableError as `get_object` does."""
    body = urlencode(form).encode("ascii")
    headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    status, answer = _exchange("POST", address, body, headers, limit_bytes)
    if status >= http.client.INTERNAL_SERVER_ERROR:
        raise UnavailableError(f"answers {status}")
    return status, _object(answer)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return read_object(body)
    except ValueError:
        raise UnavailableError("answers with something that is no JSON object") from None


def _exchange(
    method: str, address: str, body: bytes | None, headers: Mapping[str, str], limit_bytes: int
) -> tuple[int, bytes]:
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_connection(parts.scheme, parts.hostname or "", parts.port)) as connection:
            connection.connect()
            with _deadline(connection.sock) as passed:
                connection.request(method, target, body, {"Accept": "application/json", **headers})
                with closing(connection.getresponse()) as answer:
                    read = answer.read(limit_bytes + 1)
    except TimeoutError:
        raise UnavailableError(f"does not answer within {SECONDS:.0f} seconds") from None
    except (OSError, http.client.HTTPException, UnicodeError) as problem:
        raise UnavailableError(f"cannot be reached or breaks off ({_why(problem)})") from None
    if passed.is_set():
        raise UnavailableError(f"does not answer within {SECONDS:.0f} seconds")
    if len(read) > limit_bytes:
        raise UnavailableError(f"answers with more than {limit_bytes // 1024} KiB")
    if answer.length:  # of what it announced; http.client itself takes less for all
        raise UnavailableError("cannot be reached or breaks off (in the middle of an answer)")
    return answer.status, read


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=SECONDS)


@contextmanager
def _deadline(connected: socket.socket) -> Iterator[threading.Event]:
    """Break a connection off when the time is over: a timeout of a socket begins anew with every byte."""
    passed = threading.Event()

    def break_off() -> None:
        passed.set()
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)  # of the socket itself, also under TLS

    timer = threading.Timer(SECONDS, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()


def _why(problem: Exception) -> str:
    """Return the kind of a problem; its words may hold what the other side sent."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"certificate: {problem.verify_message}"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return type(problem).__name__
