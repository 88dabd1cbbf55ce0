"""Where steps and time lead: the table, walked through; and the page that shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.governance.review.diagram import PAGE, diagram
from ml.governance.review.history import review_of
from ml.governance.review.rules import RULES, WORDS
from ml.governance.review.statement import Condition, Statement
from ml.governance.review.states import TABLE, State, Step, find, open_steps
from ml.governance.signing.role import Role

from .reviewing import MONDAY, approval, condition, fulfilled, review, step

S = Step
DAY = timedelta(days=1)
TO_APPROVED = (S.SUBMIT, S.ASSESS, S.APPROVE)


def conditional(*conditions: Condition) -> tuple[Step | Statement, ...]:
    return (S.SUBMIT, S.ASSESS, step(S.APPROVE, approval=approval(*conditions)))


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((), State.DRAFT),
        ((S.SUBMIT,), State.SUBMITTED),
        ((S.SUBMIT, S.RETURN), State.DRAFT),
        ((S.SUBMIT, S.RETURN, S.SUBMIT), State.SUBMITTED),
        ((S.SUBMIT, S.REJECT), State.REJECTED),
        ((S.SUBMIT, S.ASSESS), State.ASSESSED),
        ((S.SUBMIT, S.ASSESS, S.RETURN), State.DRAFT),
        ((S.SUBMIT, S.ASSESS, S.REJECT), State.REJECTED),
        (TO_APPROVED, State.APPROVED),
        ((*TO_APPROVED, S.REVOKE), State.REVOKED),
        (conditional(condition()), State.CONDITIONAL),
        ((*conditional(condition("task")), fulfilled()), State.CONDITIONAL),
        ((*conditional(condition()), S.REVOKE), State.REVOKED),
        ((*TO_APPROVED, S.RETURN), State.DRAFT),
        ((*conditional(condition()), S.RETURN, S.SUBMIT), State.SUBMITTED),
    ],
)
def test_steps_lead_to_states(steps: tuple[Step | Statement, ...], state: State) -> None:
    assert review(*steps).state(MONDAY) is state


@pytest.mark.parametrize(
    ("steps", "days", "state"),
    [
        (TO_APPROVED, 89, State.APPROVED),
        (TO_APPROVED, 90, State.EXPIRED),
        (conditional(condition("retrain", 30)), 30, State.CONDITIONAL),
        (conditional(condition("retrain", 30)), 31, State.SUSPENDED),
        (conditional(condition("retrain", 30)), 90, State.EXPIRED),
        (conditional(condition("task", 30)), 31, State.SUSPENDED),
        ((*conditional(condition("task", 30)), fulfilled(at=MONDAY + 35 * DAY)), 40, State.CONDITIONAL),
        (conditional(condition("audit", 30, every_days=10)), 31, State.SUSPENDED),
        ((*conditional(condition("audit", 30, every_days=10)), fulfilled("pass", MONDAY + 20 * DAY)), 30,
         State.CONDITIONAL),
        ((*conditional(condition("audit", 30, every_days=10)), fulfilled("pass", MONDAY + 20 * DAY)), 31,
         State.SUSPENDED),
        ((*conditional(condition("audit", 30)), fulfilled("insufficient", MONDAY + 20 * DAY)), 80, State.CONDITIONAL),
        ((*conditional(condition("audit", 30)), fulfilled("fail", MONDAY + 20 * DAY)), 21, State.SUSPENDED),
        ((*conditional(condition("task", 30)), fulfilled(name="C2")), 31, State.SUSPENDED),
        ((*TO_APPROVED, S.REVOKE), 90, State.REVOKED),
    ],
)  # fmt: skip
def test_time_ends_and_suspends(steps: tuple[Step | Statement, ...], days: int, state: State) -> None:
    assert review(*steps).state(MONDAY + days * DAY) is state


def test_a_newer_version_meets_a_condition_of_training_again() -> None:
    late = MONDAY + 60 * DAY
    assert review(*conditional(condition())).state(late) is State.SUSPENDED
    assert review(*conditional(condition()), newer=True).state(late) is State.CONDITIONAL


def test_the_approval_of_a_newer_version_supersedes() -> None:
    second = step(S.APPROVE, version=2, approval=approval(supersedes=1))
    steps = [*(step(each) for each in TO_APPROVED), step(S.SUBMIT, version=2), step(S.ASSESS, version=2), second]
    assert review_of(steps, "ltu-small", 1).state(MONDAY) is State.SUPERSEDED
    assert review_of(steps, "ltu-other", 1).state(MONDAY) is State.DRAFT
    revoked = [*steps[:3], step(S.REVOKE), *steps[3:]]
    assert review_of(revoked, "ltu-small", 1).state(MONDAY) is State.REVOKED


@given(st.lists(st.sampled_from(list(Step)), max_size=6))
def test_what_is_not_in_the_table_is_no_step(steps: list[Step]) -> None:
    """Walk any steps: as far as the table allows, the state is the table's; what is beyond counts for nothing."""
    state, allowed = State.DRAFT, []
    for each in steps:
        row = find(state, each)
        if row is None:
            found = review_of([step(one) for one in (*allowed, each)], "ltu-small", 1)
            assert (found.recorded, [one.step for one in found.void]) == (state, [each])
            return
        allowed.append(each)
        state = row.target
    assert review(*allowed).recorded is state


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.ASSESSOR])
def test_a_step_signed_in_another_role_counts_for_nothing(role: Role) -> None:
    forged = step(S.APPROVE, person="Eve", role=role)
    found = review_of([step(S.SUBMIT), step(S.ASSESS), forged, step(S.APPROVE)], "ltu-small", 1)
    assert (found.recorded, found.void, found.steps[-1].person) == (State.APPROVED, (forged,), "Alan")


def test_a_condition_of_training_again_is_met_by_a_later_submission_alone() -> None:
    approved = step(S.APPROVE, approval=approval(condition()))
    way = [step(S.SUBMIT), step(S.ASSESS), approved]
    newer = step(S.SUBMIT, version=2, trained_at=MONDAY + DAY)
    assert not review_of([newer, *way], "ltu-small", 1).newer
    assert review_of([*way, newer], "ltu-small", 1).newer
    assert review_of([*way, newer, step(S.ASSESS, version=2)], "ltu-small", 1).newer
    for other in (
        [step(S.SUBMIT, version=2, trained_at=MONDAY - DAY)],
        [step(S.SUBMIT, version=2)],
        [step(S.SUBMIT, version=2, trained_at=MONDAY + DAY, role=Role.APPROVER)],
        [newer, step(S.RETURN, version=2)],
        [newer, step(S.REJECT, version=2)],
    ):
        assert not review_of([*way, *other], "ltu-small", 1).newer


def test_an_approval_that_counts_for_nothing_supersedes_nothing() -> None:
    forged = step(S.APPROVE, version=2, approval=approval(supersedes=1))
    assert review_of([*(step(each) for each in TO_APPROVED), forged], "ltu-small", 1).recorded is State.APPROVED


def test_the_table_is_whole() -> None:
    for row in TABLE:
        assert all(name in WORDS for name in row.must)
        assert isinstance(row.by, Step) == bool(row.who), row
        if isinstance(row.by, Step):
            assert all(name in RULES for name in row.must)
    assert set(WORDS) - set(RULES) == {"approval_ended", "condition_overdue"}
    assert {row.target for row in TABLE} | {State.DRAFT} == set(State)
    for state in (State.REJECTED, State.REVOKED):
        assert open_steps(state) == ()


def test_the_page_shows_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == diagram(), "run `make pages`"


def test_midnight_is_of_utc() -> None:
    """A condition is due until the end of its day, in UTC, wherever the server stands."""
    found = review(*conditional(condition("retrain", 0)))
    assert found.state(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) is State.CONDITIONAL
    assert found.state(datetime.fromisoformat("2026-12-01T01:59+02:00")) is State.CONDITIONAL
    assert found.state(datetime.fromisoformat("2026-12-01T02:00+02:00")) is State.SUSPENDED
