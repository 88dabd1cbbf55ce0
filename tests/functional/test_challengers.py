"""The contest of all challengers on a small register, and the published formula that is there as a warning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.challengers import ams
from experiments.challengers import run as challengers
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

SERVED = ["rule", "logistic", "additive", "lightgbm"]
REFERENCE = {
    "spells_3y": 0.0, "longest_spell_days_5y": 0.0, "last_service": None, "occupation_group": None, "education": None,
    "gender": "men", "age": "under 25", "citizenship_group": "Finnish", "work_ability_limited": "not limited",
}  # fmt: skip
PROTECTED = ["gender", "age", "citizenship_group", "work_ability_limited"]


def test_all_challengers_meet_on_one_test_part_and_are_tracked(
    helsinki: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "challengers.png"
    challengers.main(
        ["--cohort", str(helsinki), "--trials", "0", "--home", str(home), "--picture", str(picture), "--json"]
    )
    found = json.loads(capsys.readouterr().out)
    (register,) = found["registers"]
    assert set(register["seconds"]) == {"base_rate", *SERVED, "hazard", "unlimited"}
    assert register["not_tuned"] == "not asked for (--trials 0)"
    assert list(found["together"]) == ["at registration", "after 91 days", "after 182 days"]
    for models in found["together"].values():
        assert set(models) == {*register["seconds"], "ams_2018"}
        assert models["lightgbm"]["brier_gain"]["value"] == models["lightgbm"]["auc_gain"]["value"] == 0
        assert models["base_rate"]["auc"]["value"] == pytest.approx(0.5, abs=0.05)  # it knows the times, and nobody
        assert "brier" not in models["ams_2018"]
        for name, each in models.items():
            gain = each["auc"]["value"] - models["lightgbm"]["auc"]["value"]
            assert each["auc_gain"]["value"] == pytest.approx(gain), name
    assert max(gain["value"] for gain in register["unlimited"].values()) < 0.01
    assert register["false_positives"]["ams_2018"]["gender: women"]["against"] == "men"
    assert picture.stat().st_size > 10_000
    kept = {path.suffix for path in (home / "mlflow" / "artifacts" / "challengers").rglob("challengers.*")}
    assert kept == {".json", ".png"}


def test_what_is_printed_names_every_challenger_and_what_the_formula_lacks(
    helsinki: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    challengers.main(["--cohort", str(helsinki), "--trials", "0"])
    said = capsys.readouterr().out
    for name in (*SERVED, "hazard", "unlimited", "ams_2018"):
        assert f"  {name} " in said
    assert "not in the formula here: care duties, women only, -0.15" in said
    assert "tuned: no: not asked for (--trials 0)" in said


# ---------------------------------------------------------------- the formula


@pytest.mark.parametrize(
    ("person", "chance_of_work"),
    [
        ({}, 0.52),  # the check of the source: the reference man
        ({"gender": "women"}, 0.49),  # and the same woman
        ({"gender": "suppressed", "age": "suppressed", "work_ability_limited": "missing"}, 0.52),
        ({"age": "50 and over"}, 0.354),
        ({"work_ability_limited": "limited"}, 0.361),
        ({"citizenship_group": "EU"}, 0.565),
        ({"citizenship_group": "other"}, 0.512),
        ({"spells_3y": 1.0}, 0.679),
        ({"spells_3y": 7.0}, 0.889),
        ({"longest_spell_days_5y": 180.0}, 0.525),
        ({"longest_spell_days_5y": 181.0}, 0.332),
        ({"occupation_group": "craft and trades workers", "education": "upper secondary"}, 0.570),
        ({"occupation_group": "service and sales workers", "education": "basic"}, 0.525),
        ({"last_service": "job coaching"}, 0.385),
        ({"last_service": "labour-market training"}, 0.473),
        ({"last_service": "wage-subsidised work"}, 0.418),
    ],
)
def test_the_formula_says_what_was_published(person: dict[str, Any], chance_of_work: float) -> None:
    row = pd.DataFrame([{**REFERENCE, **person}])
    found = ams.chance_of_work(row.drop(columns=PROTECTED), row[PROTECTED])
    assert found == pytest.approx(chance_of_work, abs=0.006)


def test_the_words_of_the_mapping_are_those_of_the_register(helsinki: Path) -> None:
    """A word that the register does not know would silently switch a term off."""
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    columns = cohort.contract.columns
    known = {column: set((columns[column].values or {}).values()) for column in (*PROTECTED, "education",
             "occupation_group", "last_service")}  # fmt: skip
    assert set(ams.PRODUCTION) < known["occupation_group"]
    assert {*ams.SUPPORTIVE, *ams.QUALIFYING, *ams.EMPLOYMENT} == known["last_service"]
    assert {"upper secondary", "higher education"} < known["education"]
    assert {"women"} < known["gender"]
    assert {"30–49", "50 and over"} < known["age"]
    assert {"EU", "other"} < known["citizenship_group"]
    assert {"limited"} < known["work_ability_limited"]
    assert ams.covers(cohort)
    stays = ams.chance_of_staying(cohort, np.arange(len(cohort)))
    assert ((stays > 0) & (stays < 1)).all()
