"""Content → the one sequence of bytes that stands for it: canonical JSON (RFC 8785, for what is signed here)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ml.errors import DataError

LARGEST = 2**53 - 1  # beyond it readers of JSON do not agree on a number


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return content as canonical JSON: keys sorted, no blanks, UTF-8.

    Raises DataError for what has no single form: fractions, huge numbers, keys that are no text, half characters.
    """
    try:
        return json.dumps(_plain(content), ensure_ascii=False, separators=(",", ":"), check_circular=False).encode()
    except UnicodeEncodeError:
        raise DataError("half a character (a lone surrogate) cannot be signed; write the text again") from None
    except RecursionError:
        raise DataError("what is nested this deeply cannot be signed") from None


def _plain(value: Any) -> Any:
    """Return a value with its keys in order (of UTF-16 code units, as RFC 8785 asks)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return int(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise DataError("a key that is no text cannot be signed")
        return {key: _plain(value[key]) for key in sorted(value, key=_utf16)}
    raise DataError(f"{type(value).__name__} {str(value)[:40]!r} has no single form in JSON and cannot be signed")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
