"""The clients of the demo: those unemployed on the extract's last day, each with a caseworker, most with a consent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ml.register.synthetic import clients_file, write_register

AS_OF = pd.Timestamp(2020, 1, 31)


@pytest.fixture(scope="module")
def clients(small_register: Path) -> pd.DataFrame:
    days = ["assigned_on", "consent_on"]
    return pd.read_csv(clients_file(small_register), dtype=str, keep_default_na=True, parse_dates=days)


def test_they_are_those_unemployed_on_the_last_day(clients: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> None:
    codes = tables["employment_codes"]
    now = codes[codes["code"].isin(["02", "03"]) & (codes["end"].isna() | (codes["end"] >= AS_OF))]
    assert list(clients["identity_code"]) == sorted(now["identity_code"])
    assert clients["identity_code"].is_unique
    assert len(clients) > 1500


def test_the_columns_and_days_read_as_agreed(small_register: Path, clients: pd.DataFrame) -> None:
    header, first, *_ = clients_file(small_register).read_text(encoding="utf-8").splitlines()
    assert header == "identity_code,office,caseworker,assigned_on,consent,consent_on"
    assert date.fromisoformat(first.split(",")[3]) <= AS_OF.date()
    assert set(clients["consent"]) == {"given", "none"}
    given = clients["consent"] == "given"
    assert 0.87 < given.mean() < 0.93
    assert (clients["consent_on"].notna() == given).all()
    assert (clients["assigned_on"] <= AS_OF).all()
    assert (clients.loc[given, "consent_on"] >= clients.loc[given, "assigned_on"]).all()
    assert (clients.loc[given, "consent_on"] <= AS_OF).all()


def test_two_caseworkers_of_the_demo_have_few_clients_and_the_others_many(clients: pd.DataFrame) -> None:
    sizes = Counter(clients["caseworker"])
    assert (sizes.pop("demo-caseworker"), sizes.pop("demo-caseworker-2")) == (60, 60)
    assert sorted(sizes) == [f"cw-{number:03d}" for number in range(1, len(sizes) + 1)]
    assert {sizes[name] for name in sorted(sizes)[:-1]} == {150}
    offices = clients.groupby("caseworker")["office"].unique()
    assert all(len(each) == 1 for each in offices), "a caseworker sits in one office"
    assert set(clients["office"]) == {"Itä", "Länsi", "Keskusta"}


def test_nobody_is_assigned_before_they_had_no_work(clients: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> None:
    codes = tables["employment_codes"]
    latest = codes[codes["code"].isin(["02", "03"])].groupby("identity_code")["start"].max()
    since = latest.reindex(clients["identity_code"]).to_numpy()
    assert ((clients["assigned_on"].to_numpy() - since) >= pd.Timedelta(0)).all()


def test_the_same_seed_gives_the_same_clients_and_another_seed_others(tmp_path: Path) -> None:
    one, same, other = (
        clients_file(write_register(tmp_path / str(number), 100, seed)).read_bytes()
        for number, seed in enumerate((1, 1, 2))
    )
    assert one == same != other
