"""What the synthetic register's oracle says: how good the best possible risk is, and what planted unfairness hides.

The only reader of the oracle beside the tests: nothing in `ml` may know the truth about the people it learns from.

    python -m experiments.oracle EXTRACT [--json]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from ml.register.extract import read_manifest
from ml.register.synthetic import oracle_folder

HORIZON = pd.DateOffset(months=12)


def read_spells(extract: Path) -> pd.DataFrame:
    """Return the truth about each spell of an extract, one row a spell; the columns are those of `truth.SPELLS`."""
    spells = pd.read_parquet(oracle_folder(extract) / "spells.parquet")
    return spells.astype(dict.fromkeys(("start", "end", "recorded_end"), "datetime64[s]"))


def read_inputs(extract: Path) -> pd.DataFrame:
    """Return the inputs that planted unfairness took: identity_code, valid_from, column, value."""
    return pd.read_parquet(oracle_folder(extract) / "inputs.parquet").astype({"valid_from": "datetime64[s]"})


def watched(spells: pd.DataFrame, as_of: pd.Timestamp, years: int = 6) -> pd.DataFrame:
    """Return the spells whose twelve months are over at the as-of date, and that began in the years before it.

    Spells that began earlier are in a register only because they lasted: they would not be a fair sample.
    """
    began = spells["start"] > as_of - pd.DateOffset(years=years)
    whole = spells["start"] + HORIZON <= as_of
    return spells.loc[began & whole].reset_index(drop=True)


def lasted(spells: pd.DataFrame, end: str = "end") -> pd.Series:
    """Return whether each spell lasted twelve months or more, by its true or its recorded end."""
    return spells[end].isna() | (spells[end] >= spells["start"] + HORIZON)


def summary(extract: Path) -> dict[str, Any]:
    """Return what the oracle says of an extract's spells that could be watched for twelve months."""
    manifest = read_manifest(extract)
    if manifest is None:
        raise SystemExit(f"{extract}: no register.toml; name the folder of a synthetic extract")
    spells = watched(read_spells(extract), pd.Timestamp(manifest.as_of))
    true = lasted(spells)
    bands = pd.cut(spells["risk_12"], [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 1.0])
    by_band = true.groupby(bands, observed=True).agg(["size", "mean"])
    return {
        "spells": len(spells),
        "mean_true_risk": float(spells["risk_12"].mean()),
        "lasted": float(true.mean()),
        "lasted_as_recorded": float(lasted(spells, "recorded_end").mean()),
        "auc_of_true_risk": float(roc_auc_score(true, spells["risk_12"])),
        "planted_exits": int(spells["is_planted"].sum()),
        "planted_inputs": len(read_inputs(extract)),
        "by_true_risk": [
            {"risk": str(band), "spells": int(row["size"]), "lasted": float(row["mean"])}
            for band, row in by_band.iterrows()
        ],
    }


def main() -> None:
    """Print the summary of one extract."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = summary(arguments.extract)
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        if isinstance(value, list):
            print(pd.DataFrame(value).to_string(index=False))
        else:
            print(f"{name:20} {np.round(value, 4)}")


if __name__ == "__main__":
    main()
