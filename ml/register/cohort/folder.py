"""A cohort folder: the contract, and inputs and protected attributes in two files that agree row by row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import CohortContract, Role
from ml.errors import DataError
from ml.register.cohort.declaration import read_contract
from ml.register.cohort.values.validate import kept_columns
from ml.register.files import RawTable
from ml.register.files.parquet_file import read_parquet

CONTRACT, INPUTS, PROTECTED, FIGURES = "cohort.toml", "inputs.parquet", "protected.parquet", "build.json"
CURRENT, PLANS = "current.toml", "plans.parquet"  # of those unemployed now, whom no model learns from
KEYS = ("pseudonym", "start", "landmark_months")  # together they name a row, in both files


def read_folder(folder: Path) -> tuple[CohortContract, RawTable]:
    """Return the contract of a cohort folder and the columns of its two files as one table.

    Raises ContractError or DataError, one line: a file is missing or damaged, or the two disagree on their rows.
    """
    contract = read_contract(folder / CONTRACT)
    return contract, folder_table(folder, contract)


def folder_table(folder: Path, contract: CohortContract) -> RawTable:
    """Return the kept columns of both files of a cohort folder as one table, rows in the order of the files.

    Raises DataError, one line: a file is missing or damaged, has undeclared columns or lacks declared ones, or the
    two do not hold the same rows in the same order.
    """
    protected_names = [column.name for column in contract.with_role(Role.PROTECTED)]
    input_names = [name for name in contract.columns if name not in protected_names]
    kept = [column.name for column in kept_columns(contract)]
    return joined_files(folder, input_names, protected_names, KEYS, kept)


def joined_files(
    folder: Path, inputs: Sequence[str], protected: Sequence[str], keys: Sequence[str], kept: Sequence[str]
) -> RawTable:
    """Return the kept columns of the two files of a folder as one table.

    inputs, protected  the columns that each file must have, of `protected` those besides the keys
    keys               the columns that together name a row, in both files
    Raises DataError as `folder_table`.
    """
    rows, digest = read_file(folder, INPUTS, inputs)
    apart, protected_digest = read_file(folder, PROTECTED, [*keys, *protected])
    _check_same_rows(folder, rows, apart, keys)
    for name in protected:
        rows = rows.append_column(name, apart[name])
    both = hashlib.sha256(f"{digest} {protected_digest}".encode()).hexdigest()
    return RawTable(folder.name, rows.select(list(kept)), 1, True, f"sha256:{both}")


def read_file(folder: Path, file: str, names: Sequence[str]) -> tuple[Any, str]:
    """Return a file of a cohort folder with exactly those columns, and its digest. Raises DataError."""
    path = folder / file
    if not path.is_file():
        raise DataError(f"{path}: does not exist; build the cohort with apualy register build")
    table, digest = read_parquet(path, names, names)
    if not table.num_rows:
        raise DataError(f"{path}: has no rows; there is nothing to learn from")
    return table, digest


def _check_same_rows(folder: Path, inputs: Any, protected: Any, keys: Sequence[str]) -> None:
    """Raise DataError unless the keys of both files agree row by row."""
    hint = f"{INPUTS} and {PROTECTED} are not of one build; build the cohort again"
    if inputs.num_rows != protected.num_rows:
        raise DataError(f"{folder}: {inputs.num_rows} rows of inputs, {protected.num_rows} of protected: {hint}")
    for name in keys:
        try:
            same = pc.fill_null(pc.equal(inputs[name], protected[name]), False)
        except pa.ArrowException:
            raise DataError(f"{folder}: the two files store column {name} differently: {hint}") from None
        first = pc.index(same, False).as_py()
        if first >= 0:
            raise DataError(f"{folder}: row {first + 1}: column {name} differs: {hint}")
