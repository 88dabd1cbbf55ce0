"""The figures, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

ALLOWED = {"throughput_ratio_vs_mlflow": "≥ 10", "latency_ratio_vs_mlflow": "≤ 0.1", "latency_ratio_vs_bare": "≤ 2"}
SIDES = (("ours", "one"), ("ours", "stored"), ("ours_one_worker", "one"), ("mlflow", "one"), ("bare", "one"),
         ("ours", "many"), ("mlflow", "many"), ("bare", "many"))  # fmt: skip
WHAT = {"one": "one row", "stored": "stored hint", "many": "1,000 rows"}


def lines(figures: dict[str, Any], connections: Sequence[int]) -> Iterator[str]:
    """Yield the figures of `compare`."""
    yield (
        f"{figures['cores']} cores, load before {figures['load_before']:.1f}, {figures['seconds']:g} s each by "
        f"{figures['load_generator']}, median of {figures['rounds']} rounds; latencies in ms: median / 99 %, "
        "requests a second"
    )
    yield f"  {'':<26}" + "".join(f"{f'{each} connections':>34}" for each in connections)
    for side, of in SIDES:
        told = figures[side][of]
        yield f"  {f'{side}, {WHAT[of]}':<26}" + "".join(f"{_cell(told[str(each)]):>34}" for each in connections)
    for name, allowed in ALLOWED.items():
        by = figures["by_connections"][name]
        each = ", ".join(f"{by[str(number)]:.3g}" for number in connections)
        alone = ", ".join(f"{value:.3g}" for value in figures["by_connections"][f"{name}_one_worker"].values())
        rounds = ", ".join(f"{each[name]:.3g}" for each in figures["by_round"])
        yield (
            f"  {name:<28} {figures[name]:.3g}  (asked {allowed}; by rounds {rounds}; by connections {each}; with one "
            f"worker {alone})"
        )
    yield f"  stored hint, one connection: median {figures['stored_hint_p50_ms']:.2f} ms (asked < 3)"
    told = ", ".join(f"{name.removesuffix('_ms')} {value:.3f}" for name, value in figures["costs"].items())
    yield f"  cost of one hint, in ms: {told}"


def _cell(told: dict[str, Any]) -> str:
    return f"{told['p50_ms']:.2f} / {told['p99_ms']:.1f}, {told['per_second']:.0f}/s"
