"""The address that a server listens on."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from ml.errors import UsageError
from serving.run import listen


def test_an_address_that_is_taken_is_the_command_lines_fault() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"cannot listen on 127\.0\.0\.1 port {port}"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_listens_on_loopback(host: str) -> None:
    with closing(listen(host, 0)) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    with closing(listen("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
