"""The reviewers' policy: every limit is written down, and a typing error is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import apualy as main
from ml.errors import ContractError
from ml.fairness import counts
from ml.governance import policy as policy_module
from ml.governance.policy import read_policy

TEXT = main.POLICY.read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def line_of(key: str) -> str:
    """Return the line that sets a key."""
    (line,) = (line for line in TEXT.splitlines() if line.startswith(f"{key} ="))
    return line


def test_the_policy_of_this_repository() -> None:
    policy = read_policy(main.POLICY)
    assert policy.audit.metrics == ("selection_rate", "false_positive_rate", "false_negative_rate", "precision")
    assert (policy.audit.ratio_low, policy.audit.ratio_high, policy.audit.capacity) == (0.8, 1.25, 0.25)
    assert policy.audit.smallest_denominator == 30
    assert (policy.weak_auc, policy.leak_auc, policy.leak_column_auc) == (0.65, 0.9, 0.95)
    assert policy.approval_months == 6
    assert policy.temporal_validation is True
    assert policy.digest == f"sha256:{hashlib.sha256(main.POLICY.read_bytes()).hexdigest()}"


def test_a_comment_changes_the_digest(written: Path) -> None:
    written.write_text(TEXT + "# seen\n", encoding="utf-8")
    assert read_policy(written).digest != read_policy(main.POLICY).digest


KEYS = [
    "metrics", "ratio_low", "ratio_high", "smallest_denominator", "capacity", "replicates",
    "weak_auc", "leak_auc", "leak_column_auc", "months", "temporal_validation",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_no_limit_has_a_silent_default(written: Path, key: str) -> None:
    written.write_text(TEXT.replace(line_of(key), ""), encoding="utf-8")
    with pytest.raises(ContractError, match=rf"policy\.toml: .*look at {key}$"):
        read_policy(written)


@pytest.mark.parametrize("table", ["audit", "performance", "approval"])
def test_a_table_is_not_forgotten(written: Path, table: str) -> None:
    written.write_text(TEXT.replace(f"[{table}]", "[other]"), encoding="utf-8")
    with pytest.raises(ContractError, match=rf"\[({table}|other)\]"):
        read_policy(written)


@pytest.mark.parametrize(
    ("addition", "name"),
    [
        ("\n[approvals]\nmonths = 6\n", "approvals"),
        ("\n[empty]\n", "empty"),
        ("\nmonth = 6\n", "month"),  # lands in [approval], the last table
    ],
)
def test_what_is_not_known_is_told(written: Path, addition: str, name: str) -> None:
    written.write_text(TEXT + addition, encoding="utf-8")
    with pytest.raises(ContractError, match=name):
        read_policy(written)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ['"0.8"', "[1]", "{ a = 1 }", "1979-05-27"])
def test_a_wrong_type_is_told(written: Path, key: str, value: str) -> None:
    written.write_text(TEXT.replace(line_of(key), f"{key} = {value}"), encoding="utf-8")
    with pytest.raises(ContractError, match=key):
        read_policy(written)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("months", "6.0"), ("months", "true"), ("months", "0"), ("months", "-6"), ("months", "25"),
        ("temporal_validation", "1"), ("ratio_low", "1"), ("replicates", "499"), ("replicates", "2000.0"),
        ("ratio_low", "0.0"), ("ratio_low", "1.0"), ("ratio_low", "-0.8"), ("ratio_low", "nan"),
        ("ratio_high", "1.0"), ("ratio_high", "0.9"), ("ratio_high", "inf"), ("ratio_high", "nan"),
        ("capacity", "0.0"), ("capacity", "1.0"), ("capacity", "nan"),
        ("smallest_denominator", "4"), ("smallest_denominator", "true"),
        ("weak_auc", "0.49"), ("weak_auc", "1.01"), ("leak_auc", "nan"), ("leak_column_auc", "95.0"),
        ("metrics", "[]"), ("metrics", '["selection_rate", "accuracy"]'), ("metrics", '[["selection_rate"]]'),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_told(written: Path, key: str, value: str) -> None:
    written.write_text(TEXT.replace(line_of(key), f"{key} = {value}"), encoding="utf-8")
    # Performance limits are told together.
    with pytest.raises(ContractError, match=key if not key.endswith("_auc") else "AUC limits|_auc"):
        read_policy(written)


@pytest.mark.parametrize("content", [b"", b"[audit", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(written: Path, content: bytes | None) -> None:
    if content is not None:
        written.write_bytes(content)
    with pytest.raises(ContractError, match=r"policy\.toml"):
        read_policy(written)


def test_the_policy_knows_the_metrics_that_the_audit_can_count() -> None:
    """The rooms do not know each other; a metric added to one is added to the other."""
    assert set(policy_module.METRICS) == set(counts.METRICS)
