"""Whether a cohort and a model belong together; a cohort that nobody here could be found in is refused, not scored."""

from __future__ import annotations

from collections.abc import Sequence

from ml.contracts import Column, CurrentCohort
from ml.errors import DataError
from serving.edge import Edge
from serving.models.held import Loaded

AGAIN = "build the cohort again with apualy register build --current"


def require_fitting(cohort: CurrentCohort, used: Loaded) -> None:
    """Raise DataError where a model takes an input that the cohort has not, or has otherwise."""
    there = {column.name: column for column in cohort.columns}
    wanted = [each.column for each in used.model.encoder.inputs]
    odd = [column.name for column in wanted if not _same(column, there.get(column.name))]
    if odd:
        whose = f"{used.approved.name} version {used.approved.version}"
        raise DataError(f"the cohort lacks what {whose} takes, or codes it otherwise: {_few(odd)}; {AGAIN}")


def require_key(cohort: CurrentCohort, edge: Edge) -> None:
    """Raise DataError where the cohort's pseudonyms come from another key than the service's: nobody would be found."""
    if edge.fingerprint(cohort.purpose) not in {None, cohort.key}:
        raise DataError(
            f"the cohort of {cohort.purpose} has pseudonyms of another key than the service's: pseudonymise with the "
            "same key, or change both (apualy register rekey)"
        )


def _same(wanted: Column, there: Column | None) -> bool:
    return there is not None and (there.type, there.values, there.pace) == (wanted.type, wanted.values, wanted.pace)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
