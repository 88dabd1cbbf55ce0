"""The languages that people read: which one a request asks for, and its texts from gettext catalogues."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "apualy"
DEFAULT = "fi"
SOURCE = "en"  # the language of the texts in the code
CODES = (DEFAULT, "sv", SOURCE)
DECIMALS = 3  # of a number at most; nobody reads more
MOST_TEXTS = 4096  # remembered; the code has a quarter of it
LARGEST_WHOLE = 1e15  # beyond it a format without decimals tells digits that the number does not have
QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)  # RFC 9110, 12.4.2


def marked(text: str) -> str:
    """Return the text as it is; marks it for the catalogues where it is looked up later."""
    return text


@dataclass(frozen=True)
class Language:
    """One language and its texts; values are filled into named places."""

    code: str
    texts: NullTranslations

    def gettext(self, text: str, /, **values: str) -> str:
        """Return the text in this language."""
        return self._fill(text)(**values)

    def ngettext(self, one: str, many: str, count: float, /) -> str:
        """Return the text that fits the count, the count filled in as {count}."""
        form = 1 if count == 1 else 2  # gettext takes whole numbers only, and a half is plural in all three
        return self.texts.ngettext(one, many, form).format(count=self.number(count))

    def number(self, value: float) -> str:
        """Return a number as it is written in this language."""
        if value % 1 == 0 and abs(value) < LARGEST_WHOLE:  # most are; it takes a third of the time
            digits = f"{value:,.0f}"
        else:
            digits = f"{Decimal(repr(value)):,.{DECIMALS}f}".rstrip("0").rstrip(".")
        return digits.translate(self._marks)

    @cached_property
    def _fill(self) -> Callable[[str], Callable[..., str]]:
        """Return what looks up what fills in a text."""
        return lru_cache(MOST_TEXTS)(lambda text: self.texts.gettext(text).format)

    @cached_property
    def _marks(self) -> Mapping[int, str]:
        """Return how the marks of a number in English are written here (CLDR)."""
        symbols = Locale.parse(self.code).number_symbols["latn"]
        return str.maketrans({",": symbols["group"], ".": symbols["decimal"]})


def read_languages(folder: Path = LOCALES) -> Mapping[str, Language]:
    """Return the languages by code, read from the catalogues; there is nothing to compile beforehand."""
    read = {code: Language(code, _catalogue(folder, code)) for code in CODES if code != SOURCE}
    return read | {SOURCE: Language(SOURCE, NullTranslations())}


def _catalogue(folder: Path, code: str) -> NullTranslations:
    with (folder / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=code, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(64)
def preferred(accept_language: str | None) -> str:
    """Return the code of the language that an Accept-Language header likes best; Finnish when it names none of ours."""
    liked = [(_quality(parameters), _code(name)) for name, parameters in _parts(accept_language or "")]
    ours = [(quality, code) for quality, code in liked if code in CODES and quality > 0]
    best = max((quality for quality, _ in ours), default=0.0)
    return next((code for quality, code in ours if quality == best), DEFAULT)


def _parts(header: str) -> list[tuple[str, str]]:
    pieces = (piece.partition(";") for piece in header.split(","))
    return [(name.strip(), parameters.strip()) for name, _, parameters in pieces]


def _code(name: str) -> str:
    return DEFAULT if name == "*" else name.split("-")[0].lower()


def _quality(parameters: str) -> float:
    if not parameters:
        return 1.0
    found = QUALITY.fullmatch(parameters)
    return float(found[1]) if found else 0.0
