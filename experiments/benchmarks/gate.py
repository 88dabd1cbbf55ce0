"""What the gate costs a hint: asked from memory, asked anew, and beside the hint itself.

Of a home with an approved model (`make demo` leaves one). Before each hint the server looks at the files on which the
approval hangs; every 20 seconds, or when one of them changed, it asks all again: every signature of the log, the card's
digest, the policy, people, conditions and the clock.

    python -m experiments.benchmarks.gate [--home DIR] [--model NAME] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models import artefact
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from serving.hints.risk import compute_risk
from serving.hints.risk_words import word_risk
from serving.language import read_languages
from serving.models.watch import Watch

from .one_hint import as_posted


def main() -> None:
    """Print the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--model", default="ltu-risk")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.home, asked.model, asked.runs)
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"{asked.model}, {figures['entries']} entries in the log, medians of {figures['runs']} runs "
        f"(load {figures['load']:.1f})\n"
        f"  hint                     {figures['hint_ms']:.3f} ms\n"
        f"  gate, nothing changed    {figures['watch_ms']:.3f} ms\n"
        f"  gate, asked anew         {figures['anew_ms']:.2f} ms\n"
        f"  gate, at the start       {figures['start_ms']:.0f} ms, with MLflow and the rules of the approval\n"
        f"  gate / hint              {figures['ratio']:.3f}"
    )


def measure(home: Path, name: str, runs: int) -> dict[str, Any]:
    """Return the medians, in milliseconds; `ratio` is the gate's share of a hint when nothing changed."""
    registry = Registry(home, read_policy(POLICY), policy_path=POLICY, demo=True)
    approved = registry.load_approved(name, datetime.now(UTC))
    with tempfile.TemporaryDirectory() as scratch:
        model = artefact.load(registry.fetch(approved, Path(scratch)), approved.digest)
    contract = read_contract(home / "cohorts" / name / "cohort.toml")
    somebody = build_cohort(contract, home / "cohorts" / name).features.iloc[:1]
    watch, english, (case,) = Watch(registry, approved), read_languages()["en"], as_posted(model.encoder, somebody)
    watch()
    found = {
        "hint_ms": _timed(lambda: word_risk(compute_risk(model, case, weak=False), english), runs),
        "watch_ms": _timed(watch, runs),
        "anew_ms": _timed(lambda: registry.require_still_approved(approved, datetime.now(UTC)), runs),
        "start_ms": _timed(lambda: registry.load_approved(name, datetime.now(UTC)), max(3, runs // 10)),
    }
    return {
        "model": name,
        "entries": approved.witness.entries,
        "runs": runs,
        "load": os.getloadavg()[0],
        **found,
        "ratio": found["watch_ms"] / found["hint_ms"],
    }


def _timed(call: Callable[[], object], runs: int) -> float:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return median(seconds) * 1000


if __name__ == "__main__":
    main()
