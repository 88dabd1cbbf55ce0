"""The real server in a process of its own, over a demonstration's home."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..functional.test_serving.servers import wait_for
from .demo_home import REPO, environment

WORKERS = 2


@dataclass(frozen=True)
class Served:
    """A server that greeted: where browsers find it, and the tokens of its people for programs."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def tokens(self) -> dict[str, str]:
        """Return the token of each person of the demonstration, by name."""
        held = json.loads((self.home / "demo_tokens.json").read_text(encoding="utf-8"))
        return {name: each["token"] for name, each in held.items()}

    @property
    def log(self) -> str:
        """Return all that it logged."""
        return (self.home / "err").read_text(encoding="utf-8")


@contextmanager
def served(home: Path, *argv: str, **environ: str) -> Iterator[Served]:
    """Yield a server with two workers on a free port of loopback; it is ended at the end."""
    command = [sys.executable, "-m", "apualy", "serve", "--port", "0", "--workers", str(WORKERS), *argv]
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO), **environment(home), **environ}
    with (home / "out").open("wb") as out, (home / "err").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=told, cwd=home, start_new_session=True)
    try:
        yield Served(wait_for(lambda: _greeted(process, home)), home, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _greeted(process: subprocess.Popen[bytes], home: Path) -> str | None:
    assert process.poll() is None, (home / "err").read_text(encoding="utf-8")
    found = re.search(r"http://127\.0\.0\.1:\d+", (home / "out").read_text(encoding="utf-8"))
    return None if found is None else found[0]
