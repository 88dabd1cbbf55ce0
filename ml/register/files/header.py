"""The header of a file against the columns that its contract declares."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

from ml.errors import DataError
from ml.register.wording import cut, listed


def clean_names(file: str, names: Sequence[str]) -> list[str]:
    """Return the column names without blanks around them, in Unicode form NFC.

    Raises DataError for a name that is empty or stands twice.
    """
    cleaned = [unicodedata.normalize("NFC", name.strip()) for name in names]
    if "" in cleaned:
        raise DataError(f"{file}: column {cleaned.index('') + 1} of the header has no name; give it one")
    twice = [name for name, count in Counter(cleaned).items() if count > 1]
    if twice:
        raise DataError(f"{file}: the header names more than once: {listed(twice)}; rename or leave out")
    return cleaned


def check_names(file: str, names: Collection[str], expected: Collection[str]) -> None:
    """Raise DataError when the file has a column that is not declared, or lacks one that is; name each."""
    undeclared = [name for name in names if name not in expected]
    missing = [name for name in expected if name not in names]
    said = []
    if undeclared:
        said.append(f"the contract does not declare: {', '.join(map(cut, undeclared))}")
    if missing:
        said.append(f"the file lacks: {', '.join(map(cut, missing))}")
    if said:
        raise DataError(
            f'{file}: {"; ".join(said)}; declare every column under [columns] (role = "ignore" for one not needed)'
        )
