"""Broken values of a file: the first ten told one by one, all counted, in one line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ml.contracts import Bools, Rows
from ml.errors import DataError
from ml.register.distinct import Distinct, Fault, spread
from ml.register.wording import LONGEST_LIST, cut, quoted


@dataclass
class Complaints:
    """Collects broken values; the caller raises them at the end."""

    file: str
    first_row_number: int
    total: int = 0
    told: list[tuple[int, int, str]] = field(default_factory=list)  # row, order of complaint, text
    hints: dict[str, None] = field(default_factory=dict)

    def about_values(self, name: str, given: Distinct, fault: Fault, told: Bools) -> None:
        """Complain of the rows that hold a distinct value at fault, but for those told before."""
        broken = fault.values & ~told
        if broken.any():
            rows = np.flatnonzero(spread(broken, given.codes, False))
            shown = {row: quoted(given.shown(int(given.codes[row]))) for row in rows[:LONGEST_LIST]}
            self._add(name, rows, {int(row): f": {text} {fault.what}" for row, text in shown.items()})
            self.hints[fault.hint] = None

    def about_rows(self, name: str, given: Distinct, broken: Bools, what: str) -> None:
        """Complain of rows whose value does not go with another column's."""
        if broken.any():
            rows = np.flatnonzero(broken)
            shown = {int(row): quoted(given.shown(int(given.codes[row]))) for row in rows[:LONGEST_LIST]}
            self._add(name, rows, {row: f": {text} {what}" for row, text in shown.items()})
            self.hints["correct the values or the contract"] = None

    def about_missing(self, name: str, missing: Bools, may_be_allowed: bool) -> None:
        """Complain of the rows where a value is missing that must not be."""
        if missing.any():
            rows = np.flatnonzero(missing)
            self._add(name, rows, {int(row): " is missing" for row in rows[:LONGEST_LIST]})
            hint = 'if that is right, write missing = "allowed" for the column'
            self.hints[hint if may_be_allowed else "duration, exit, start and id are never missing"] = None

    def _add(self, name: str, rows: Rows, texts: dict[int, str]) -> None:
        self.total += len(rows)
        for row, text in texts.items():
            where = f"row {row + self.first_row_number}, column {cut(name)}{text}"
            self.told.append((row, len(self.told), where))

    def settle(self) -> None:
        """Raise DataError with the first ten complaints by row and the total, if there are any."""
        if not self.total:
            return
        first = [text for _, _, text in sorted(self.told)[:LONGEST_LIST]]
        rest = f"; and {self.total - len(first)} more" if self.total > len(first) else ""
        values = "1 value breaks" if self.total == 1 else f"{self.total} values break"
        raise DataError(f"{self.file}: {values} the contract: {'; '.join(first)}{rest}. To do: {'; '.join(self.hints)}")
