"""`apualy train` on spells that were looked at several times, from the contract to the card."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.models import artefact

CONTRACT = """
[cohort]
name = "looks"
licence = "none"
[outcome]
duration = "days"
unit = "day"
exit = "ended"
censored_when = ["under way"]
horizon = HORIZON
horizons = [91, 182, 365]
entry = "waited"
[time]
start = "registered"
[columns.person]
role = "id"
[columns.waited]
type = "number"
role = "feature"
label = { en = "Days unemployed so far" }
[columns.haste]
type = "number"
role = "feature"
[columns.gender]
type = "category"
role = "protected"
reference = "m"
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return eight years of 3,000 spells, a row of each at registration, and at 3 and 6 months if it lasted so long."""
    rng = np.random.default_rng(20261124)
    n = 3000
    start = np.datetime64("2012-01-01") + rng.integers(0, 365 * 7, n).astype("timedelta64[D]")
    haste = rng.normal(size=n).round(2)
    ends = np.ceil(rng.exponential(220 * np.exp(-0.7 * haste)))
    known = (np.datetime64("2019-12-31") - start).astype(float)
    seen = np.minimum(ends, known)
    rows = np.concatenate([np.flatnonzero(seen > look) for look in (0, 91, 182)])
    waited = np.concatenate([np.full((seen > look).sum(), look) for look in (0, 91, 182)])
    frame = pd.DataFrame(
        {
            "days": seen[rows].astype(int),
            "ended": np.where(ends <= known, "work", "under way")[rows],
            "registered": start[rows],
            "person": rows,
            "waited": waited,
            "haste": haste[rows],
            "gender": rng.choice(["m", "w"], n)[rows],
        }
    )
    path = tmp_path_factory.mktemp("looks") / "looks.csv"
    frame.assign(person=[f"p{each}" for each in rows]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("horizon", [365, 182])
def test_looks_become_a_model_and_a_card(
    home: Path, apualy: Callable[..., Any], data: Path, tmp_path: Path, horizon: int
) -> None:
    """At 182 days the looks from 182 are no question any more: not in the figures, nor in the audit."""
    contract = tmp_path / "cohort.toml"
    contract.write_text(CONTRACT.replace("HORIZON", str(horizon)), encoding="utf-8")
    ran = apualy("train", "--contract", contract, "--data", data, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["cohort"]["persons"] == 3000 < told["cohort"]["rows"]
    observed = told["metrics"]["observed_share"]
    assert observed["low"] < told["metrics"]["predicted_share"] < observed["high"]
    at = [each["at"] for each in told["stability"]["bands"]]
    looks = ["at registration", "after 91 days", "after 182 days"][: 3 if horizon == 365 else 2]
    assert at == ["all landmarks together", *looks]
    audited = sum(each["n"] for each in told["audit"]["findings"] if each["metric"] == "false_positive_rate")
    assert 0 < audited < told["split"]["test"]["rows"] / 1.5
    card = Path(told["card"]).read_text(encoding="utf-8")
    assert "as long as “Days unemployed so far” says" in card
    assert "looks that came after their part was closed" in card
    (folder,) = {path.parent for path in home.rglob(artefact.MODEL_FILE)}
    model = artefact.load(folder, told["model"]["digest"])
    curve = model.curve(model.encoder.rows([{"waited": 182.0, "haste": 0.0}])).probability[0]
    assert curve[:2].tolist() == [1, 1]
    assert curve[2] == pytest.approx(np.exp(-(365 - 182) / 220), abs=0.1)
