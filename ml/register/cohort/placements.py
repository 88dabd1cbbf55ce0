"""A cohort folder of placements → checked placements, inputs and protected attributes apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Bools, Placements, Role
from ml.errors import DataError
from ml.register.cohort.folder import joined_files
from ml.register.cohort.frames import feature_frame, protected_frame
from ml.register.cohort.needs import AGAIN, Declared, read_declared
from ml.register.cohort.values.validate import Checked, check_columns
from ml.register.wording import counted, listed

PURPOSE = "service-need"
PSEUDONYM, DAY, ENTITY, PLACED_BY, PLAN = "pseudonym", "day", "service_entity", "placed_by", "integration_plan"
KEYS = (PSEUDONYM, DAY)  # together they name a row, in both files
ROLES = {
    PSEUDONYM: Role.ID, DAY: Role.TIME, ENTITY: Role.OUTCOME, PLACED_BY: Role.OUTCOME, PLAN: Role.PROTECTED,
}  # fmt: skip
IN_FORCE, NONE, SUPPRESSED = "in force", "none", "suppressed"


def read_placements(folder: Path) -> Placements:
    """Return the placements of a cohort that `apualy register build` made, one row each in its order.

    The rule's own column is no protected attribute of the frame: it becomes `plan_in_force`. Where it was suppressed
    the plan counts as not in force, and a warning counts such rows.

    Raises DataError, one line: the folder is damaged, or of another purpose.
    """
    declared = read_declared(folder, PURPOSE)
    _check_roles(folder, declared)
    protected = declared.with_role(Role.PROTECTED)
    names = [column.name for column in protected]
    inputs = [name for name in declared.columns if name not in names]
    raw = joined_files(folder, inputs, names, KEYS, list(declared.columns))
    checked = check_columns(raw, tuple(declared.columns.values()))
    audited = tuple(column for column in protected if column.name != PLAN)
    features = declared.with_role(Role.FEATURE)
    days = checked[DAY].values
    return Placements(
        name=declared.name,
        columns=features,
        protected_columns=audited,
        features=feature_frame(features, checked, days),
        protected=protected_frame(audited, checked),
        entity=_entities(folder, checked),
        by_caseworker=_is(folder, checked, PLACED_BY, "caseworker", ("rule", "caseworker")),
        plan_in_force=_is(folder, checked, PLAN, IN_FORCE, (IN_FORCE, NONE, SUPPRESSED)),
        day=days,
        person=pd.factorize(checked[PSEUDONYM].values)[0].astype(np.int64),
        as_of=declared.as_of,
        digest=raw.digest,
        source=declared.source,
        warnings=_warnings(checked),
        quality_report=declared.quality_report,
    )


def _check_roles(folder: Path, declared: Declared) -> None:
    """Raise DataError unless the declaration has the columns that every cohort of placements has."""
    for name, role in ROLES.items():
        column = declared.columns.get(name)
        if column is None or column.role is not role:
            raise DataError(f"{folder}: column {name} must be declared with role {role}; {AGAIN}")
    if not declared.with_role(Role.FEATURE):
        raise DataError(f"{folder}: no column has the role feature; {AGAIN}")


def _entities(folder: Path, checked: Mapping[str, Checked]) -> NDArray[np.str_]:
    values = checked[ENTITY].values
    _check_known(folder, ENTITY, values, (*ENTITIES, INTERVIEW_FIRST))
    return values.astype(str)


def _is(folder: Path, checked: Mapping[str, Checked], name: str, value: str, known: tuple[str, ...]) -> Bools:
    values = checked[name].values
    _check_known(folder, name, values, known)
    return np.asarray(values == value, dtype=bool)


def _check_known(
    folder: Path, name: str, values: np.ndarray[tuple[int], np.dtype[np.object_]], known: tuple[str, ...]
) -> None:
    strange = sorted(set(values.tolist()) - set(known))
    if strange:
        raise DataError(f"{folder}: column {name} holds {listed(strange)}, known are {listed(known)}; {AGAIN}")


def _warnings(checked: Mapping[str, Checked]) -> tuple[str, ...]:
    hidden = int((checked[PLAN].values == SUPPRESSED).sum())
    rows = counted(hidden, "placement", "placements")
    return (f"{rows} whose integration plan is suppressed: read as not in force",) if hidden else ()
