"""The texts of the public description in three languages (`texts/`), and how each writes numbers and days."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("fi", "sv", "en")
FEWEST = "0–1"  # of 100: somebody, but not even one of so many
_LOCALES = {"fi": "fi", "sv": "sv_FI", "en": "en_GB"}


class Words:
    """The texts of one language; a key that is not there is a KeyError: nothing is left out in silence."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = _LOCALES[language]
        self._texts = catalogue(language)

    def text(self, key: str, /, **values: str) -> str:
        """Return the text at "section.key", its {places} filled in."""
        return str(self.at(key)).format(**values)

    def at(self, key: str, /) -> Any:
        """Return what stands at "section.key"."""
        place: Any = self._texts
        for part in key.split("."):
            place = place[part]
        return place

    def counted(self, key: str, count: float, /) -> str:
        """Return the text at "section.key" that fits the count, which is filled in as {count}."""
        form = self.at(key)["one" if count == 1 else "many"]
        return str(form).format(count=self.number(count))

    def number(self, value: float) -> str:
        """Return a number as it is written: "1 250" with a space that does not break; as many decimals as it has."""
        return format_decimal(value, format="#,##0.##", locale=self._locale)

    def of_hundred(self, share: float) -> str:
        """Return a share as a number of 100 people."""
        return FEWEST if 0 < share < 0.005 else self.number(round(100 * share))

    def between(self, low: float, high: float) -> str:
        """Return an interval of shares as numbers of 100 people."""
        return self.text("page.interval", low=self.of_hundred(low), high=self.of_hundred(high))

    def day(self, value: date) -> str:
        """Return a day as it is written."""
        return format_date(value, format="long", locale=self._locale)

    def listed(self, items: Iterable[str]) -> str:
        """Return "a, b and c"."""
        *most, last = [*items] or [""]
        return f"{', '.join(most)} {self.text('page.and')} {last}" if most else last

    def mine(self, told: Mapping[str, str] | None, name: str) -> str:
        """Return words in this language, else a name."""
        return (told or {}).get(self.language) or name


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Return the texts of a language as the file holds them."""
    return tomllib.loads(files("ml.governance.public").joinpath(f"texts/{language}.toml").read_text(encoding="utf-8"))
