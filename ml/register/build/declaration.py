"""The cohort contract of the built cohort, as TOML, made from the declarations of features and groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ml.contracts import ColumnType, Role
from ml.register.build.groups import attributes
from ml.register.features import FEATURES, PACE, REASONS, Feature
from ml.register.outcomes import ENDINGS, UNDER_WAY
from ml.register.schema import Words

NAME = "risk"  # the model is ltu-risk
HORIZONS = (91, 182, 365)  # days: 3, 6 and 12 months (national indicator 10)


def cohort_toml(as_of: date, special: bool, quality: str | None = None) -> str:
    """Return the contract of a cohort built as of a day.

    special  whether the work-ability limitation stands among the protected attributes
    quality  digest of the data-quality report of the register's intake; None: it came without one
    """
    tables = [
        _cohort(as_of, quality),
        _outcome(),
        '[time]\nstart = "start"\n',
        _column("pseudonym", Words("Pseudonym", "Pseudonyymi", "Pseudonym"), 'role = "id"'),
        _column("start", Words("Day of registration", "Työttömyyden alkamispäivä", "Arbetslöshetens första dag"),
                'type = "date"', 'role = "time"'),
        _column("landmark_months", Words("Months since registration", "Kuukaudet alkamisesta", "Månader sedan början"),
                'type = "number"', 'role = "ignore"'),
        _column("duration_days", Words("Days unemployed", "Työttömyyden kesto, päivää", "Arbetslöshet, dagar"),
                'type = "number"', 'role = "outcome"', "min = 0"),
        _column("ended", Words("How the spell ended", "Miten jakso päättyi", "Hur perioden upphörde"),
                'type = "category"', 'role = "outcome"', _values(ENDINGS)),
        *(_feature(feature) for feature in (*FEATURES, PACE)),
        *(_protected(special)),
        *(_reason(name, words) for name, words in REASONS.items()),
    ]  # fmt: skip
    return "\n".join(tables)


def _cohort(as_of: date, quality: str | None) -> str:
    return (
        "# Made by `apualy register build`; one row a spell and look (0, 3 and 6 months since registration).\n"
        "[cohort]\n"
        f"name = {_text(NAME)}\n"
        f"description = {_text(f'Spells of unemployment in the register, as known on {as_of.isoformat()}')}\n"
        'licence = "not for publication: pseudonymised personal data"\n' + quality_line(quality)
    )


def quality_line(quality: str | None) -> str:
    """Return the line of the digest of a data-quality report; nothing where there is none."""
    return "" if quality is None else f"quality_report = {_text(quality)}\n"


def _outcome() -> str:
    return (
        "[outcome]\n"
        'duration = "duration_days"\n'
        'unit = "day"\n'
        'exit = "ended"\n'
        f"censored_when = [{_text(UNDER_WAY)}]\n"
        f"horizon = {HORIZONS[-1]}\n"
        f"horizons = [{', '.join(map(str, HORIZONS))}]\n"
        'entry = "days_unemployed"\n'
        'rule = "months_since_job"\n'
    )


def _feature(feature: Feature) -> str:
    lines = [f'type = "{feature.type}"', 'role = "feature"', f'kind = "{feature.kind}"']
    lines.append(f"why = {_text(feature.why)}")
    if feature.reason is not None:
        lines.append(f"reason = {_text(feature.reason)}")
    if feature.missing:
        lines.append('missing = "allowed"')
    if feature.type is ColumnType.NUMBER:
        lines.append(f"min = {feature.minimum}")
        if feature.maximum is not None:
            lines.append(f"max = {feature.maximum}")
    if feature is PACE:
        lines.append("pace = true")
    if feature.values is not None:
        lines += [_values(feature.values), _translations(feature.values)]
    return _column(feature.name, feature.words, *lines)


def _protected(special: bool) -> Iterable[str]:
    for attribute in attributes(special):
        lines = ['type = "category"', 'role = "protected"', 'missing = "allowed"']
        if attribute.groups:
            groups = {words.en: words for words in attribute.groups}
            lines += [_values(groups), _translations(groups)]
        if attribute.reference:
            lines.append(f"reference = {_text(attribute.reference)}")
        yield _column(attribute.name, attribute.words, *lines)


def _column(name: str, words: Words, *lines: str) -> str:
    return "\n".join((f"[columns.{name}]", *lines, _label(words), ""))


def _reason(name: str, words: Words) -> str:
    return "\n".join((f"[reasons.{name}]", _label(words), ""))


def _label(words: Words) -> str:
    return f"label = {{ {', '.join(f'{language} = {_text(text)}' for language, text in words.as_labels().items())} }}"


def _values(values: Mapping[str, Words]) -> str:
    return f"values = {{ {', '.join(f'{_text(code)} = {_text(words.en)}' for code, words in values.items())} }}"


def _translations(values: Mapping[str, Words]) -> str:
    def told(language: str) -> str:
        return ", ".join(f"{_text(code)} = {_text(words.as_labels()[language])}" for code, words in values.items())

    return f"translations = {{ fi = {{ {told('fi')} }}, sv = {{ {told('sv')} }} }}"


def _text(text: str) -> str:
    """Return a TOML string; JSON's is one, as long as it is not escaped beyond the basic plane."""
    return json.dumps(text, ensure_ascii=False)


def feature_tables(features: Sequence[Feature], reasons: Mapping[str, Words]) -> list[str]:
    """Return the tables of features, and of those of the reasons that they are told by."""
    used = {feature.reason for feature in features}
    told = [_reason(name, words) for name, words in reasons.items() if name in used]
    return [*map(_feature, features), *told]


def protected_tables(special: bool) -> list[str]:
    """Return the tables of the audit's attributes."""
    return list(_protected(special))


def category_table(name: str, words: Words, role: Role, values: Mapping[str, Words]) -> str:
    """Return the table of a category that is no feature."""
    return _column(name, words, 'type = "category"', f'role = "{role}"', _values(values))


def id_table() -> str:
    """Return the table of the pseudonym."""
    return _column("pseudonym", Words("Pseudonym", "Pseudonyymi", "Pseudonym"), 'role = "id"')


def day_table(name: str, words: Words) -> str:
    """Return the table of the column of days."""
    return _column(name, words, 'type = "date"', 'role = "time"')
