"""The file of clients, as the customer system writes it → rows under pseudonyms. Identity codes end here.

    identity_code,office,caseworker,assigned_on,consent,consent_on
    131052-308T,Itä,cw-17,2026-11-02,given,2026-11-05

`pseudonym` may stand in the place of `identity_code`. Nobody's client has neither caseworker nor assigned_on.
`consent` is given, since a day; or none: since a day when it was taken back, without one when it was never given.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from ml.errors import DataError
from serving.edge import Edge, Pseudonyms
from serving.wire.clients import ClientName
from serving.wire.wire import Line, Posted, Staff

NAMES = ("identity_code", "pseudonym")
COLUMNS = ("office", "caseworker", "assigned_on", "consent", "consent_on")
FAULTS_TOLD = 3


class ClientRow(Posted):
    """One row, as it is checked; the same rules as of what is posted."""

    client: ClientName
    office: Line | None
    caseworker: Staff | None
    assigned_on: Annotated[date, Field(strict=False)] | None
    consent: Literal["given", "none"]
    consent_on: Annotated[date, Field(strict=False)] | None

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.caseworker is None) != (self.assigned_on is None):
            raise PydanticCustomError("assigned", "Caseworker and assigned_on belong together: give both, or neither")
        if self.consent == "given" and self.consent_on is None:
            raise PydanticCustomError("consent", "Consent was given on a day: fill in consent_on")
        return self


@dataclass(frozen=True)
class Listed:
    """One client of the file; days as the tables hold them."""

    client: Pseudonyms
    office: str | None
    caseworker: str | None
    assigned_on: str | None
    consents: bool
    consent_on: str | None


def read_clients(path: Path, edge: Edge, today: date) -> list[Listed]:
    """Return the clients of a file, each once.

    Raises DataError that names lines and columns, never what stands there; UsageError where identity codes stand in
    the file and there is no key.
    """
    found: list[Listed] = []
    faults: list[str] = []
    lines: dict[str, int] = {}
    for line, cells in _rows(path):
        try:
            row = _checked(cells, today)
            listed = _listed(row, edge.pseudonyms(row.client))
        except DataError as fault:
            faults.append(f"line {line}: {fault}")
            continue
        first = lines.setdefault(listed.client.client, line)
        if first != line:
            faults.append(f"line {line}: the same client as in line {first}")
        found.append(listed)
    if faults:
        more = f"; and {len(faults) - FAULTS_TOLD} lines more" if len(faults) > FAULTS_TOLD else ""
        raise DataError(f"{path}: nothing was taken in: {'; '.join(faults[:FAULTS_TOLD])}{more}")
    if not found:
        raise DataError(f"{path}: there is nobody in the file; an export that broke off is not taken in")
    return found


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield line number and column → cell. Raises DataError when the file is no such table."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8; write it anew as UTF-8") from None
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        head = next(lines, [])
        _require_columns(path, head)
        for cells in lines:
            if len(cells) != len(head):
                raise DataError(f"{path}: line {lines.line_num} has {len(cells)} cells, the first line {len(head)}")
            yield lines.line_num, dict(zip(head, cells, strict=True))
    except csv.Error:
        raise DataError(
            f"{path}: line {lines.line_num} is no line of a CSV file; look at its quotation marks"
        ) from None


def _require_columns(path: Path, head: Sequence[str]) -> None:
    names = [each for each in NAMES if each in head]
    if len(names) != 1 or sorted(head) != sorted((*names, *COLUMNS)):
        wanted = ",".join(("identity_code", *COLUMNS))
        raise DataError(f"{path}: the first line must be {wanted} (or pseudonym in the place of identity_code)")


def _checked(cells: Mapping[str, str], today: date) -> ClientRow:
    given: dict[str, Any] = {name: cell.strip() or None for name, cell in cells.items()}
    named = {name: given.pop(name) for name in NAMES if name in given}
    try:
        row = ClientRow.model_validate({"client": named, **given})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        column = next((str(part) for part in reversed(fault["loc"]) if part != "client"), None)
        raise DataError(fault["msg"] if column is None else f"{column}: {fault['msg']}") from None
    if row.consent_on is not None and row.consent_on > today:
        raise DataError("consent_on: this day is still to come")
    return row


def _listed(row: ClientRow, client: Pseudonyms) -> Listed:
    return Listed(
        client, row.office, row.caseworker, _day(row.assigned_on), row.consent == "given", _day(row.consent_on)
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
