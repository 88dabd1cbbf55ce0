"""The findings of a card that fail, each under the number by which an approval accepts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ml.contracts import Verdict


def numbered(*lists: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return copies of lists of findings; those that fail have an id, F1 and on, over all lists."""
    number = 0
    found = []
    for findings in lists:
        copies = [dict(each) for each in findings]
        for each in copies:
            if each["verdict"] == Verdict.FAIL.value:
                number += 1
                each["id"] = f"F{number}"
        found.append(copies)
    return found


def failing(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the findings that fail in their order: of single attributes, then beyond. Both sorts of card."""
    audit = card["audit"]
    return [each for each in (*audit["findings"], *audit.get("beyond", ())) if "id" in each]


def insufficient(card: Mapping[str, Any]) -> int:
    """Return how many findings, of all that was judged, have insufficient evidence. Both sorts of card."""
    audit, verdict = card["audit"], Verdict.INSUFFICIENT.value
    if "scopes" in audit:
        return sum(int(counts[verdict]) for counts in audit["scopes"].values())
    return sum(each["verdict"] == verdict for each in audit["findings"])
