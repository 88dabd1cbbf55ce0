"""A TOML table read strictly: each key by its type, nothing left over, errors that name the place."""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ml.errors import ContractError
from ml.register.digest import is_digest
from ml.register.wording import listed, quoted, some_of

LARGEST_CONTRACT = 1 << 20  # bytes


@dataclass(frozen=True)
class Table:
    """One table of a TOML file: where it stands, and what it holds."""

    file: str
    place: str  # "outcome", "columns.age"; "" for the file itself
    content: Mapping[str, object]

    def fail(self, key: str, what: str) -> NoReturn:
        """Raise a ContractError that names file, table, key and value."""
        where = f"[{self.place}] " if self.place else ""
        value = self.content.get(key)
        is_plain = value is not None and not isinstance(value, Mapping)
        raise ContractError(f"{self.file}: {where}{key}{f' = {quoted(value)}' if is_plain else ''} {what}")

    def only(self, keys: Collection[str]) -> None:
        """Raise a ContractError when the table holds a key that is not among these."""
        unknown = [key for key in self.content if key not in keys]
        if unknown:
            where = f"[{self.place}] " if self.place else ""
            raise ContractError(
                f"{self.file}: {where}{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown here; "
                f"known: {listed(keys, most=len(keys))}"
            )

    def table(self, key: str) -> Table:
        """Return the table of that key, empty when it is not there."""
        content = self.content.get(key, {})
        if not isinstance(content, Mapping):
            self.fail(key, "must be a table")
        return Table(self.file, f"{self.place}.{key}" if self.place else key, content)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; required and not blank when there is no default."""
        value = self.content.get(key, default)
        if value is None:
            self.fail(key, "is missing: it is required")
        if not isinstance(value, str):
            self.fail(key, "must be a text in quotes")
        if default is None and not value.strip():
            self.fail(key, "is empty: it is required")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text that is not blank, or None when the key is not there."""
        return self.text(key) if key in self.content else None

    def digest(self, key: str) -> str:
        """Return "sha256:" and 64 hexadecimal digits; empty when the key is not there."""
        value = self.content.get(key, "")
        if key in self.content and not is_digest(value):
            self.fail(key, 'must be "sha256:" and 64 hexadecimal digits, in small letters')
        return str(value)

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of the choices."""
        value = self.text(key, default)
        if value not in choices:
            self.fail(key, f"is unknown: write {some_of(list(choices))}")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false when the key is not there."""
        value = self.content.get(key, False)
        if not isinstance(value, bool):
            self.fail(key, "must be true or false, without quotes")
        return value

    def number(self, key: str) -> float:
        """Return a finite number; required."""
        if key not in self.content:
            self.fail(key, "is missing: it is required")
        return self._finite(key, self.content[key], "must be a number")

    def optional_number(self, key: str) -> float | None:
        """Return a finite number, or None when the key is not there."""
        return self.number(key) if key in self.content else None

    def array(self, key: str) -> tuple[object, ...]:
        """Return the items of a list, at least one; empty when the key is not there."""
        if key not in self.content:
            return ()
        value = self.content[key]
        if not isinstance(value, list) or not value:
            self.fail(key, "must be a list with at least one item")
        return tuple(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of finite numbers; empty when the key is not there."""
        return tuple(self._finite(key, item, "must hold numbers only") for item in self.array(key))

    def _finite(self, key: str, value: object, what: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.fail(key, what)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.fail(key, f"{what}, and finite")
        return number


def read_toml(path: Path) -> tuple[Table, str]:
    """Return a TOML file as a table (texts in Unicode form NFC) and its text as read.

    Raises ContractError, one line: no such file, not UTF-8, larger than 1 MiB, broken TOML.
    """
    if not path.is_file():
        raise ContractError(f"{path}: there is no such file; give the path of the contract (TOML)")
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_CONTRACT + 1)
    except OSError as error:
        raise ContractError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > LARGEST_CONTRACT:
        raise ContractError(f"{path.name}: is larger than 1 MiB: this is not a contract")
    try:
        source = content.decode("utf-8-sig")
        tables = tomllib.loads(unicodedata.normalize("NFC", source))
    except UnicodeDecodeError as error:
        raise ContractError(f"{path.name}: is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ContractError(f"{path.name}: is not valid TOML: {str(error)[:200]}") from None
    return Table(path.name, "", tables), source
