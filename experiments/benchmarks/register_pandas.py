"""Most of the features written in pandas, for the same looks: to compare the time, and the numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from ml.progress import silent
from ml.register.build.cohort import compute_part
from ml.register.build.facts import KNOWN, database, parts_of
from ml.register.build.source import read_source
from ml.register.build.spells import find_spells, first_end
from ml.register.features.query import SUBJECTS, compute, sql
from ml.register.outcomes import HISTORY_YEARS

WINDOWS = {1: 365, 3: 1096, 5: 1826}
DAY = pd.Timedelta(days=1)
Frame = pd.DataFrame


def compare(folder: Path, scratch: Path, persons: int) -> dict[str, Any]:
    """Return the seconds of both sides on the same looks. Raises AssertionError when the numbers differ."""
    source = read_source(folder)
    with database(scratch) as db:
        (part,) = parts_of(db, source, 10**9)
        find_spells(db, source, [part], source.as_of, silent)
        opens = first_end(db)
        compute_part(db, source, part, source.as_of, opens and opens + timedelta(days=round(365.25 * HISTORY_YEARS)))
        tables = {name: db.table(name).df() for name in (*KNOWN, "looks")}
        expected = db.sql("SELECT * FROM features ORDER BY moment").df().set_index("moment")
        all_seconds, sql_seconds = _seconds(lambda: compute(db)), _seconds(lambda: _without_spells(db))
    began = time.perf_counter()
    found = features(tables)
    pandas_seconds = time.perf_counter() - began
    for name in found:
        _same(str(name), expected[name], found[name])
    return {
        "persons": persons,
        "looks": len(expected),
        "features": found.shape[1],
        "pandas_seconds": pandas_seconds,
        "sql_seconds": sql_seconds,
        "sql_seconds_of_all_features": all_seconds,
        "ratio": pandas_seconds / sql_seconds,
    }


def _without_spells(db: duckdb.DuckDBPyConnection) -> None:
    """Compute what pandas computes: everything but the spells before the look's own."""
    db.execute("CREATE OR REPLACE TEMP TABLE spells AS SELECT * FROM spells WHERE FALSE")
    for name in ("records", *SUBJECTS):
        db.execute(sql(name))


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _same(name: str, expected: pd.Series[Any], found: pd.Series[Any]) -> None:
    if found.dtype == object or isinstance(found.dtype, pd.StringDtype):
        same = expected.fillna("").to_numpy() == found.reindex(expected.index).fillna("").to_numpy()
    else:
        same = np.isclose(expected.astype(float), found.reindex(expected.index).astype(float), equal_nan=True)
    assert same.all(), f"{name}: {int((~same).sum())} looks differ"  # noqa: S101


def features(tables: dict[str, Frame]) -> Frame:
    """Return the features of each look, named by `moment`."""
    looks = tables["looks"][["moment", "person", "look"]]
    every = looks.set_index("moment").index.sort_values()
    parts = [
        _history(looks, tables["employment"]),
        _services(looks, tables["services"]),
        _benefits(looks, tables["benefits"]),
        _plans(looks, tables["plans"]),
        _person(looks, tables["jobseekers"]),
    ]
    whole = pd.concat([part.reindex(every) for part in parts], axis=1)
    counts = [name for name in whole if str(name).endswith("y")]
    return whole.assign(**{str(name): whole[name].fillna(0) for name in counts})


def _known(looks: Frame, facts: Frame, happened: str) -> Frame:
    joined = looks.merge(facts, on="person")
    return joined[(joined["entered"] <= joined["look"]) & (joined[happened] <= joined["look"])]


def _days(frame: Frame, first: str, last: str, window: int) -> pd.Series[Any]:
    """Return the days of each stretch that lie in a window before the look."""
    begin = frame[first].clip(lower=frame["look"] - window * DAY)
    end = frame[last].clip(upper=frame["look"] - DAY)
    return ((end - begin).dt.days + 1).clip(lower=0)


def _months(last: pd.Series[Any], looks: Frame) -> pd.Series[Any]:
    look = looks.set_index("moment")["look"].reindex(last.index)
    return ((look - last).dt.days / 30.4375).round(1)


def _history(looks: Frame, employment: Frame) -> Frame:
    known = _known(looks, employment, "start").sort_values(["moment", "start"])
    known_end = known["end"].where(known["end_entered"] <= known["look"])
    following = known.groupby("moment")["start"].shift(-1) - DAY
    known["until"] = pd.concat([known_end, following, known["look"]], axis=1).min(axis=1)
    found = {}
    for name, codes in (("unemployed", ("02", "03")), ("work", ("01", "04")), ("education", ("08",))):
        of_code = known[known["code"].isin(codes)]
        for years, window in WINDOWS.items():
            found[f"{name}_days_{years}y"] = _days(of_code, "start", "until", window).groupby(of_code["moment"]).sum()
    work = known[known["code"].isin(["01", "04"]) & (known["until"] >= known["look"] - 1826 * DAY)]
    found["months_since_job"] = _months(work.groupby("moment")["until"].max(), looks)
    now = known[known["until"] == known["look"]].drop_duplicates("moment", keep="last").set_index("moment")["code"]
    frame = pd.DataFrame(found).reindex(looks["moment"])
    return frame.assign(code_now=now.reindex(frame.index).fillna("none"), worked=frame["months_since_job"].notna())


def _services(looks: Frame, services: Frame) -> Frame:
    known = _known(looks, services, "start").sort_values(["moment", "start", "kind"])
    told = known["end_entered"] <= known["look"]
    known["until"] = known["end"].where(told, known["look"]).clip(upper=known["look"])
    known["ending"] = known["ended"].where(told & (known["end"] <= known["look"]), "under_way")
    known = known[known["until"] >= known["look"] - 1826 * DAY]
    found = {}
    for years, window in WINDOWS.items():
        found[f"service_days_{years}y"] = _days(known, "start", "until", window).groupby(known["moment"]).sum()
        begun = known["start"] >= known["look"] - window * DAY
        found[f"services_{years}y"] = begun.groupby(known["moment"]).sum()
    latest = known.drop_duplicates("moment", keep="last").set_index("moment")
    found["months_since_service"] = _months(known.groupby("moment")["until"].max(), looks)
    return pd.DataFrame(found).assign(last_service=latest["kind"], last_service_ending=latest["ending"])


def _benefits(looks: Frame, benefits: Frame) -> Frame:
    known = _known(looks, benefits, "start").sort_values(["moment", "start", "kind"])
    known = known[known["end"] >= known["look"] - 1826 * DAY]
    length = (known["end"] - known["start"]).dt.days + 1
    names = {"earnings_related": "earnings_related", "basic_allowance": "basic_allowance",
             "labour_market_subsidy": "subsidy"}  # fmt: skip
    found = {}
    for years, window in WINDOWS.items():
        days = (known["days_paid"] * _days(known, "start", "end", window) + length // 2) // length
        for kind, name in names.items():
            found[f"{name}_days_{years}y"] = days.where(known["kind"] == kind, 0).groupby(known["moment"]).sum()
    latest = known.drop_duplicates("moment", keep="last").set_index("moment")["kind"]
    return pd.DataFrame(found).assign(benefit_kind=latest)


def _plans(looks: Frame, plans: Frame) -> Frame:
    known = _known(looks, plans, "date")
    known = known[known["date"] >= known["look"] - 1826 * DAY]
    within = known[known["date"] >= known["look"] - 365 * DAY]
    found = {
        f"{kind}s_1y": within[within["kind"] == kind].groupby("moment").size()
        for kind in ("interview", "contact", "interview_trip")
    }
    made = known[known["kind"] == "employment_plan"].groupby("moment")["date"].max()
    return pd.DataFrame(found).reindex(looks["moment"]).assign(months_since_plan=_months(made, looks))


def _person(looks: Frame, jobseekers: Frame) -> Frame:
    known = _known(looks, jobseekers, "valid_from").sort_values(["moment", "valid_from", "entered"])
    latest = known.drop_duplicates("moment", keep="last").set_index("moment")
    groups = {"1": "basic", "3": "secondary", "4": "secondary", **dict.fromkeys("5678", "higher"),
              "basic": "basic", "secondary": "secondary", "higher": "higher"}  # fmt: skip
    return pd.DataFrame(
        {
            "education": latest["education_level"].map(groups),
            "occupation_group": latest["occupation"].str[:1].where(latest["occupation"] != "*"),
        }
    )
