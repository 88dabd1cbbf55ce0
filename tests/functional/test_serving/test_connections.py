"""What somebody does with a connection who does not ask properly: slowly, endlessly, unreadably, too often."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from serving.http.protocol import BEYOND, LARGEST_HEAD, WHOLE_REQUEST_SECONDS
from serving.worker import OTHER_FILES

from .servers import Json, Server, limited, running, wait_for


def connected(server: Server) -> socket.socket:
    host, _, port = server.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def rest(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def problem_in(answer: bytes, status: int) -> Json:
    """Return the problem that the bytes of an answer must be."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"content-type: application/problem+json" in head.lower()
    assert b"connection: close" in head.lower()
    found: Json = json.loads(body)
    assert found["status"] == status
    return found


BEGUN = {
    "a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "a body": b"POST /v1/judgements HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
}


Waited = Mapping[str, tuple[bytes, float]]


def byte_by_byte(connection: socket.socket) -> bytes:
    """Send a head that does not end, and return what comes meanwhile."""
    connection.settimeout(0.5)
    received, head = b"", b"GET /healthz HTTP/1.1\r\nX: "
    end = time.monotonic() + WHOLE_REQUEST_SECONDS + 5
    while not received and time.monotonic() < end:
        connection.sendall(head)
        head = b"x"
        with suppress(TimeoutError):
            received = connection.recv(65536)
    return received


def a_second(connection: socket.socket) -> bytes:
    """Begin to ask once more, and return what comes."""
    connection.sendall(BEGUN["a head"])
    return rest(connection)


def a_first(connection: socket.socket) -> None:
    """Ask, be answered, and do nothing for a second."""
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    received = b""
    while not received.endswith(b"}"):
        received += connection.recv(65536)
    assert received.startswith(b"HTTP/1.1 200")
    time.sleep(1)


@pytest.fixture(scope="module")
def waited(shared: Server) -> Waited:
    """Return what each who is slow is answered, and after how many seconds; they are so at the same time."""

    def wait(slow: Callable[[socket.socket], bytes], before: Callable[[socket.socket], None] | None) -> Any:
        with closing(connected(shared)) as connection:
            if before is not None:
                before(connection)
            began = time.monotonic()
            return slow(connection), time.monotonic() - began

    slow = {"nothing": (rest, None), "byte by byte": (byte_by_byte, None), "a second": (a_second, a_first)}
    with ThreadPoolExecutor(len(slow)) as everybody:
        waiting = {name: everybody.submit(wait, *each) for name, each in slow.items()}
        return {name: each.result() for name, each in waiting.items()}


def test_who_sends_nothing_is_let_go(waited: Waited) -> None:
    answer, seconds = waited["nothing"]
    assert answer == b""
    assert WHOLE_REQUEST_SECONDS - 1 < seconds < WHOLE_REQUEST_SECONDS + 5


def test_who_sends_a_head_byte_by_byte_is_told(waited: Waited) -> None:
    answer, seconds = waited["byte by byte"]
    assert "within 10 seconds" in problem_in(answer, 408)["detail"]
    assert seconds < WHOLE_REQUEST_SECONDS + 3


def test_who_begins_a_second_request_on_a_connection_has_as_long_for_it(waited: Waited) -> None:
    answer, seconds = waited["a second"]
    problem_in(answer, 408)
    assert WHOLE_REQUEST_SECONDS - 1 < seconds < WHOLE_REQUEST_SECONDS + 5


def test_who_does_not_send_the_body_is_told_too(own_home: Path) -> None:
    with running(own_home) as server, closing(connected(server)) as connection:
        token = server.tokens["demo-caseworker"].encode()
        connection.sendall(BEGUN["a body"].replace(b"Host: x", b"Host: x\r\nAuthorization: Bearer " + token))
        problem_in(rest(connection), 408)
        wait_for(lambda: server.metrics()["apualy_requests_in_progress"] == 1)  # nobody waits for the rest any more
        assert [line["status"] for line in server.events("request")] == [499]


def test_a_head_without_end(shared: Server) -> None:
    with closing(connected(shared)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(64):
                connection.sendall(b"x" * (LARGEST_HEAD // 16))
        with suppress(ConnectionResetError):  # it was closed while we still sent
            problem_in(rest(connection), 431)
    assert shared.ask(None, "GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request(shared: Server, sent: bytes) -> None:
    with closing(connected(shared)) as connection:
        connection.sendall(sent)
        found = rest(connection)
    assert found.startswith(b"HTTP/1.1 4")
    assert b"application/problem+json" in found
    assert shared.ask(None, "GET", "/healthz").status_code == 200


def test_two_requests_at_once_on_one_connection(shared: Server) -> None:
    with closing(connected(shared)) as connection:
        connection.sendall(2 * b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /zz HTTP/1.0\r\n\r\n")
        found = rest(connection)
    assert found.count(b"HTTP/1.1 200") == 2
    assert found.count(b"HTTP/1.1 404") == 1


FILES = OTHER_FILES + 20


FEW_FILES = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))"


def test_one_connection_too_many_is_told_so(own_home: Path) -> None:
    with running(own_home, program=limited(FEW_FILES)) as server, ExitStack() as held:
        idle = [held.enter_context(closing(connected(server))) for _ in range(20)]
        wait_for(lambda: _refused(server))
        with closing(connected(server)) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = rest(connection)
        assert problem_in(answer, 503)["type"] == "urn:apualy:too-many-connections"
        assert b"retry-after: 5" in answer.lower()
        more = [held.enter_context(closing(connected(server))) for _ in range(BEYOND + 10)]
        assert more[-1].recv(1) == b""  # dropped at once
        for each in idle:
            each.close()
        wait_for(lambda: not _refused(server), seconds=30)


def _refused(server: Server) -> bool:
    with closing(connected(server)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        try:
            return not rest(connection).startswith(b"HTTP/1.1 200")
        except ConnectionResetError:
            return True
