"""What each promise costs a hint, alone and in one thread: gate, log, write, the hint, its reasons, its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models.explain import explain_row
from ml.models.trained import TrainedModel
from serving.hints.risk import compute_risk
from serving.hints.risk_words import word_risk
from serving.language import read_languages
from serving.models.watch import Watch
from serving.store.advices import Shown, add_advice
from serving.store.database import Database
from serving.store.log import Event, append, next_entry
from serving.store.schema import upgrade

from ..one_hint import timed

TIMES = 500


def costs(home: Path, model: TrainedModel, rows: Sequence[Any]) -> dict[str, float]:
    """Return medians in milliseconds."""
    registry = Registry(home, read_policy(POLICY), policy_path=POLICY, demo=True)
    watch = Watch(registry, registry.load_approved("ltu-risk", datetime.now(UTC)))
    watch()
    some, finnish = rows[:TIMES], read_languages()["fi"]
    codes = [model.encoder.row(row) for row in some]
    said = [(model.alone.said(each), model.alone.landmark(each)) for each in codes]
    hints = [compute_risk(model, row, weak=False) for row in some]
    return {
        "gate_ms": timed(lambda _: watch(), some),
        "hint_ms": timed(lambda row: compute_risk(model, row, weak=False), some),
        "reasons_ms": timed(lambda pair: explain_row(model, *pair, model.place), said),
        "words_ms": timed(lambda hint: word_risk(hint, finnish), hints),
        **_writing(home / "costs.db"),
    }


def _writing(path: Path) -> dict[str, float]:
    """Return what a write costs as a hint makes it, with its entry in the log, and the entry's share of it."""
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    event = Event("advice", "cost", "caseworker", "0" * 32, {"id": "0" * 32})

    def with_entry(place: int) -> None:
        shown = Shown(f"{place:032x}", "j", "0" * 32, "cost", None, "live", None, "low", "ltu-risk 1", "x" * 2000)
        with database.at_once(), database.recording(event, hurried=True) as entry:
            add_advice(entry, shown)

    def entry_alone(connection: Any) -> None:
        seq, before = next_entry(connection)
        append(connection, event, seq, before, datetime.now(UTC))

    written = timed(with_entry, range(TIMES))
    with database.migrating() as connection:
        logged = timed(lambda _: entry_alone(connection), range(TIMES))
    database.close()
    return {"write_with_log_ms": written, "log_ms": logged}
