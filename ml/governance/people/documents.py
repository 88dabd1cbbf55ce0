"""Documents that a form names by their path: the card keeps their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def with_digests(impact: Any, folder: Path) -> tuple[Any, list[str]]:
    """Return the section with the digest of each document instead of its path, and what is wrong with the paths.

    folder  where the form lies; a path is of a file beside it
    """
    if not isinstance(impact, Mapping):
        return impact, []
    made, problems = dict(impact), []
    for name, each in impact.items():
        if not isinstance(each, Mapping) or "document" not in each:
            continue
        answers = dict(each)
        path = answers.pop("document")
        made[name] = answers
        if problem := _take(answers, path, folder):
            problems.append(f"impact.{name}.document: {problem}")
    return made, problems


def _take(answers: dict[str, Any], path: Any, folder: Path) -> str:
    """Put the digest of a file among the answers; return what is wrong."""
    if not isinstance(path, str):
        return "must be the path of a file, in quotes"
    if not path.strip():
        return ""
    try:
        found = f"sha256:{hashlib.sha256((folder / path).read_bytes()).hexdigest()}"
    except (OSError, ValueError) as problem:
        return f"{path} cannot be read ({getattr(problem, 'strerror', None) or problem}); name a file beside the form"
    if answers.get("digest") not in ("", None, found):
        return f"{path} has another digest than the form says; leave digest empty to take that of the file"
    answers["digest"] = found
    return ""
