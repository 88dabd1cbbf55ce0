"""Sections as TOML that people fill in: a comment line for each question, what is known already filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, get_args

from pydantic.fields import FieldInfo

from .answers import Row, Section

_BARE = re.compile(r"[A-Za-z0-9_-]+")  # a key that needs no quotes


def table(place: str, section: Section, without: Sequence[str] = (), *, explained: bool = True) -> str:
    """Return the table of a section, and the tables inside it.

    without    fields that are not asked
    explained  whether each question stands above its answer
    """
    head = f"[[{place}]]" if isinstance(section, Row) else f"[{place}]"
    return "\n".join([head, *_answers(section, without, explained)]) + "\n" + _inside(place, section, without)


def tables(place: str, rows: Iterable[Row], above: Callable[[Any], str] = lambda _: "") -> str:
    """Return the tables of a list; the questions stand above the answers of the first.

    above  what stands above the table of a row
    """
    return "\n".join(above(row) + table(place, row, explained=number == 0) for number, row in enumerate(rows))


def line(name: str, value: Any) -> str:
    """Return the line of one answer."""
    key = name if _BARE.fullmatch(name) else f'"{_escaped(name)}"'
    return f"{key} = {_value(value)}"


def comment(text: str) -> str:
    """Return a comment line, whatever the text holds."""
    return "# " + " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _answers(section: Section, without: Sequence[str], explained: bool) -> Iterator[str]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if name in without or isinstance(value, Section):
            continue
        if explained:
            yield comment(" ".join(part for part in (field.description, _choices(field), _example(field)) if part))
        if name == "digest":
            yield line("document", "")
        yield line(name, value)


def _inside(place: str, section: Section, without: Sequence[str]) -> str:
    made = ""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section) and name not in without:
            made += f"\n# {field.description}\n{table(f'{place}.{name}', value)}"
    return made


def _choices(field: FieldInfo) -> str:
    choices = [each for each in get_args(field.annotation) if isinstance(each, str) and each]
    return f"One of: {', '.join(choices)}." if choices else ""


def _example(field: FieldInfo) -> str:
    return f"Example: {field.examples[0]}" if field.examples else ""


def _value(value: Any) -> str:
    if value is None:
        return '""'
    if isinstance(value, date):
        return value.isoformat()
    lines = [_escaped(each) for each in value.split("\n")]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'


def _escaped(text: str) -> str:
    """Return the inside of a TOML string; JSON's is one, but for the delete character."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
