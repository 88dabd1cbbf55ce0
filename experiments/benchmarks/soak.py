"""Whether the service stays as it is under load: memory of the workers, errors, times to an answer.

A real server on a copy of a home with an approved ltu-risk (`make demo` makes one) answers caseworkers who, on so many
connections, record judgements and ask for hints, each as soon as the last was answered. The memory of all workers is
read every second. The first sixth is left to warm up: what is compared is the median of the second sixth with that of
the last.

    python -m experiments.benchmarks.soak [--seconds 60] [--connections 8] [--workers 2] [--home var] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

MODEL = "ltu-risk"
CASEWORKERS = ("demo-caseworker", "demo-caseworker-2")  # each may ask so often a second: both set the pace
ASSIGNED_SINCE = "2026-11-02"
START_SECONDS = 120
ALLOWED_GROWTH_MIB = 8.0  # of a worker, over the whole
PARTS = 6


@dataclass
class Soaked:
    """What happened: seconds to each answer of 200 or 201, other answers, and MiB of all workers at seconds."""

    took: list[float] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)


def main() -> None:
    """Print memory, errors and times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--home", type=Path, default=Path("var"), help="with an approved ltu-risk; it is copied")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.home, asked.seconds, asked.connections, asked.workers)
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"{figures['answers']} answers in {figures['seconds']} s on {figures['connections']} connections, "
        f"{figures['workers']} workers (load {figures['load']:.1f})\n"
        f"  errors         {figures['errors']}\n"
        f"  p50, p99       {figures['p50_ms']:.1f} ms, {figures['p99_ms']:.1f} ms\n"
        f"  memory         {figures['start_mib']:.0f} MiB at the start, {figures['middle_mib']:.0f} in the middle, "
        f"{figures['end_mib']:.0f} at the end, all workers\n"
        f"  growth         {figures['growth_mib_a_worker']:.1f} MiB a worker (allowed: {ALLOWED_GROWTH_MIB:.0f})"
    )


def measure(home: Path, seconds: int, connections: int, workers: int, model: str = MODEL) -> dict[str, Any]:
    """Return the figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("service.db*", "demo_tokens.json"))
        with _server(copy, workers, model) as (address, parent):
            tokens = {name: each["token"] for name, each in json.loads((copy / "demo_tokens.json").read_text()).items()}
            soaked = _soak(address, parent, tokens, model, seconds, connections)
    return figures_of(soaked, seconds, connections, workers)


def figures_of(soaked: Soaked, seconds: int, connections: int, workers: int) -> dict[str, Any]:
    """Return what is told of a run."""
    cuts = quantiles(soaked.took, n=100)
    start, middle, end = (_memory(soaked, seconds, part) for part in (1, PARTS // 2, PARTS - 1))
    return {
        "seconds": seconds,
        "connections": connections,
        "workers": workers,
        "answers": len(soaked.took),
        "errors": sum(soaked.others.values()),
        "other_answers": dict(soaked.others),
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "start_mib": start,
        "middle_mib": middle,
        "end_mib": end,
        "growth_mib_a_worker": (end - start) / workers,
        "load": os.getloadavg()[0],
    }


def _memory(soaked: Soaked, seconds: int, part: int) -> float:
    """Return the median MiB of all workers in one sixth of the time."""
    each = seconds / PARTS
    return median(mib for at, mib in soaked.memory if part * each <= at < (part + 1) * each)


@contextmanager
def _server(home: Path, workers: int, model: str) -> Iterator[tuple[str, int]]:
    """Yield the address of a server, and its process id."""
    environ = {**os.environ, "APUALY_HOME": str(home), "APUALY_ENV": "demo", "APUALY_DATABASE": ""}
    command = [sys.executable, "-m", "apualy", "serve", model, "--port", "0", "--workers", str(workers)]
    out, err = home / "out", home / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environ)  # noqa: S603
    try:
        end = time.monotonic() + START_SECONDS
        while not (found := re.search(r"http://[\d.]+:\d+", out.read_text())):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the server did not start: {err.read_text()[-500:]}")
            time.sleep(0.05)
        yield found[0], process.pid
    finally:
        process.terminate()
        process.wait()


def _soak(address: str, parent: int, tokens: Mapping[str, str], model: str, seconds: int, connections: int) -> Soaked:
    soaked, began = Soaked(), time.monotonic()
    clients = [{"pseudonym": secrets.token_hex(16)} for _ in range(connections)]
    _make_ready(address, tokens, clients)
    inputs = _inputs(address, tokens, model)
    until = time.monotonic() + seconds
    began = time.monotonic()
    asking = [
        threading.Thread(target=_ask, args=(address, tokens[who], client, inputs, until, soaked))
        for client, who in zip(clients, cycle(CASEWORKERS))
    ]
    for each in asking:
        each.start()
    while time.monotonic() < until:
        soaked.memory.append((time.monotonic() - began, sum(map(_resident_mib, _children(parent)))))
        time.sleep(min(1.0, seconds / 60))
    for each in asking:
        each.join()
    return soaked


def _make_ready(address: str, tokens: Mapping[str, str], clients: Sequence[Mapping[str, str]]) -> None:
    """Let clients be one caseworker's or the other's, and consent."""
    integration = {"Authorization": f"Bearer {tokens['demo-integration']}"}
    each = {"office": "Itä", "since": ASSIGNED_SINCE}
    whose = zip(clients, cycle(CASEWORKERS))
    assigned = {"assignments": [{"client": client, "caseworker": who, **each} for client, who in whose]}
    httpx.post(f"{address}/v1/assignments", json=assigned, headers=integration).raise_for_status()
    for client in clients:
        right = {"client": client, "right": "consent", "in_force": True, "since": ASSIGNED_SINCE}
        httpx.post(f"{address}/v1/rights", json=right, headers=integration).raise_for_status()


def _inputs(address: str, tokens: Mapping[str, str], model: str) -> dict[str, Any]:
    """Return inputs that the model takes, as its description says."""
    headers = {"Authorization": f"Bearer {tokens['demo-caseworker']}"}
    told = httpx.get(f"{address}/v1/models/{model}", headers=headers).raise_for_status().json()
    return {each["name"]: _value(each) for each in told["inputs"]}


def _value(described: Mapping[str, Any]) -> Any:
    if described["type"] == "boolean":
        return False
    if described["type"] == "number":
        return described["minimum"] or 0
    return next(iter(described["allowed"] or ["other"]))


def _ask(
    address: str,
    token: str,
    client: Mapping[str, str],
    inputs: Mapping[str, Any],
    until: float,
    soaked: Soaked,
) -> None:
    """Judge and ask, on one connection, until it is over; be told to wait where that is too often."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "fi"}
    said = {"client": client, "service_need": "skills", "chance_of_work": "fair", "why": "Looks for work in a trade."}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as asking:
        while time.monotonic() < until:
            judged = _timed(asking, "/v1/judgements", said, soaked)
            if judged is not None:
                _timed(asking, "/v1/advice", {"judgement": judged["judgement"], "risk": inputs}, soaked)


def _timed(asking: httpx.Client, path: str, body: Mapping[str, Any], soaked: Soaked) -> dict[str, Any] | None:
    began = time.perf_counter()
    try:
        answer = asking.post(path, json=body)
    except httpx.HTTPError as error:
        soaked.others[type(error).__name__] += 1
        return None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        time.sleep(float(answer.headers["retry-after"]) / 10)
        return None
    if not answer.is_success:
        soaked.others[f"{path} {answer.status_code}"] += 1
        return None
    soaked.took.append(time.perf_counter() - began)
    told: dict[str, Any] = answer.json()
    return told


def _children(parent: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


if __name__ == "__main__":
    main()
