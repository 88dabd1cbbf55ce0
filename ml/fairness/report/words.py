"""The texts of the report in three languages (`texts/`), and how each writes numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("fi", "sv", "en")
_LOCALES = {"fi": "fi", "sv": "sv_FI", "en": "en_GB"}
SPACE = "\u00a0"  # between a number and its sign
_DIGITS = {0: "#,##0", 1: "#,##0.0", 2: "#,##0.00", 3: "#,##0.000"}


class Words:
    """The texts of one language; a key that is not there is a KeyError: nothing is left out in silence."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = _LOCALES[language]
        self._texts = catalogue(language)

    def text(self, key: str, /, **values: str) -> str:
        """Return the text at "section.key", its {places} filled in."""
        return str(self._at(key)).format(**values)

    def texts(self, key: str, /) -> list[Any]:
        """Return the list of texts at "section.key"."""
        return list(self._at(key))

    def counted(self, key: str, count: float, /, **values: str) -> str:
        """Return the text at "section.key" that fits the count, which is filled in as {count}."""
        form = self._at(key)["one" if count == 1 else "many"]
        return str(form).format(count=self.number(count, 0 if float(count).is_integer() else 1), **values)

    def has(self, key: str, /) -> bool:
        """Return whether there is such a text."""
        try:
            self._at(key)
        except KeyError:
            return False
        return True

    def phrase(self, english: str, labels: Callable[[str], str] = str) -> str | None:
        """Return what the audit says in English in this language; None where the catalogue does not know it.

        labels  how the name of an attribute reads
        """
        for pattern, told in _phrases(self.language):
            if found := pattern.fullmatch(english):
                places = {name: self._decimal(value) for name, value in found.groupdict().items()}
                return told.format(**places | {"attribute": labels(places.get("attribute", ""))})
        return None

    # ------------------------------------------------------------ numbers

    def number(self, value: float, decimals: int) -> str:
        """Return a number as it is written: "2,80", "1 250" (with spaces that do not break), "−3.0"."""
        rounded = round(value, decimals) + 0.0  # no "−0"
        return format_decimal(rounded, format=_DIGITS[decimals], locale=self._locale).replace("-", "−")

    def share(self, value: float, decimals: int = 0) -> str:
        """Return a share of 0 to 1 in per cent."""
        return f"{self.number(100 * value, decimals)}{SPACE}%"

    def interval(self, low: str, high: str) -> str:
        """Return "0.80–1.25", or "−3.0 to 3.0" where a dash would be taken for a minus."""
        return self.text("range.signed" if "−" in low + high else "range.plain", low=low, high=high)

    def day(self, value: date) -> str:
        """Return a date as it is written."""
        return format_date(value, format="long", locale=self._locale)

    def listed(self, items: Iterable[str]) -> str:
        """Return "a, b and c"."""
        *most, last = [*items] or [""]
        return f"{', '.join(most)} {self.text('words.and')} {last}" if most else last

    def _decimal(self, value: str) -> str:
        return value if self.language == "en" else re.sub(r"(?<=\d)\.(?=\d)", ",", value)

    def _at(self, key: str) -> Any:
        place: Any = self._texts
        for part in key.split("."):
            place = place[part]
        return place


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Return the texts of a language as the file holds them."""
    return tomllib.loads(files("ml.fairness.report").joinpath(f"texts/{language}.toml").read_text(encoding="utf-8"))


@cache
def _phrases(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns of the audit's own English phrases, and how they read; {places} match any text."""
    made = []
    for english, told in catalogue(language)["phrases"].items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english))
        made.append((re.compile(pattern), told))
    return made
