"""Marks and names of groups in Finnish, Swedish and English, from the columns' own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from ml.contracts import Column
from ml.models.fractions.coding import family
from ml.models.fractions.marks import MISSING, YES, Found

LANGUAGES = ("fi", "sv", "en")
MARKS_IN_NAME = 2

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "median": "{label}: median {group}, of everybody {everybody}",
        "share": "{label} ({value}): {group} %, of everybody {everybody} %",
        "yes": "yes", "no": "no", "missing": "not recorded", "recorded": "recorded", "over": "over {number}",
        "many": "many", "few": "few", "more often": "more often {value}", "less often": "less often {value}",
    },
    "fi": {
        "median": "{label}: mediaani {group}, kaikilla {everybody}",
        "share": "{label} ({value}): {group} %, kaikista {everybody} %",
        "yes": "kyllä", "no": "ei", "missing": "ei kirjausta", "recorded": "kirjattu", "over": "yli {number}",
        "many": "paljon", "few": "vähän", "more often": "useammin {value}", "less often": "harvemmin {value}",
    },
    "sv": {
        "median": "{label}: median {group}, hos alla {everybody}",
        "share": "{label} ({value}): {group} %, av alla {everybody} %",
        "yes": "ja", "no": "nej", "missing": "ingen anteckning", "recorded": "antecknad", "over": "över {number}",
        "many": "många", "few": "få", "more often": "oftare {value}", "less often": "mer sällan {value}",
    },
}  # fmt: skip
# What is left over when the window is cut from the end of a label: "… in the last [year]".
_DANGLING = {"en": {"in", "the", "last"}, "fi": set[str](), "sv": {"under", "de", "det", "senaste"}}


_LIKE_EVERYBODY = {"en": "Like everybody", "fi": "Kuten kaikki", "sv": "Som alla"}


def told(mark: Found) -> dict[str, str]:
    """Return a mark as a line in each language: what, how it is in the group, and for everybody."""
    return {language: _line(mark, language) for language in LANGUAGES}


def names(groups: Sequence[Sequence[Found]], columns: Sequence[Column]) -> list[dict[str, str]]:
    """Return a name of each group in each language: its two strongest marks, more where two groups would share one.

    A group without marks is like everybody: its name says so.
    """
    made = [_unique(groups, columns, language) for language in LANGUAGES]
    return [dict(zip(LANGUAGES, name, strict=True)) for name in zip(*made, strict=True)]


def _unique(groups: Sequence[Sequence[Found]], columns: Sequence[Column], language: str) -> list[str]:
    phrases = [[_phrase(mark, columns, language) for mark in marks] for marks in groups]
    lengths = [MARKS_IN_NAME] * len(groups)
    while True:
        made = ["; ".join(each[:length]) or _LIKE_EVERYBODY[language]
                for each, length in zip(phrases, lengths, strict=True)]  # fmt: skip
        longer = [place for place, each in enumerate(phrases)
                  if made.count(made[place]) > 1 and lengths[place] < len(each)]  # fmt: skip
        if not longer:
            return [_numbered(made, place) for place in range(len(made))]
        for place in longer:
            lengths[place] += 1


def _numbered(made: Sequence[str], place: int) -> str:
    """Return a name, with a number where groups cannot be told apart by their marks."""
    if made.count(made[place]) == 1:
        return made[place]
    return f"{made[place]} ({made[: place + 1].count(made[place])})"


def _phrase(mark: Found, columns: Sequence[Column], language: str) -> str:
    """Return a mark in a few words: "Days of subsidy paid: many", "Latest benefit: basic allowance"."""
    words, label = _WORDS[language], short_label(mark.column, columns, language)
    if mark.measure == "median" or mark.over is not None:
        return f"{label}: {words['many' if mark.effect > 0 else 'few']}"
    value, rest = _value(mark, language), {YES: words["no"], MISSING: words["recorded"]}.get(mark.value or "")
    if mark.effect > 0:
        return f"{label}: {value if mark.group >= 0.5 else words['more often'].format(value=value)}"
    if mark.group < 0.5 and rest is not None:
        return f"{label}: {rest}"
    return f"{label}: {words['less often'].format(value=value)}"


def short_label(column: Column, columns: Sequence[Column], language: str) -> str:
    """Return a column's label without its window: the words with which the labels of all its windows begin."""
    labels = [each.words(language).split() for each in columns if family(each.name) == family(column.name)]
    if len(labels) < 2:
        return column.words(language)
    head = [words[0] for words in takewhile(lambda words: len(set(words)) == 1, zip(*labels, strict=False))]
    while head and head[-1] in _DANGLING[language]:
        head.pop()
    return " ".join(head) or column.words(language)


def _line(mark: Found, language: str) -> str:
    words, label = _WORDS[language], mark.column.words(language)
    if mark.measure == "median":
        of = {"group": number(mark.group, language), "everybody": number(mark.everybody, language)}
        return words["median"].format(label=label, **of)
    of = {"group": f"{100 * mark.group:.0f}", "everybody": f"{100 * mark.everybody:.0f}"}
    return words["share"].format(label=label, value=_value(mark, language), **of)


def _value(mark: Found, language: str) -> str:
    words = _WORDS[language]
    if mark.over is not None:
        return words["over"].format(number=number(mark.over, language))
    if mark.value in (YES, MISSING):
        return words[mark.value]
    return mark.column.value_words(str(mark.value), language)


def number(value: float, language: str) -> str:
    """Return a number as it is written in a language."""
    text = f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return text if language == "en" else text.replace(".", ",")
