"""Ten thousand connections that somebody opens and leaves: others are answered meanwhile, and all is given back."""

from __future__ import annotations

import resource
import socket
import time
from pathlib import Path

from .servers import done, running, wait_for

MANY = 10_000


def memory_mib(pid: int) -> float:
    """Return how much memory a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError(pid)


def files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_ten_thousand_connections_opened_and_left(own_home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    left: list[socket.socket] = []
    try:
        with running(own_home) as server:
            judged = server.ready()
            (worker,) = server.workers()
            done(server.advise(judged))
            before, held = files(worker), memory_mib(worker)
            host, _, port = server.address.removeprefix("http://").partition(":")
            slowest = 0.0
            for number in range(MANY):
                left.append(socket.create_connection((host, int(port)), timeout=20))
                if number % 3 == 0:
                    left[-1].sendall(b"POST /v1/advice HTTP/1.1\r\nHost: x\r\n")
                if number % 500 == 0:
                    began = time.monotonic()
                    done(server.advise(judged))
                    slowest = max(slowest, time.monotonic() - began)
            assert slowest < 2
            done(server.advise(judged))
            grown = memory_mib(worker) - held
            wait_for(lambda: files(worker) <= before + 2, seconds=40)  # each had its ten seconds
            wait_for(lambda: server.metrics()["apualy_connections"] <= 2)
            done(server.advise(judged))
            assert grown < 400
            assert not [line for line in server.log() if line["level"] in {"error", "critical"}]
            assert server.stop() == 0
    finally:
        for each in left:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
