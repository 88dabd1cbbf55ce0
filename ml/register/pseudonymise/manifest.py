"""What a pseudonymised extract says of itself, in its `pseudonymised.toml`."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ml.errors import DataError
from ml.register.digest import is_digest

FILE = "pseudonymised.toml"


@dataclass(frozen=True)
class Pseudonymised:
    """The facts of a pseudonymised extract.

    as_of          the day up to which the register knew
    k              how many people share each combination of recognisable facts, at least
    key            fingerprint of the key of its pseudonyms
    made_at        when it was made
    source         where the register came from, as its manifest says
    source_digest  SHA-256 over the register's tables
    special        special-category column → legal basis on which it was delivered
    quality        digest of the data-quality report of the register's intake; None when it came without one
    plan_days      legal basis on which the days of integration plans in force are delivered; None: they are not
    """

    as_of: date
    purpose: str
    k: int
    key: str
    made_at: datetime
    source: str
    source_digest: str
    special: dict[str, str] = field(default_factory=dict)
    quality: str | None = None
    plan_days: str | None = None

    def as_toml(self) -> str:
        """Return the facts as they are written."""
        lines = [
            f"as_of = {self.as_of.isoformat()}",
            f"purpose = {_text(self.purpose)}",
            f"k = {self.k}",
            f"key = {_text(self.key)}",
            f"made_at = {self.made_at.isoformat()}",
            f"source = {_text(self.source)}",
            f"source_digest = {_text(self.source_digest)}",
            *([] if self.quality is None else [f"quality = {_text(self.quality)}"]),
            *([] if self.plan_days is None else [f"plan_days = {_text(self.plan_days)}"]),
            "",
            "[special]",
            *(f"{_text(column)} = {_text(basis)}" for column, basis in self.special.items()),
        ]
        return "\n".join(lines) + "\n"


def read_pseudonymised(folder: Path) -> Pseudonymised:
    """Return what a pseudonymised extract says of itself. Raises DataError when it is none."""
    path = folder / FILE
    try:
        said = Pseudonymised(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{path}: is not that of a pseudonymised extract ({why}); run apualy register pseudonymise") \
            from None  # fmt: skip
    if not (said.quality is None or is_digest(said.quality)):
        raise DataError(f'{path}: quality must be "sha256:" and 64 hexadecimal digits; correct it or leave it out')
    return said


def is_pseudonymised(folder: Path) -> bool:
    """Return whether a folder is a pseudonymised extract."""
    try:
        read_pseudonymised(folder)
    except DataError:
        return False
    return True


def _text(text: str) -> str:
    """Return a text as TOML writes it: as JSON does, which lets one control character pass that TOML does not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
