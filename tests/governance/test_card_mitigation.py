"""What a card tells of mitigations: all that were weighed, the one chosen, and what each changes for whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml.errors import DataError
from ml.governance.card.mitigation import read_mitigation, render_mitigation


def figure(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def group(name: str, flagged: float | None) -> dict[str, Any]:
    change = None if flagged is None else figure(flagged, 30)
    return {"group": name, "n": None if flagged is None else 590, "flagged": change, "wrongly_flagged": change,
            "missed": change}  # fmt: skip


def found(chosen: str = "as it is") -> dict[str, Any]:
    """Return what the experiment writes of one attribute, as far as a card reads it."""
    gap = {"group": "limited", "ratio": figure(2.9), "times": figure(2.9, 0.3)}
    points = [
        {"name": "as it is", "uses": "never", "found": figure(0.5), "auc": figure(0.73), "gap": gap, "groups": []},
        {"name": "thresholds", "uses": "scoring", "found": figure(0.48), "auc": None, "gap": None,
         "groups": [group("limited", -301), group("missing", None), group("not limited", 18)]},
    ]  # fmt: skip
    choice = {"name": chosen, "why": "none fulfils the rule", "refused": {}}
    return {"reference": "not limited", "capacity": 0.25, "people": 14425, "points": points, "choice": choice}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "mitigation.json"
    path.write_text(json.dumps({"data_digest": "sha256:data", "attributes": {"work": found()}}), encoding="utf-8")
    return path


def told(weighed: dict[str, Any]) -> str:
    """Return the section of a card; its links are the sources themselves."""
    words = {"work": {"label": {"en": "Limited work ability"}}}
    return render_mitigation({"mitigation": weighed, "audit": {"words": words}}, str)


def test_every_mitigation_is_told_with_what_it_uses_and_whom_it_costs(written: Path) -> None:
    text = told(read_mitigation(written, "sha256:data"))
    assert "**Limited work ability**, against not limited. Chosen: as it is (none fulfils the rule; " in text
    assert "(none fulfils the rule; mitigation.json#/work)." in text
    assert "| as it is (chosen) | 0.500 (0.480–0.520) | 0.730 (0.710–0.750) | 2.90 (2.60–3.20) | no |" in text
    assert "| no | mitigation.json#/work/points/0 |" in text
    assert "| thresholds | 0.480 (0.460–0.500) | — | — | of the person who is scored: needs a legal basis" in text
    assert "| thresholds | limited | 590 | -301 (-331 to -271) |" in text
    assert "| mitigation.json#/work/points/1/groups/0 |" in text
    assert "missing |" not in text
    assert "| not limited |" not in text  # from 12 fewer to 48 more: noise


def test_without_a_weighing_the_section_says_so() -> None:
    assert "nothing was changed for any group, and nothing weighed" in told({})


def test_without_a_choice_the_model_stays_as_it_is(written: Path) -> None:
    undecided = {"data_digest": "sha256:data", "attributes": {"work": found() | {"choice": None}}}
    written.write_text(json.dumps(undecided), encoding="utf-8")
    weighed = read_mitigation(written, "sha256:data")
    assert (weighed["work"]["chosen"], weighed["work"]["why"]) == ("as it is", "too few people to choose on")


def test_mitigations_of_other_data_say_nothing_here(written: Path) -> None:
    with pytest.raises(DataError, match="of other data than the model's"):
        read_mitigation(written, "sha256:other")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"attributes": {"work": {}}}', '{"attributes": [1]}', None])
def test_another_file_is_told(written: Path, content: str | None) -> None:
    if content is None:
        written.unlink()
    else:
        written.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"is not what experiments\.mitigation\.run --json writes"):
        read_mitigation(written, "sha256:data")
