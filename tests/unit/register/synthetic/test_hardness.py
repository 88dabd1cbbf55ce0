"""The synthetic world is as hard as the real one: what a service could know tells of lasting, but not too well."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

AS_OF = date(2020, 1, 31)
TYPES = {"start": "DATE", "end": "DATE", "entered": "DATE", "end_entered": "DATE", "valid_from": "DATE"}
CATEGORIES = ["opening", "education_level", "occupation_group", "benefit", "month"]

# What was known on the day of registration, straight from the tables: nothing protected, nothing entered later.
FEATURES = """
WITH spell AS (
    SELECT identity_code, start, code AS opening FROM employment_codes code
    WHERE code IN ('02', '03') AND start > DATE '2014-01-31' AND NOT EXISTS (
        FROM employment_codes before WHERE before.identity_code = code.identity_code AND before.start < code.start
          AND (before.code IN ('00', '02', '03', '07', '08') OR before."end" - before.start < 27)
          AND before."end" >= code.start - 29)
), past AS (
    SELECT spell.identity_code, spell.start, code.code IN ('00', '02', '03', '07', '08') AS seeking, code.code,
           least(code."end", spell.start) AS until, code.start AS since, until - since + 1 AS days
    FROM spell JOIN employment_codes code USING (identity_code)
    WHERE code.start < spell.start AND code.entered <= spell.start
), history AS (
    SELECT identity_code, start,
           sum(greatest(until - greatest(since, start - 365), 0)) FILTER (seeking) AS days_1_year,
           sum(greatest(until - greatest(since, start - 1095), 0)) FILTER (seeking) AS days_3_years,
           sum(days) FILTER (seeking) AS days_in_all, avg(days) FILTER (code = '02') AS mean_days,
           max(days) FILTER (code = '02') AS longest, count(*) FILTER (code IN ('02', '03')) AS unemployed_times,
           sum(days) FILTER (code = '01') AS days_worked, min(start - until) FILTER (code = '01') AS days_since_work,
           count(*) FILTER (code = '05') AS outside, start - min(since) AS days_known
    FROM past GROUP BY identity_code, start
), service AS (
    SELECT spell.identity_code, spell.start, count(*) AS services,
           count(*) FILTER (service.kind = 'rehabilitative_work') AS rehabilitation,
           count(*) FILTER (service.kind = 'start_up_grant') AS grants,
           count(*) FILTER (service.ended = 'found_work') AS found_work
    FROM spell JOIN services service USING (identity_code)
    WHERE service.start < spell.start AND service.entered <= spell.start GROUP BY spell.identity_code, spell.start
), paid AS (
    SELECT spell.identity_code, spell.start, arg_max(kind, benefits."end") AS benefit,
           sum(days_paid::INTEGER) FILTER (kind = 'labour_market_subsidy') AS subsidy_days,
           sum(days_paid::INTEGER) FILTER (kind = 'earnings_related') AS allowance_days
    FROM spell JOIN benefits USING (identity_code)
    WHERE benefits."end" < spell.start AND benefits.entered <= spell.start GROUP BY spell.identity_code, spell.start
)
SELECT spell.*, month(spell.start)::VARCHAR AS month, fact.education_level, fact.occupation[1] AS occupation_group,
       history.* EXCLUDE (identity_code, start), service.* EXCLUDE (identity_code, start),
       paid.* EXCLUDE (identity_code, start)
FROM spell
ASOF JOIN jobseekers fact ON spell.identity_code = fact.identity_code AND spell.start >= fact.valid_from
LEFT JOIN history ON history.identity_code = spell.identity_code AND history.start = spell.start
LEFT JOIN service ON service.identity_code = spell.identity_code AND service.start = spell.start
LEFT JOIN paid ON paid.identity_code = spell.identity_code AND paid.start = spell.start
ORDER BY spell.identity_code, spell.start
"""


@pytest.fixture(scope="module")
def registrations(full_register: Path) -> pd.DataFrame:
    """Return features at registration, and whether the spell truly lasted twelve months."""
    with duckdb.connect() as connection:
        for name in ("jobseekers", "employment_codes", "services", "benefits"):
            connection.execute(
                f"CREATE TABLE {name} AS FROM read_csv('{full_register / name}.csv', delim = ';', header = true, "
                "all_varchar = true)"
            )
            for column in TYPES.keys() & set(connection.table(name).columns):
                connection.execute(
                    f'ALTER TABLE {name} ALTER "{column}" TYPE DATE USING strptime("{column}", \'%d.%m.%Y\')'
                )
        found = connection.execute(FEATURES).df()
    truth = pd.read_parquet(f"{full_register}.oracle/spells.parquet", columns=["identity_code", "start", "end"])
    truth = truth.astype(dict.fromkeys(("start", "end"), "datetime64[s]"))
    found["start"] = found["start"].astype("datetime64[s]")
    both = found.merge(truth, on=["identity_code", "start"])
    assert len(both) > 0.98 * len(found), "the register's spells are the true ones"
    both["lasted"] = both["end"].isna() | (both["end"] >= both["start"] + pd.DateOffset(months=12))
    whole = both["start"] + pd.DateOffset(months=12) <= pd.Timestamp(AS_OF)
    return both[whole].drop(columns=["identity_code", "end"])


@pytest.fixture(scope="module")
def parts(registrations: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the registrations whose end was known a year before the others began, and those others."""
    year = pd.DateOffset(years=1)
    last = pd.Timestamp(AS_OF) - year
    start = registrations["start"]
    return registrations[start <= last - 2 * year], registrations[start > last - year]


def _inputs(part: pd.DataFrame) -> pd.DataFrame:
    inputs = part.drop(columns=["start", "lasted"])
    return inputs.astype(dict.fromkeys(CATEGORIES, "category"))


@pytest.mark.slow
def test_boosting_without_tuning_is_no_better_than_on_real_registers(
    parts: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    train, test = parts
    model = lgb.LGBMClassifier(verbose=-1, random_state=1, n_jobs=2).fit(_inputs(train), train["lasted"])
    boosted = roc_auc_score(test["lasted"], model.predict_proba(_inputs(test))[:, 1])
    assert 0.68 < boosted < 0.78
    assert _logistic(train, test) > boosted - 0.02


def _logistic(train: pd.DataFrame, test: pd.DataFrame) -> float:
    both = pd.concat([_inputs(train), _inputs(test)])
    numbers = both.drop(columns=CATEGORIES).astype(float)
    inputs = np.column_stack(
        [numbers.isna(), np.log1p(numbers.fillna(0)), pd.get_dummies(both[CATEGORIES].astype(object), dummy_na=True)]
    ).astype(float)
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky")).fit(
        inputs[: len(train)], train["lasted"]
    )
    return float(roc_auc_score(test["lasted"], model.predict_proba(inputs[len(train) :])[:, 1]))


@pytest.mark.slow
def test_the_past_carries_most_of_the_signal(parts: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    train, test = parts
    past = ["mean_days", "longest", "days_in_all", "unemployed_times", "days_known", "services", "days_worked"]
    model = lgb.LGBMClassifier(verbose=-1, random_state=1, n_jobs=2).fit(train[past], train["lasted"])
    assert roc_auc_score(test["lasted"], model.predict_proba(test[past])[:, 1]) > 0.65
