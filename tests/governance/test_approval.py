"""Steps that people take: reasons, acceptance of deviations, and when an approval ends."""

from __future__ import annotations

import calendar
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Policy
from ml.errors import GateError, UsageError
from ml.governance.registry import Registry
from ml.governance.review.approval import STEPS, Step, months_later, take
from ml.governance.review.review import TRANSITIONS, Review

NOW = datetime(2026, 8, 31, 9, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "months", "then"),
    [
        ("2026-05-24", 6, "2026-11-24"),
        ("2026-11-24", 6, "2027-05-24"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-30", 6, "2028-02-29"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-06-30", 12, "2027-06-30"),
    ],
)
def test_months_later(moment: str, months: int, then: str) -> None:
    at = datetime.fromisoformat(f"{moment}T23:59:59+00:00")
    assert months_later(at, months) == datetime.fromisoformat(f"{then}T23:59:59+00:00")


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


@settings(deadline=None)
@given(MOMENTS, st.integers(1, 24))
def test_months_later_is_that_many_calendar_months_away(moment: datetime, months: int) -> None:
    then = months_later(moment, months)
    assert (then.year * 12 + then.month) - (moment.year * 12 + moment.month) == months
    assert then.timetz() == moment.timetz()
    last = calendar.monthrange(then.year, then.month)[1]
    assert then.day == min(moment.day, last)
    assert timedelta(days=28 * months) <= then - moment <= timedelta(days=31 * months)


@settings(deadline=None)
@given(MOMENTS, MOMENTS, st.integers(1, 24))
def test_who_approves_later_never_has_the_earlier_end(one: datetime, other: datetime, months: int) -> None:
    first, second = sorted((one, other))
    # Of two days at a month's end both may become its last day; the hour then still counts within that day.
    assert months_later(first, months).date() <= months_later(second, months).date()


# ---------------------------------------------------------------- steps on a real draft


@pytest.fixture
def registry(drafts: Path, policy: Policy) -> Registry:
    return Registry(drafts, policy)


def step(step: str, by: str, reason: str = "Read the card.", accept: str = "", at: datetime = NOW) -> Step:
    return Step("ltu-small", 1, step, by, at, reason, accept)


def test_every_step_is_known() -> None:
    assert set(STEPS) == {each for _, each in TRANSITIONS}


def test_an_approval_binds_and_ends(registry: Registry, drafts: Path, policy: Policy) -> None:
    take(registry, step("submit", "Ada", ""))
    review = take(registry, step("approve", "Grace", accept="This is a test only."))
    approval = review.approval
    assert approval is not None
    assert approval.binding == registry.binding("ltu-small", 1)
    assert approval.binding.policy == policy.digest
    card = json.loads((drafts / "model_cards" / "ltu-small" / "1.json").read_text(encoding="utf-8"))
    assert approval.binding.artefact == card["model"]["digest"]
    assert approval.expires == "2027-02-28T09:30:15+00:00"
    assert approval.accepted == tuple(card["deviations"])
    assert "Read the card. This is a test only." in approval.reason
    assert registry.review("ltu-small", 1) == review


@pytest.mark.parametrize("accept", ["", "  ", "yes", "I accept"])
def test_deviations_take_a_written_acceptance(registry: Registry, accept: str) -> None:
    take(registry, step("submit", "Ada", ""))
    assert registry.deviations("ltu-small", 1)
    with pytest.raises(GateError, match=r"no temporal validation.*--accept TEXT"):
        take(registry, step("approve", "Grace", accept=accept))
    assert registry.review("ltu-small", 1).state == "submitted"


@pytest.mark.parametrize("reason", ["", " ", "ok", "looks good"])
@pytest.mark.parametrize(
    ("before", "named"), [(["submit"], "approve"), (["submit"], "reject"), (["submit", "approve"], "revoke")]
)
def test_a_step_takes_a_reason(registry: Registry, before: list[str], named: str, reason: str) -> None:
    for each, by in zip(before, ("Ada", "Grace"), strict=False):
        take(registry, step(each, by, accept="This is a test only."))
    state = registry.review("ltu-small", 1).state
    with pytest.raises(UsageError, match="--reason TEXT"):
        take(registry, step(named, "Grace", reason, accept="This is a test only."))
    assert registry.review("ltu-small", 1).state == state


def test_a_step_that_is_not_open_is_refused_before_anything_is_asked(registry: Registry) -> None:
    with pytest.raises(GateError, match="is draft: cannot approve it"):
        take(registry, step("approve", "Grace", ""))
    take(registry, step("submit", "Ada", ""))
    with pytest.raises(GateError, match="somebody else must approve it"):
        take(registry, step("approve", " ADA ", "", ""))


def test_a_model_without_deviations_needs_no_acceptance(registry: Registry, drafts: Path) -> None:
    path = drafts / "model_cards" / "ltu-small" / "1.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"deviations": []}), encoding="utf-8")
    take(registry, step("submit", "Ada", ""))
    review = take(registry, step("approve", "Grace"))
    assert review.approval is not None
    assert review.approval.accepted == ()


@pytest.mark.parametrize(("name", "version"), [("ltu-small", 3), ("ltu-small", 0), ("ltu-other", 1), ("../var", 1)])
def test_what_is_not_there_cannot_be_reviewed(registry: Registry, name: str, version: int) -> None:
    with pytest.raises(UsageError, match="has no version"):
        take(registry, Step(name, version, "submit", "Ada", NOW, ""))


def test_versions_are_reviewed_apart(registry: Registry) -> None:
    take(registry, step("submit", "Ada", ""))
    assert registry.review("ltu-small", 2) == Review("ltu-small", 2)
