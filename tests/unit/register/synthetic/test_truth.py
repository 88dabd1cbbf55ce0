"""The oracle against what happened: true risks are calibrated, and tell of the register's own spells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.oracle import lasted, read_spells, watched

AS_OF = pd.Timestamp(2020, 1, 31)


@pytest.fixture(scope="module")
def spells(small_register: Path) -> pd.DataFrame:
    return read_spells(small_register)


def test_as_many_spells_last_as_their_true_risks_say(spells: pd.DataFrame) -> None:
    _calibrated(watched(spells, AS_OF))


@pytest.mark.slow
def test_so_they_do_among_hundreds_of_thousands(full_register: Path) -> None:
    _calibrated(watched(read_spells(full_register), AS_OF))


def _calibrated(seen: pd.DataFrame) -> None:
    """Assert that in each of eight bands of risk as many spells lasted as chance lets it, and in all together."""
    whole = seen["risk_12"].to_numpy(dtype=float)
    assert abs(lasted(seen).mean() - whole.mean()) < 3 * np.sqrt((whole * (1 - whole)).sum()) / len(whole)
    bands = pd.qcut(seen["risk_12"], 8)
    for _, band in seen.assign(lasted=lasted(seen)).groupby(bands, observed=True):
        risk = band["risk_12"].to_numpy(dtype=float)
        error = np.sqrt((risk * (1 - risk)).sum()) / len(risk)
        assert abs(band["lasted"].mean() - risk.mean()) < 3.5 * error
    assert 0.08 < seen["risk_12"].mean() < 0.20


def test_true_risks_agree_with_the_hazards_that_were_faced(spells: pd.DataFrame) -> None:
    """Survival by the mean hazard of those still there (Kaplan-Meier of the true hazards) against the mean risk."""
    seen = watched(spells, AS_OF)
    hazards = [np.asarray(each, dtype=float) for each in seen["hazards"]]
    survival = 1.0
    for month in range(12):
        faced = [each[month] for each in hazards if len(each) > month]
        survival *= 1 - np.mean(faced)
    assert survival == pytest.approx(seen["risk_12"].mean(), abs=0.012)


def test_a_spell_faced_one_hazard_for_each_month_it_lasted(spells: pd.DataFrame) -> None:
    over = spells[spells["end"].notna()]
    started = over["start"].dt
    months = (over["end"].dt.year - started.year) * 12 + over["end"].dt.month - started.month
    assert over["hazards"].map(len).sub(months).between(0, 1).all()
    assert all(each.min() > 0 and each.max() < 1 for each in over["hazards"])


def test_the_register_tells_of_each_true_spell(spells: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> None:
    codes = tables["employment_codes"]
    opened = spells.merge(codes, on=["identity_code", "start"], how="left")
    assert (opened["code"] == opened["opening"]).all()
    assert (spells["recorded_end"].fillna(AS_OF) == spells["end"].fillna(spells["recorded_end"]).fillna(AS_OF)).all()
    long_over = spells[spells["end"] < AS_OF - pd.DateOffset(months=3)]
    ends = set(zip(codes["identity_code"], codes["end"] + pd.Timedelta(days=1), strict=True))
    assert all(row in ends for row in zip(long_over["identity_code"], long_over["end"], strict=True))


def test_the_chance_of_lasting_rises_with_the_months_a_spell_has_lasted(spells: pd.DataFrame) -> None:
    seen = watched(spells, AS_OF).assign(lasted=lambda rows: lasted(rows))
    end = seen["end"].fillna(AS_OF)
    shares = [seen.loc[end >= seen["start"] + pd.DateOffset(months=month), "lasted"].mean() for month in range(12)]
    assert shares == sorted(shares)
    assert shares[0] < 0.20
    assert shares[11] > 0.85  # domain.md 8: Cascais saw 32 % become 98 %


def test_employability_makes_spells_short(spells: pd.DataFrame) -> None:
    assert spells["employability"].corr(spells["risk_12"]) < -0.5
    assert spells["employability"].corr(spells["hazards"].str[0]) > 0.5


def test_services_go_to_those_who_need_them(spells: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> None:
    employability = spells.groupby("identity_code")["employability"].first()

    def of(kind: str) -> float:
        served = tables["services"].query("kind == @kind")["identity_code"].unique()
        return float(employability[employability.index.isin(served)].mean())

    assert of("rehabilitative_work") < of("work_trial") < of("start_up_grant")
    assert of("rehabilitative_work") < employability.mean() - 0.5
