"""How long the server takes for a caseworker's pages, beside the API's answer with the same hint; and what they weigh.

A real server on a copy of a home (`make demo` makes one) is asked in turn, on one connection and at a pace that one
person's limit allows: the list of clients, a client, a hint that was shown, and POST /v1/advice with a stored hint.
Times are those between sending a question and holding its whole answer, on this machine.

    python -m experiments.benchmarks.client_page [--home var] [--times 200] [--json]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from serving.pages.assets import read_assets

from .serving.side import free_port, running

WHO = "demo-caseworker"
PACE_SECONDS = 0.05
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
VIEW = {"service_need": "skills", "chance_of_work": "fair", "why": "Has a trade, and looks for work in it."}


def main() -> None:
    """Print times and weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=Path("var"), help="of a demonstration; it is copied")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = compare(asked.home, Path(scratch), asked.times)
    if asked.json:
        print(json.dumps(found))
        return
    for name, each in found["pages"].items():
        print(f"{name:<8} p50 {each['p50_ms']:6.2f} ms  p99 {each['p99_ms']:7.2f} ms  {each['kilobytes']:6.1f} KB")
    print(f"a hint's page takes {found['page_ratio_vs_api']:.1f} times as long as the API's answer with the same hint")
    print(f"styles and script, once: {found['assets_kilobytes']:.1f} KB compressed")


def compare(home: Path, scratch: Path, times: int) -> dict[str, Any]:
    """Return the figures."""
    copied = scratch / "home"
    shutil.copytree(home, copied, ignore=shutil.ignore_patterns("helsinki"))
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "apualy", "serve", "--port", address.rpartition(":")[2], "--workers", "1"]
    said = {
        "APUALY_HOME": str(copied),
        "APUALY_ENV": "demo",
        "APUALY_PSEUDONYM_KEY_FILE": str(copied / "pseudonym.key"),
    }
    with running(command, f"{address}/readyz", scratch / "log", **said), httpx.Client(base_url=address) as browser:
        browser.headers.update({"accept": "text/html", "accept-language": "fi", "origin": address})
        browser.post("/sign-in", data={"person": WHO, "return_to": "/clients", "csrf": ""}, follow_redirects=True)
        client, hint, judgement = _shown(browser, copied)
        token = json.loads((copied / "demo_tokens.json").read_text(encoding="utf-8"))[WHO]["token"]
        program = {"authorization": f"Bearer {token}"}
        asks: dict[str, Callable[[], httpx.Response]] = {
            "clients": lambda: browser.get("/clients"),
            "client": lambda: browser.get(client),
            "hint": lambda: browser.get(hint),
            "api": lambda: browser.post("/v1/advice", json={"judgement": judgement}, headers=program),
        }
        pages = _timed(asks, times)
    return {
        "times": times,
        "pages": pages,
        "page_ratio_vs_api": pages["hint"]["p50_ms"] / pages["api"]["p50_ms"],
        "assets_kilobytes": sum(len(each.gzipped) for each in read_assets().named.values()) / 1024,
    }


def _timed(asks: dict[str, Callable[[], httpx.Response]], times: int) -> dict[str, dict[str, float]]:
    took: dict[str, list[float]] = {name: [] for name in asks}
    weight = dict.fromkeys(asks, 0)
    for _ in range(times):
        for name, ask in asks.items():
            time.sleep(PACE_SECONDS)
            begun = time.perf_counter()
            answer = ask()
            took[name].append(time.perf_counter() - begun)
            answer.raise_for_status()
            weight[name] = len(answer.content)
    return {
        name: {
            "p50_ms": median(each) * 1000,
            "p99_ms": quantiles(each, n=100)[98] * 1000,
            "kilobytes": weight[name] / 1024,
        }
        for name, each in took.items()
    }


def _shown(browser: httpx.Client, home: Path) -> tuple[str, str, str]:
    """Return the paths of a client and of a hint about them, and the judgement that came first."""
    for client in re.findall(r'href="(/clients/[^"?]+)"', browser.get("/clients").text):
        page = browser.get(client).text
        found = CSRF.search(page)
        if found is None:
            continue
        answer = browser.post(f"{client}/judgement", data={**VIEW, "csrf": found[1]})
        hint = answer.headers.get("location", "")
        if hint.startswith("/hints/"):
            return client, hint, _judgement_of(home, hint)
        time.sleep(PACE_SECONDS)
    raise RuntimeError(f"{home} has no client of {WHO} with a hint that could be shown")


def _judgement_of(home: Path, hint: str) -> str:
    from serving.store.caseload import shown_advice
    from serving.store.database import Database

    database = Database(f"sqlite:///{home / 'service.db'}")
    with database.reading() as connection:
        shown = shown_advice(connection, hint.rpartition("/")[2])
    database.close()
    assert shown is not None  # noqa: S101 - the server has just shown it
    return shown.judgement


if __name__ == "__main__":
    main()
