"""The reviewers' policy: every line is there, and none has a silent default."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.errors import ContractError
from ml.governance.policy import read_policy

POLICY = Path(__file__).parents[2] / "model_cards" / "policy.toml"


def test_the_policy_of_the_repo_reads() -> None:
    policy = read_policy(POLICY)
    assert (policy.audit.ratio_low, policy.audit.ratio_high, policy.audit.capacity) == (0.8, 1.25, 0.25)
    assert (policy.approval_months, policy.temporal_validation) == (6, True)
    assert policy.digest.startswith("sha256:")


def test_any_byte_changes_the_digest(tmp_path: Path) -> None:
    other = tmp_path / "policy.toml"
    other.write_text(POLICY.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert read_policy(other).digest != read_policy(POLICY).digest


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("months = 6", "", "months"),
        ("months = 6", "months = 6\nweeks = 3", "weeks"),
        ("months = 6", 'months = "six"', "months = 'six' is not a int"),
        ("months = 6", "months = 0", "months are 1 to 24"),
        ("months = 6", "months = true", "months = True is not a int"),
        ("ratio_low = 0.8", "ratio_low = 1.1", "0 < ratio_low < 1 < ratio_high"),
        ("ratio_high = 1.25", "ratio_high = inf", "0 < ratio_low < 1 < ratio_high"),
        ("capacity = 0.25", "capacity = 1.0", "0 < capacity < 1"),
        ("smallest_denominator = 30", "smallest_denominator = 1", "smallest_denominator is at least 5"),
        ("replicates = 2000", "replicates = 10", "replicates are at least 500"),
        ("weak_auc = 0.65", "weak_auc = 0.2", "AUC limits lie between 0.5 and 1"),
        ("weak_auc = 0.65", "weak_auc = nan", "AUC limits lie between 0.5 and 1"),
        ('"selection_rate", ', '"luck", ', "metrics are some of"),
        ("[approval]", "[goodwill]", "goodwill|approval"),
        ("months = 6", "months = ", "cannot be read"),
    ],
)
def test_a_policy_that_is_not_whole_stops_everything(tmp_path: Path, line: str, instead: str, told: str) -> None:
    text = POLICY.read_text(encoding="utf-8")
    assert text.count(line) == 1
    broken = tmp_path / "policy.toml"
    broken.write_text(text.replace(line, instead), encoding="utf-8")
    with pytest.raises(ContractError, match=told):
        read_policy(broken)


def test_a_policy_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.toml"):
        read_policy(tmp_path / "nowhere.toml")
