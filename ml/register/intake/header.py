"""The columns that a table has against those that the register declares."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from ml.errors import DataError
from ml.register.schema import Table
from ml.register.wording import listed

LIKE_A_NAME = re.compile(r"[^\W\d][\w .\-]{0,39}")


def check_header(where: str, table: Table, names: Sequence[str]) -> None:
    """Raise DataError unless the names are the declared ones, in any order; all that is wrong is said at once.

    A header that holds no declared name at all is not quoted: it may be a record.
    """
    cleaned = [clean(name) for name in names]
    if not set(cleaned) & set(table.names):
        raise DataError(
            f"{where}: its first row names none of the columns of {table.name}; it must name them "
            f"({', '.join(table.names)}), separated by ; , | or tab"
        )
    twice = [name for name, count in Counter(cleaned).items() if count > 1]
    undeclared = [name for name in dict.fromkeys(cleaned) if name not in table.names]
    missing = [name for name in table.names if name not in cleaned]
    said = [
        f"{what} {listed(_shown(cleaned, those), most=len(those))}"
        for what, those in (("lacks", missing), ("has undeclared", undeclared), ("names twice", twice))
        if those
    ]
    if said:
        raise DataError(
            f"{where}: {'; '.join(said)}. To do: deliver exactly the columns that DATA_DICTIONARY.md lists "
            f"for {table.name}"
        )


def clean(name: str) -> str:
    """Return a column's name without blanks around it, in Unicode form NFC."""
    return unicodedata.normalize("NFC", name.strip())


def _shown(names: Sequence[str], those: Sequence[str]) -> list[str]:
    """Return names as they may be quoted: what does not look like a name may be a person's data."""
    return [name if LIKE_A_NAME.fullmatch(name) else f"(column {names.index(name) + 1})" for name in those]
