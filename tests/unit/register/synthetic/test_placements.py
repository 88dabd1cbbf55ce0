"""Two caseworkers differ, and not too much: what the register and the oracle say of placements."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

import ml.register.synthetic.placements
from experiments.oracle import read_spells
from ml.register.synthetic import oracle_folder, write_register

Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def truth(small_register: Path, tables: Tables) -> pd.DataFrame:
    """Return the register's placements with what the oracle knows of each, by person and day."""
    oracle = pd.read_parquet(oracle_folder(small_register) / "placements.parquet")
    oracle["date"] = oracle["date"].astype("datetime64[s]")
    placements = tables["placements"].sort_values(["identity_code", "date"])
    both = placements.merge(oracle, on=["identity_code", "date"], how="outer", indicator=True)
    assert (both.pop("_merge") == "both").all(), "the oracle tells of each placement, and of no other"
    return both


@pytest.fixture(scope="module")
def pairs(truth: pd.DataFrame) -> pd.DataFrame:
    """Return each second opinion with the latest placement of the same person 7 to 40 days before it."""
    again = truth[truth["is_again"]]
    found = again.merge(truth[~truth["is_again"]], on="identity_code", suffixes=("", "_before"))
    found["gap"] = (found["date"] - found["date_before"]).dt.days
    return found[found["gap"].between(7, 40)]


def test_one_in_twelve_is_placed_again_by_another_caseworker(truth: pd.DataFrame, pairs: pd.DataFrame) -> None:
    first = truth[(truth["placed_by"] == "caseworker") & ~truth["is_again"]]
    assert 0.07 < truth["is_again"].sum() / len(first) < 0.09
    assert len(pairs) >= truth["is_again"].sum() - 3, "each within 7 to 40 days; a few were entered late"
    judged = pairs[pairs["placed_by"] == "caseworker"]
    assert len(judged) > 500
    assert (judged["caseworker"] != judged["caseworker_before"]).all()
    assert (pairs["placed_by_before"] == "caseworker").all()


def test_a_second_opinion_comes_while_the_spell_lasts(small_register: Path, truth: pd.DataFrame) -> None:
    spells = read_spells(small_register)
    again = truth[truth["is_again"]].merge(spells, on="identity_code")
    within = (again["start"] <= again["date"]) & (again["end"].isna() | (again["date"] < again["end"]))
    assert within.groupby([again["identity_code"], again["date"]]).any().all()


def test_nobody_is_asked_to_an_interview_first_in_the_second_year(small_register: Path, truth: pd.DataFrame) -> None:
    placed = truth.merge(read_spells(small_register), on="identity_code")
    within = placed[(placed["start"] <= placed["date"]) & (placed["end"].isna() | (placed["date"] < placed["end"]))]
    months = (within["date"] - within["start"]).dt.days / 30.4
    asked = within["service_entity"] == "interview_first"
    assert (months > 12).sum() > 500
    assert not (asked & (months > 5)).any(), "in the second month, or at a second opinion of it"


def test_caseworkers_agree_as_people_do(pairs: pd.DataFrame) -> None:
    judged = pairs[pairs["placed_by"] == "caseworker"]
    kappa = cohen_kappa_score(judged["service_entity_before"], judged["service_entity"])
    assert 0.45 < kappa < 0.54  # 0.495 at full size; three standard errors of two thousand pairs


def test_each_caseworker_has_habits_of_their_own(truth: pd.DataFrame) -> None:
    """Shares differ between caseworkers by more than the luck of who comes: chi-squared over its degrees of freedom."""
    judged = truth[truth["placed_by"] == "caseworker"]
    for entity in ("rehabilitation", "interview_first"):
        counts = pd.crosstab(judged["caseworker"], judged["service_entity"] == entity).to_numpy(dtype=float)
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
        assert ((counts - expected) ** 2 / expected).sum() / (len(counts) - 1) > 1.6, entity


def test_the_rule_has_no_caseworker_and_need_is_what_they_look_at(truth: pd.DataFrame) -> None:
    assert (truth["caseworker"].isna() == (truth["placed_by"] == "rule")).all()
    need = truth[truth["placed_by"] == "caseworker"].groupby("service_entity")["need"].mean()
    assert need["rehabilitation"] > need["interview_first"] > need["skills"]
    shares = truth.loc[truth["placed_by"] == "caseworker", "service_entity"].value_counts(normalize=True)
    assert 0.19 < shares["rehabilitation"] < 0.28
    assert 0.10 < shares["interview_first"] < 0.16
    assert np.isclose(shares.sum(), 1)


def test_who_judges_changes_placements_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = write_register(tmp_path / "plain", 300)
    monkeypatch.setattr(ml.register.synthetic.placements, "SECOND_OPINION", 0.5)
    often = write_register(tmp_path / "often", 300)
    for folder in (lambda out: out, oracle_folder):
        files = sorted(folder(plain).iterdir())
        differing = {file.stem for file in files if file.read_bytes() != (folder(often) / file.name).read_bytes()}
        assert differing == {"placements"}
