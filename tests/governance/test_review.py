"""The steps of a review: which are open, to whom, and what an approval is worth when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import GateError, UsageError
from ml.governance.approval import months_later
from ml.governance.review import Binding, Event, Review, read_review, require_in_force, same_person, write_review

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BINDING = Binding("sha256:a", "sha256:b", "sha256:c")
STEPS = ("submit", "approve", "reject", "revoke")
WAY_TO = {
    "draft": (),
    "submitted": ("submit",),
    "approved": ("submit", "approve"),
    "rejected": ("submit", "reject"),
    "revoked": ("submit", "approve", "revoke"),
}
OPEN = {
    "draft": {"submit"},
    "submitted": {"approve", "reject"},
    "approved": {"revoke"},
    "rejected": set(),
    "revoked": set(),
}


def event(step: str, by: str = "") -> Event:
    who = by or ("Aino" if step == "submit" else "Eero")
    expires = (NOW + timedelta(days=180)).isoformat()
    return Event(step, who, NOW.isoformat(), "because", BINDING if step == "approve" else None, expires)


def reviewed(*steps: str) -> Review:
    review = Review("ltu-test", 3)
    for step in steps:
        review = review.taken(event(step))
    return review


@pytest.mark.parametrize("state", WAY_TO)
@pytest.mark.parametrize("step", STEPS)
def test_which_step_is_open_in_which_state(state: str, step: str) -> None:
    review = reviewed(*WAY_TO[state])
    assert review.state == state
    if step in OPEN[state]:
        assert len(review.taken(event(step)).events) == len(review.events) + 1
    else:
        with pytest.raises(GateError, match=f"is {state}: cannot {step} it"):
            review.taken(event(step))


@pytest.mark.parametrize("spelling", ["Aino Ä", "aino ä", " Aino   Ä ", "AINO A\u0308", "Ａｉｎｏ Ä"])
def test_the_author_does_not_approve_under_any_spelling(spelling: str) -> None:
    review = Review("ltu-test", 3).taken(event("submit", "Aino Ä"))
    with pytest.raises(GateError, match="somebody else must approve it"):
        review.taken(event("approve", spelling))
    assert review.taken(event("reject", spelling)).state == "rejected"  # taking one's own model back is fine


def test_two_people_are_two_people() -> None:
    assert not same_person("Aino", "Aina")


@pytest.mark.parametrize("nobody", ["", "  "])
def test_a_step_has_a_name(nobody: str) -> None:
    with pytest.raises(UsageError, match="needs a named person"):
        Review("ltu-test", 3).require_open("submit", nobody)


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "revoked"])
def test_only_an_approval_is_in_force(state: str) -> None:
    with pytest.raises(GateError, match=f"is {state}, not approved"):
        require_in_force(reviewed(*WAY_TO[state]), NOW)


@pytest.mark.parametrize(("days", "holds"), [(0, True), (179, True), (180, False), (181, False), (3650, False)])
def test_an_approval_ends(days: int, holds: bool) -> None:
    review = reviewed("submit", "approve")
    if holds:
        assert require_in_force(review, NOW + timedelta(days=days)).binding == BINDING
    else:
        with pytest.raises(GateError, match="expired"):
            require_in_force(review, NOW + timedelta(days=days))


def test_an_approval_without_an_end_or_a_binding_is_none() -> None:
    review = reviewed("submit", "approve")
    for broken in (replace(review.events[-1], expires=None), replace(review.events[-1], binding=None)):
        with pytest.raises(GateError, match="not approved"):
            require_in_force(replace(review, events=(review.events[0], broken)), NOW)


def test_a_review_reads_as_it_was_written(tmp_path: Path) -> None:
    review = reviewed("submit", "approve", "revoke")
    write_review(tmp_path / "3.review.json", review)
    assert read_review(tmp_path / "3.review.json", "ltu-test", 3) == review
    assert [path.name for path in tmp_path.iterdir()] == ["3.review.json"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"name": "ltu-test", "version": 3, "events": [{"step": "approve"}]}', "cannot be read"),
        ('{"name": "ltu-test", "version": 3, "events": [7]}', "cannot be read"),
        ('{"name": "ltu-test", "version": 4, "events": []}', "version 4"),
        ('{"name": "ltu-other", "version": 3, "events": []}', "ltu-other"),
    ],
)
def test_a_review_that_cannot_be_trusted_is_refused(tmp_path: Path, broken: str, told: str) -> None:
    path = tmp_path / "3.review.json"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(GateError, match=told):
        read_review(path, "ltu-test", 3)


def test_a_step_out_of_order_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "3.review.json"
    write_review(path, replace(reviewed("submit", "approve"), events=(event("approve"),)))
    with pytest.raises(GateError, match="cannot be read"):
        read_review(path, "ltu-test", 3)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-15", 6, "2026-07-15"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-06-30", 24, "2028-06-30"),
    ],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert months_later(datetime.fromisoformat(day), months) == datetime.fromisoformat(later)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(1, 24))
def test_an_approval_never_lasts_longer_than_its_months(moment: datetime, months: int) -> None:
    later = months_later(moment, months)
    assert (later.year - moment.year) * 12 + later.month - moment.month == months
    assert later.day <= moment.day
