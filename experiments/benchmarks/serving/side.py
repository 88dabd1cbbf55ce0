"""One server of the comparison, started in a process of its own and stopped at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

PATIENCE_SECONDS = 90


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(command: Sequence[str], address: str, log: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a server once it answers at `address`, in any way; it and its children are gone afterwards."""
    with log.open("wb") as told:
        process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            command, stdout=told, stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, **environ}
        )
    try:
        _wait(process, address, log)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urlopen(address, timeout=1)  # noqa: S310 - an address of this machine
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer: {log.read_text(errors='replace')[-2000:]}")
