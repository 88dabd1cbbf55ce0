"""Requests that two programs could read differently, byte by byte against a real server: answered or cut, never two."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from serving.store.database import Database
from serving.store.schema import upgrade

from ...conftest import copy_home
from ..test_serving.servers import Server, running

SECONDS = 15  # the server lets go of half a request after ten
QUIET_SECONDS = 2


@pytest.fixture(scope="module")
def server(approved_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = copy_home(approved_home, tmp_path_factory.mktemp("raw") / "home")
    database = Database(f"sqlite:///{home / 'service.db'}")
    upgrade(database)
    database.close()
    with running(home) as server:
        yield server


@pytest.fixture
def send(server: Server) -> Callable[[bytes], list[int]]:
    """Return what sends bytes and returns the statuses that come back until the server closes or is quiet."""
    host, _, port = server.address.removeprefix("http://").rpartition(":")

    def sent(raw: bytes) -> list[int]:
        received = b""
        with closing(socket.create_connection((host, int(port)), timeout=SECONDS)) as connection:
            try:
                connection.sendall(raw)
                while part := connection.recv(65536):
                    received += part
                    connection.settimeout(QUIET_SECONDS)
            except TimeoutError:
                assert received, "neither an answer nor an end"
            except OSError:
                pass  # cut off: fair enough
        assert b"SMUGGLED" not in received
        return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]

    return sent


HIDDEN = b"GET /healthz?SMUGGLED HTTP/1.1\r\nHost: x\r\n\r\n"


def post(headers: bytes, body: bytes = b"") -> bytes:
    head = b"POST /v1/stops HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head + headers + b"\r\n" + body


def test_one_request_has_one_answer(send: Callable[[bytes], list[int]]) -> None:
    assert send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == [200]
    assert send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2) == [200, 200]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN), id="CL.TE"),
        pytest.param(post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                          b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"), id="TE.CL"),
        pytest.param(post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(HIDDEN), HIDDEN), id="two lengths"),
        pytest.param(post(b"Content-Length: 0, %d\r\n" % len(HIDDEN), HIDDEN), id="a list of lengths"),
        pytest.param(post(b"Content-Length: -1\r\n", HIDDEN), id="less than nothing"),
        pytest.param(post(b"Content-Length: +0\r\n", HIDDEN), id="plus nothing"),
        pytest.param(post(b"Content-Length: 0x0\r\n", HIDDEN), id="hexadecimal"),
        pytest.param(post(b"Content-Length: 99999999999999999999\r\n", b"x"), id="longer than anything"),
        pytest.param(post(b"Content-Length : 0\r\n", HIDDEN), id="blank before the colon"),
        pytest.param(post(b"Transfer-Encoding: xchunked\r\n", HIDDEN), id="almost chunked"),
        pytest.param(post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n" + HIDDEN), id="chunked, then not"),
        pytest.param(post(b"Transfer-Encoding: chunked\r\n", b"-1\r\n" + HIDDEN), id="a chunk of less than nothing"),
        pytest.param(post(b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\nx"), id="a chunk without end"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n" + HIDDEN, id="a folded header"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n" + HIDDEN, id="a null in a header"),
        pytest.param(b"GET /healthz HTTP/1.1\nHost: x\n\n" + HIDDEN, id="bare line ends"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n" + HIDDEN, id="a header without name"),
        pytest.param(b"GET /healthz  HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN, id="two blanks"),
        pytest.param(b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n" + HIDDEN, id="another version"),
        pytest.param(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a long address"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"\r\n" * 1000, id="nothing but line ends"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_refused_or_cut(raw: bytes, send: Callable[[bytes], list[int]]) -> None:
    """The statuses of a fault, or of a refusal, then the end; where all is answered, it is as HTTP/1.1 reads it."""
    statuses = send(raw)
    assert 500 not in statuses
    assert len(statuses) <= 2
    if len(statuses) == 2:  # read as two requests on one connection, which they then are to every reader
        assert raw.endswith(HIDDEN)
        assert statuses[1] == 200


@pytest.mark.parametrize(
    "raw",
    [
        post(b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN),
        post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(HIDDEN), HIDDEN),
        post(b"Content-Length: 0, %d\r\n" % len(HIDDEN), HIDDEN),
        post(b"Transfer-Encoding: xchunked\r\n", HIDDEN),
    ],
)
def test_two_ways_to_tell_where_it_ends_are_one_too_many(raw: bytes, send: Callable[[bytes], list[int]]) -> None:
    """RFC 9112, 6.3: whoever sends both lets somebody in between read it otherwise."""
    assert send(raw) in ([], [400], [401])


def test_it_goes_on_answering(server: Server) -> None:
    assert server.alone(None, "GET", "/healthz").status_code == 200
    assert "Traceback" not in server.err.read_text(encoding="utf-8")
    assert "SMUGGLED" not in server.err.read_text(encoding="utf-8")
