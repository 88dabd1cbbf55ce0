"""The texts of what a client is given, in three languages (`texts/`), and how each writes numbers and times."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from serving.hints.risk import MONTH_DAYS, MONTH_TOLERANCE
from serving.store.log import read_time

HERE = ZoneInfo("Europe/Helsinki")
WEEK_DAYS = 7
_TIMES = {"fi": "d.M.y 'klo' H.mm", "sv": "d.M.y 'kl.' H.mm", "en": "d MMMM y 'at' HH:mm"}
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
        section, _, name = key.partition(".")
        return self._texts[section][name]

    def number(self, value: float) -> str:
        """Return a number as it is written."""
        return format_decimal(value, format="#,##0.##", locale=self._locale)

    def of_hundred(self, share: float) -> str:
        """Return a share as a number of 100 people; under one with a decimal, for few are not none."""
        return self.number(round(100 * share, 1 if 100 * share < 1 else 0))

    def day(self, written: str) -> str:
        """Return a day, as the tables hold it, as people write it."""
        return format_date(date.fromisoformat(written), format="long", locale=self._locale)

    def time(self, written: str) -> str:
        """Return a time, as the tables hold it, as the clocks in Finland showed it."""
        return format_datetime(read_time(written), format=_TIMES[self.language], tzinfo=HERE, locale=self._locale)

    def horizon(self, days: float) -> str:
        """Return a number of days as people count them."""
        months = days / MONTH_DAYS
        if months >= 1 and abs(months - round(months)) <= MONTH_TOLERANCE * months:
            return self._counted("time.month", round(months))
        if days % WEEK_DAYS == 0:
            return self._counted("time.week", round(days / WEEK_DAYS))
        return self._counted("time.day", days)

    def _counted(self, key: str, count: float) -> str:
        return str(self.at(key)["one" if count == 1 else "many"]).format(count=self.number(count))


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Return the texts of a language as the file holds them."""
    return tomllib.loads(files("serving.export").joinpath(f"texts/{language}.toml").read_text(encoding="utf-8"))
