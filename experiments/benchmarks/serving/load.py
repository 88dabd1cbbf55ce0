"""Load on an address: so many connections, each asking again as soon as it was answered, for some seconds.

wrk (Debian: `apt-get install wrk`) makes the load where it is at hand, for it takes least of the machine from the
server; otherwise asyncio in a process of its own does. Which one did is told with the figures.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

REPORT = """
done = function(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('\\n{"p50":%f,"p99":%f,"requests":%d,"seconds":%f,"failed":%d,"refused":%d}\\n',
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests, summary.duration / 1000000,
    failed, summary.errors.status))
end
"""


@dataclass(frozen=True)
class Question:
    """What is posted, again and again."""

    address: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Load:
    """What came of it: latencies in milliseconds; failed: no answer; refused: an answer other than 2xx or 3xx."""

    connections: int
    p50_ms: float
    p99_ms: float
    per_second: float
    requests: int
    failed: int
    refused: int


def generator() -> str:
    """Return what makes the load on this machine."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def load(question: Question, connections: int, seconds: float, *, warm: bool = True) -> Load:
    """Return how the address bore the load; `warm`: after a second of the same load that is not counted."""
    measure = _wrk if generator() == "wrk" else _asyncio
    if warm:
        measure(question, connections, 1.0)
    return measure(question, connections, seconds)


def _wrk(question: Question, connections: int, seconds: float) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        script, body = Path(folder, "question.lua"), Path(folder, "body")
        body.write_bytes(question.body)
        headers = "".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}\n" for k, v in question.headers.items())
        opened = (
            f'wrk.method = "POST"\nlocal file = io.open("{body}", "rb")\nwrk.body = file:read("*a")\nfile:close()\n'
        )
        script.write_text(opened + headers + REPORT, encoding="utf-8")
        how = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "120s", "-s", str(script)]
        command = [shutil.which("wrk") or "wrk", *how, question.address]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - no shell
    said = json.loads(ran.stdout.strip().splitlines()[-1])
    per_second = said["requests"] / said["seconds"]
    return Load(connections, said["p50"], said["p99"], per_second, said["requests"], said["failed"], said["refused"])


def _asyncio(question: Question, connections: int, seconds: float) -> Load:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        times, failed, refused, took = pool.apply(_in_process, (question, connections, seconds))
    latencies = np.array(times) * 1000
    p50, p99 = (float(each) for each in np.percentile(latencies, [50, 99]))
    return Load(connections, p50, p99, len(times) / took, len(times), failed, refused)


def _in_process(question: Question, connections: int, seconds: float) -> tuple[list[float], int, int, float]:
    return asyncio.run(_all(question, connections, seconds))


async def _all(question: Question, connections: int, seconds: float) -> tuple[list[float], int, int, float]:
    began = time.perf_counter()
    said = await asyncio.gather(*(_one(question, began + seconds) for _ in range(connections)))
    took = time.perf_counter() - began
    return [each for one in said for each in one[0]], sum(one[1] for one in said), sum(one[2] for one in said), took


async def _one(question: Question, until: float) -> tuple[list[float], int, int]:
    """Ask over one connection until a time; return latencies in seconds, connections that broke, and refusals."""
    where = urlsplit(question.address)
    head = "".join(f"{name}: {value}\r\n" for name, value in question.headers.items())
    asked = (
        f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n{head}Content-Length: {len(question.body)}\r\n\r\n"
    ).encode() + question.body
    times, failed, refused = [], 0, 0
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=2**24)
    while time.perf_counter() < until:
        began = time.perf_counter()
        try:
            writer.write(asked)
            answer = await reader.readuntil(b"\r\n\r\n")
            size = next(int(line.split(b":")[1]) for line in answer.lower().split(b"\r\n") if b"content-length" in line)
            await reader.readexactly(size)
        except (OSError, asyncio.IncompleteReadError):
            failed += 1
            reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=2**24)
            continue
        times.append(time.perf_counter() - began)
        refused += not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))
    writer.close()
    return times, failed, refused
