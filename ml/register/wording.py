"""How values and names are quoted in one-line messages: struck out, cut, in bounded lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ml.errors import without_identity_codes

LONGEST_QUOTE = 40
LONGEST_LIST = 10


def cut(text: str) -> str:
    """Return the text as one line of at most 40 characters, identity codes struck out before it is cut."""
    line = " ".join(without_identity_codes(text[: 100 * LONGEST_QUOTE]).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def quoted(value: object) -> str:
    """Return a value as TOML would write it, cut: "abc", true, 3."""
    if isinstance(value, str):
        return f'"{cut(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return cut(str(value))
    except ValueError:  # an integer too long to be written
        return "a number of thousands of digits"


def listed(names: Iterable[str], most: int = LONGEST_LIST) -> str:
    """Return names joined by commas, the first ten written out and the rest counted."""
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(cut(name) for name in every[:most]) + rest


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun: 1 row, 3 rows."""
    return f"{count} {one if count == 1 else many}"


def number_name(value: float) -> str:
    """Return the shortest text of a number, whole ones without a decimal point; never ambiguous."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def some_of(choices: Sequence[str]) -> str:
    """Return the choices for a message: a, b or c."""
    return ", ".join(choices[:-1]) + f" or {choices[-1]}" if len(choices) > 1 else choices[0]
