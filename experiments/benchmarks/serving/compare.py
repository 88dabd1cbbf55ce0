"""The three sides, each started, asked under load, and stopped before the next one begins, several times in turn."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import mlflow
import numpy as np

from ml.models import artefact
from ml.models import mlflow_model as mlflow_code
from ml.models.tracking import REQUIREMENTS, signature
from ml.models.trained import TrainedModel
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

from ..one_hint import as_posted
from ..tree_model import tree_model
from .costs import costs
from .load import Load, Question, generator, load
from .side import free_port, running

CONNECTIONS = (1, 8, 32)
MANY = 1000
EACH_SECONDS = 2.0  # more for each connection that posts many rows
JSON = {"Content-Type": "application/json"}
TODAY = "2026-01-02"
PROMISED = ("throughput_ratio_vs_mlflow", "latency_ratio_vs_mlflow", "latency_ratio_vs_bare")
Side = dict[str, dict[str, dict[str, Any]]]  # by kind of question, number of connections, and name of the figure


def compare(home: Path, scratch: Path, seconds: float, rounds: int) -> dict[str, Any]:
    """Return the figures of all sides, and the ratios.

    rounds  how often each side is started and asked about one row; what is told is the median (many rows: of the first)
    """
    copied = scratch / "home"
    shutil.copytree(home, copied, ignore=shutil.ignore_patterns("helsinki", "service.db*"))
    cohort_folder = copied / "cohorts" / "ltu-risk"
    model = tree_model(cohort_folder).model
    folder = scratch / "artefact"
    artefact.save(model, folder)
    features = build_cohort(read_contract(cohort_folder / "cohort.toml"), cohort_folder).features
    chosen = features.iloc[np.random.default_rng(1).choice(len(features), MANY, replace=len(features) < MANY)]
    rows = as_posted(model.encoder, chosen)
    _save_pyfunc(model, folder, scratch)
    asked: dict[str, Callable[[bool], Side]] = {
        "ours": partial(_ours, copied, folder, rows, scratch, seconds, os.cpu_count() or 1),
        "ours_one_worker": partial(_ours, copied, folder, rows, scratch, seconds, 1),
        "mlflow": partial(_mlflow, rows, scratch, seconds),
        "bare": partial(_bare, folder, rows, scratch, seconds),
    }
    taken = [{name: ask(number == 0) for name, ask in asked.items()} for number in range(rounds)]
    sides = {name: _middle([each[name] for each in taken]) for name in asked}
    return {
        "load_generator": generator(),
        "seconds": seconds,
        "rounds": rounds,
        **_ratios(sides),
        "by_round": [{name: _ratios(each)[name] for name in PROMISED} for each in taken],
        **sides,
        "costs": costs(copied, model, rows),
    }


def _ratios(sides: dict[str, Any]) -> dict[str, Any]:
    """Return the worst of each ratio over the connections, of one row a request."""

    def each(side: str, of: str, mine: str = "ours") -> dict[str, float]:
        ours, theirs = sides[mine]["one"], sides[side]["one"]
        return {str(c): ours[str(c)][of] / theirs[str(c)][of] for c in CONNECTIONS}

    throughput, latency, bare = each("mlflow", "per_second"), each("mlflow", "p50_ms"), each("bare", "p50_ms")
    return {
        "throughput_ratio_vs_mlflow": min(throughput.values()),
        "latency_ratio_vs_mlflow": max(latency.values()),
        "latency_ratio_vs_bare": max(bare.values()),
        "by_connections": {
            "throughput_ratio_vs_mlflow": throughput,
            "latency_ratio_vs_mlflow": latency,
            "latency_ratio_vs_bare": bare,
            "throughput_ratio_vs_mlflow_one_worker": each("mlflow", "per_second", "ours_one_worker"),
            "latency_ratio_vs_mlflow_one_worker": each("mlflow", "p50_ms", "ours_one_worker"),
            "latency_ratio_vs_bare_one_worker": each("bare", "p50_ms", "ours_one_worker"),
        },
        "stored_hint_p50_ms": sides["ours"]["stored"]["1"]["p50_ms"],
    }


def _middle(rounds: Sequence[Side]) -> Side:
    """Return a side's figures, the median of its rounds."""

    def of(kind: str, connections: str) -> dict[str, Any]:
        loads = [each[kind][connections] for each in rounds]
        return {name: statistics.median(load[name] for load in loads) for name in loads[0]}

    middle = {kind: {each: of(kind, each) for each in rounds[0][kind]} for kind in rounds[0] if kind != "many"}
    return {**middle, "many": rounds[0]["many"]}


# ---------------------------------------------------------------- the sides


def _ours(
    home: Path, folder: Path, rows: Sequence[Any], scratch: Path, seconds: float, workers: int, whole: bool
) -> Side:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "experiments.benchmarks.serving.ours",
        str(home),
        str(folder),
        str(port),
        str(workers),
    ]
    for each in home.glob("service.db*"):  # of the start before: each begins with an empty database
        each.unlink()
    with running(command, f"{address}/readyz", scratch / "ours.log"):
        tokens = json.loads((home / "demo_tokens.json").read_text(encoding="utf-8"))
        caseworker, system = (_bearer(tokens, who) for who in ("demo-caseworker", "demo-integration"))
        clients = [{"pseudonym": f"{place:032x}"} for place in range(MANY)]
        judgement = _prepared(address, clients, caseworker, system)
        both = [{"client": client, "inputs": row} for client, row in zip(clients, rows, strict=True)]
        handed_in = {"task": "risk", "clients": both}
        many = _question(f"{address}/v1/hints", handed_in, system)
        _post(many.address, handed_in, system)
        one = _question(f"{address}/v1/advice", {"judgement": judgement, "risk": rows[0]}, caseworker)
        stored = _question(f"{address}/v1/advice", {"judgement": judgement}, caseworker)
        found = {"one": _loads(one, seconds), "stored": _loads(stored, seconds)}
        return {**found, "many": _many_loads(many, seconds)} if whole else found


def _save_pyfunc(model: TrainedModel, folder: Path, scratch: Path) -> None:
    mlflow.pyfunc.save_model(
        scratch / "pyfunc",
        python_model=mlflow_code.__file__,
        artifacts={artefact.FOLDER: str(folder)},
        pip_requirements=list(REQUIREMENTS),
        signature=signature(model),
    )


def _mlflow(rows: Sequence[Any], scratch: Path, seconds: float, whole: bool) -> Side:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    pyfunc = ("-m", str(scratch / "pyfunc"), "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port))
    command = [sys.executable, "-m", "mlflow", "models", "serve", *pyfunc]
    with running(command, f"{address}/ping", scratch / "mlflow.log"):
        one, many = ({"dataframe_records": list(each)} for each in (rows[:1], rows))
        return _both(f"{address}/invocations", one, many, seconds, whole)


def _bare(folder: Path, rows: Sequence[Any], scratch: Path, seconds: float, whole: bool) -> Side:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "experiments.benchmarks.serving.bare", str(folder), str(port)]
    with running(command, f"{address}/openapi.json", scratch / "bare.log"):
        return _both(f"{address}/predict", {"rows": list(rows[:1])}, {"rows": list(rows)}, seconds, whole)


def _both(address: str, one: Any, many: Any, seconds: float, whole: bool) -> Side:
    """Return the figures of one row, and of many where the whole is asked for."""
    found = {"one": _loads(_question(address, one, {}), seconds)}
    return {**found, "many": _many_loads(_question(address, many, {}), seconds)} if whole else found


def _many_loads(question: Question, seconds: float) -> dict[str, dict[str, Any]]:
    """Return the figures by number of connections, asked as long as it takes to answer each of them a few times."""
    found = {str(each): load(question, each, seconds + EACH_SECONDS * each, warm=False) for each in CONNECTIONS}
    for each in found.values():
        _require_borne(question, each)
    return {each: asdict(bore) for each, bore in found.items()}


def _loads(question: Question, seconds: float) -> dict[str, dict[str, Any]]:
    """Return the figures by number of connections. Raises RuntimeError where anything was refused or failed."""
    found: dict[str, dict[str, Any]] = {}
    for each in CONNECTIONS:
        bore = load(question, each, seconds)
        _require_borne(question, bore)
        found[str(each)] = asdict(bore)
    return found


def _require_borne(question: Question, bore: Load) -> None:
    if bore.refused or bore.failed or not bore.requests:
        raise RuntimeError(f"{question.address} did not bear its load: {bore}")


# ---------------------------------------------------------------- what is asked


def _prepared(address: str, clients: Sequence[Any], caseworker: dict[str, str], system: dict[str, str]) -> str:
    """Make the clients known, assigned and consenting; return the caseworker's judgement of the first."""
    assigned = [{"client": each, "caseworker": "demo-caseworker", "office": "Itä", "since": TODAY} for each in clients]
    _post(f"{address}/v1/assignments", {"assignments": assigned}, system)
    for each in clients:
        said = {"client": each, "right": "consent", "in_force": True, "since": TODAY}
        _post(f"{address}/v1/rights", said, system)
    judged = {"client": clients[0], "service_need": "skills", "chance_of_work": "fair", "why": "Has a trade."}
    return str(_post(f"{address}/v1/judgements", judged, caseworker)["judgement"])


def _bearer(tokens: dict[str, Any], who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[who]['token']}", "Accept-Language": "fi"}


def _question(address: str, body: Any, headers: dict[str, str]) -> Question:
    return Question(address, json.dumps(body).encode(), {**JSON, **headers})


def _post(address: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    request = Request(address, json.dumps(body).encode(), {**JSON, **headers})  # noqa: S310 - of this machine
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        read: dict[str, Any] = json.load(answer)
    return read
