"""The reviewers' policy: every limit is written down, and a typing error is told."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ml.contracts import Limits
from ml.errors import ContractError
from ml.fairness.audit import METRICS
from ml.governance import policy as policy_module
from ml.governance.policy import POLICY, read_policy

TEXT = POLICY.read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def line_of(key: str) -> str:
    """Return the line that sets a key."""
    (line,) = (line for line in TEXT.splitlines() if line.startswith(f"{key} ="))
    return line


def test_the_policy_of_this_repository() -> None:
    policy = read_policy(POLICY)
    ratio = Limits("ratio", 0.8, 1.25)
    assert policy.audit.limits == {"false_positive_rate": ratio, "false_negative_rate": ratio,
                                   "calibration_gap": Limits("difference", -0.03, 0.03)}  # fmt: skip
    assert policy.audit.answers == ratio
    assert (policy.audit.capacity, policy.audit.capacities) == (0.25, (0.10, 0.05))
    assert {"gender", "age", "origin", "work_ability_limited"} < set(policy.audit.required)
    assert policy.audit.smallest_denominator == 30
    assert (policy.weak_auc, policy.leak_auc, policy.leak_column_auc) == (0.65, 0.9, 0.95)
    assert policy.approval_months == 6
    assert policy.temporal_validation is True
    assert policy.digest == f"sha256:{hashlib.sha256(POLICY.read_bytes()).hexdigest()}"


def test_a_comment_changes_the_digest(written: Path) -> None:
    written.write_text(TEXT + "# seen\n", encoding="utf-8")
    assert read_policy(written).digest != read_policy(POLICY).digest


KEYS = [
    "capacity", "capacities", "smallest_denominator", "required", "shown", "replicates", "answers",
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


def test_limits_are_not_forgotten(written: Path) -> None:
    start, end = TEXT.index("[audit.limits]"), TEXT.index("[performance]")
    written.write_text(TEXT[:start] + TEXT[end:], encoding="utf-8")
    with pytest.raises(ContractError, match=r"look at limits$"):
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
        ("temporal_validation", "1"), ("replicates", "499"), ("replicates", "2000.0"),
        ("capacities", "[0.1, 1.0]"), ("capacities", "[1]"), ("shown", '["accuracy"]'), ("required", "[1]"),
        ("answers", '{ of = "difference", low = -0.1, high = 0.1 }'),
        ("capacity", "0.0"), ("capacity", "1.0"), ("capacity", "nan"),
        ("smallest_denominator", "4"), ("smallest_denominator", "true"),
        ("weak_auc", "0.49"), ("weak_auc", "1.01"), ("leak_auc", "nan"), ("leak_column_auc", "95.0"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_told(written: Path, key: str, value: str) -> None:
    written.write_text(TEXT.replace(line_of(key), f"{key} = {value}"), encoding="utf-8")
    # Performance limits are told together.
    with pytest.raises(ContractError, match=key if not key.endswith("_auc") else "AUC limits|_auc"):
        read_policy(written)


@pytest.mark.parametrize(
    "limits",
    [
        '{ of = "ratio", low = 1, high = 1.25 }', '{ of = "ratio", low = 0.0, high = 1.25 }',
        '{ of = "ratio", low = 1.0, high = 1.25 }', '{ of = "ratio", low = -0.8, high = 1.25 }',
        '{ of = "ratio", low = nan, high = 1.25 }', '{ of = "ratio", low = 0.8, high = 1.0 }',
        '{ of = "ratio", low = 0.8, high = inf }', '{ of = "ratio", low = 0.8 }',
        '{ of = "product", low = 0.8, high = 1.25 }', '{ of = "ratio", low = 0.8, high = 1.25, of_whom = "all" }',
        '{ of = "difference", low = 0.01, high = 0.03 }', '{ of = "difference", low = -0.03, high = 0.0 }', '"none"',
    ],
)  # fmt: skip
def test_limits_that_limit_nothing_are_told(written: Path, limits: str) -> None:
    (line,) = (each for each in TEXT.splitlines() if each.startswith("false_positive_rate ="))
    written.write_text(TEXT.replace(line, f"false_positive_rate = {limits}"), encoding="utf-8")
    with pytest.raises(ContractError, match="limits are of a ratio"):
        read_policy(written)


def test_a_gap_is_no_ratio_and_a_metric_is_one_that_is_counted(written: Path) -> None:
    written.write_text(TEXT.replace('{ of = "difference", low = -0.03, high = 0.03 }',
                                    '{ of = "ratio", low = 0.8, high = 1.25 }'), encoding="utf-8")  # fmt: skip
    with pytest.raises(ContractError, match="limits are of a ratio"):
        read_policy(written)
    written.write_text(TEXT.replace("calibration_gap =", "accuracy ="), encoding="utf-8")
    with pytest.raises(ContractError, match="limits are of some of"):
        read_policy(written)


@pytest.mark.parametrize("content", [b"", b"[audit", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_told(written: Path, content: bytes | None) -> None:
    if content is not None:
        written.write_bytes(content)
    with pytest.raises(ContractError, match=r"policy\.toml"):
        read_policy(written)


def test_the_policy_knows_the_metrics_that_the_audit_can_count() -> None:
    """The rooms do not know each other; a metric added to one is added to the other."""
    assert set(policy_module.METRICS) == set(METRICS)
