"""A folder of those unemployed now → checked people under their pseudonyms, with inputs and plans in force."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from ml.contracts import Column, CurrentCohort, PlanInForce, Role
from ml.errors import DataError
from ml.register.cohort.folder import CURRENT, INPUTS, PLANS, read_file
from ml.register.cohort.frames import feature_frame
from ml.register.cohort.needs import MADE_BY, Declared, read_declared
from ml.register.cohort.values.validate import check_columns
from ml.register.files import RawTable
from ml.register.files.parquet_file import read_parquet
from ml.register.schema.tables.jobseekers import PLAN_DAYS

PSEUDONYM = "pseudonym"
WITH_PLANS = "service-need"  # the purpose whose rule asks for integration plans
AGAIN = f"build the cohort again with {MADE_BY[CURRENT]}"


def read_current(folder: Path, purpose: str) -> CurrentCohort:
    """Return the people unemployed on one day, as `apualy register build --current` wrote them, one row each.

    Raises DataError, one line: the folder is damaged or of another purpose, says more than pseudonyms, features and
    plans, holds identity codes, a person twice, or a plan that is not in force on the day or of nobody here.
    """
    declared = read_declared(folder, purpose, CURRENT)
    features = _features(folder, declared)
    rows, digest = read_file(folder, INPUTS, list(declared.columns))
    checked = check_columns(RawTable(INPUTS, rows, 1, True, digest), tuple(declared.columns.values()))
    pseudonyms = tuple(map(str, checked[PSEUDONYM].values))
    if len(set(pseudonyms)) < len(pseudonyms):
        raise DataError(f"{folder / INPUTS}: a person stands there twice; {AGAIN}")
    plans, plans_digest = _plans(folder, declared.as_of) if purpose == WITH_PLANS else ({}, "")
    if plans.keys() - set(pseudonyms):
        raise DataError(f"{folder / PLANS}: holds plans of people who are not in {INPUTS}; {AGAIN}")
    return CurrentCohort(
        purpose=purpose,
        as_of=declared.as_of,
        columns=features,
        pseudonyms=pseudonyms,
        features=feature_frame(features, checked, None),
        plans=plans,
        key=declared.key,
        digest=f"sha256:{hashlib.sha256(f'{digest} {plans_digest}'.encode()).hexdigest()}",
        quality_report=declared.quality_report,
    )


def _features(folder: Path, declared: Declared) -> tuple[Column, ...]:
    """Return the inputs. Raises DataError where other columns than they and the pseudonym are declared."""
    features = declared.with_role(Role.FEATURE)
    ids = [column.name for column in declared.with_role(Role.ID)]
    if not features or ids != [PSEUDONYM] or len(features) + 1 < len(declared.columns):
        raise DataError(f"{folder}: those unemployed now have a pseudonym, features and nothing else; {AGAIN}")
    return features


def _plans(folder: Path, as_of: date) -> tuple[dict[str, PlanInForce], str]:
    """Return pseudonym → plan in force, and the digest of the file; it may hold nobody."""
    path = folder / PLANS
    if not path.is_file():
        raise DataError(f"{path}: does not exist; {AGAIN}")
    names = (PSEUDONYM, *PLAN_DAYS)
    rows, digest = read_parquet(path, names, names)
    if [str(kind) for kind in rows.schema.types] != ["string", "date32[day]", "date32[day]"]:
        raise DataError(f"{path}: must hold a text and two days a row; {AGAIN}")
    columns: list[list[Any]] = [rows[name].to_pylist() for name in names]
    plans = {whose: PlanInForce(start, end) for whose, start, end in zip(*columns, strict=True)}
    if len(plans) < rows.num_rows or not all(_holds(plan, as_of) for plan in plans.values()):
        raise DataError(f"{path}: holds a plan that is not in force on {as_of}, or two of one person; {AGAIN}")
    return plans, digest


def _holds(plan: PlanInForce, day: date) -> bool:
    return plan.start is not None and plan.start <= day and (plan.end is None or day <= plan.end)
