"""A path of this service, for whoever is sent on: nobody's link leads from here to elsewhere."""

from __future__ import annotations

import re

from ml.errors import InputError

LONGEST_PATH = 1024
# One slash and then neither another nor a backslash, which browsers read as one; no spaces, no line ends, no letters
# that a browser drops.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def is_own_path(path: str) -> bool:
    """Return whether a text is a path of this service."""
    return len(path) <= LONGEST_PATH and OWN_PATH.fullmatch(path) is not None


def own_path(path: str) -> str:
    """Return a path of this service as it is. Raises InputError when it is none."""
    if not is_own_path(path):
        raise InputError(f"the way on must be a path of this service, at most {LONGEST_PATH} characters, as /clients")
    return path
