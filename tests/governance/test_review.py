"""The review: a table of states and steps, two different people, and nothing read from a spoilt file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ml.errors import ApualyError, GateError, UsageError
from ml.governance.review import review as review_module
from ml.governance.review.review import (
    TRANSITIONS,
    Binding,
    Event,
    Review,
    read_review,
    require_in_force,
    same_person,
    write_review,
)

BINDING = Binding("sha256:artefact", "sha256:card", "sha256:policy")
EXPIRES = "2027-05-24T12:00:00+00:00"
AT = "2026-11-24T12:00:00+00:00"
SUBMIT = Event("submit", "Ada", AT, "")
APPROVE = Event("approve", "Grace", AT, "Read the card.", BINDING, EXPIRES, ("no temporal validation",))
REJECT, REVOKE = Event("reject", "Grace", AT, "Too weak."), Event("revoke", "Grace", AT, "A complaint came in.")

PATHS = {
    "draft": (),
    "submitted": (SUBMIT,),
    "approved": (SUBMIT, APPROVE),
    "rejected": (SUBMIT, REJECT),
    "revoked": (SUBMIT, APPROVE, REVOKE),
}
STEPS = {"submit": SUBMIT, "approve": APPROVE, "reject": REJECT, "revoke": REVOKE}
ALLOWED = """
             submit     approve    reject     revoke
draft        submitted  -          -          -
submitted    -          approved   rejected   -
approved     -          -          -          revoked
rejected     -          -          -          -
revoked      -          -          -          -
"""


def review(state: str) -> Review:
    return Review("ltu-small", 1, PATHS[state])


def cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = table.strip().splitlines()
    return [
        (row.split()[0], step, cell)
        for row in rows
        for step, cell in zip(head.split(), row.split()[1:], strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "step", "then"), cells(ALLOWED))
def test_what_is_open_when(state: str, step: str, then: str) -> None:
    assert review(state).state == state
    if then == "-":
        with pytest.raises(GateError, match=f"ltu-small version 1 is {state}: cannot {step} it"):
            review(state).taken(STEPS[step])
    else:
        assert review(state).taken(STEPS[step]).state == then


def test_the_table_here_is_the_table_there() -> None:
    assert {(state, step): then for state, step, then in cells(ALLOWED) if then != "-"} == TRANSITIONS


def test_the_diagram_in_the_docstring_names_every_step() -> None:
    drawn = set(re.findall(r"[─└](\w+)→ (\w+)", review_module.__doc__ or ""))
    assert drawn == {(step, then) for (_, step), then in TRANSITIONS.items()}


def test_a_refusal_says_what_is_open_instead() -> None:
    with pytest.raises(GateError, match="open steps: approve, reject"):
        review("submitted").taken(SUBMIT)
    with pytest.raises(GateError, match="open steps: none"):
        review("revoked").taken(SUBMIT)


# ---------------------------------------------------------------- two different people

SAME = [
    ("Ada Virtanen", "ada virtanen"),
    ("Ada Virtanen", "  Ada   Virtanen "),
    ("Ada Virtanen", "Ada\u00a0Virtanen"),
    ("Ada Virtanen", "Ada\tVirtanen"),
    ("Åsa Öberg", "A\u030asa O\u0308berg"),
    ("Åsa Öberg", "ÅSA ÖBERG"),
    ("Åsa Öberg", "A\u030aSA o\u0308BERG"),
    ("Strauß", "STRAUSS"),
    ("Ada", "Ａｄａ"),  # full width
    ("Ada", "A\u200bda"),  # a space of no width
    ("Ada", "\u202aAda\u202c"),  # marks of direction
    ("Ada", "Ada\u00ad"),  # a soft hyphen
    ("ﬁona", "Fiona"),
]
DIFFERENT = [("Ada", "Aada"), ("Ada Virtanen", "AdaVirtanen"), ("Åsa", "Asa"), ("Ada", "Grace")]


@pytest.mark.parametrize(("author", "approver"), SAME)
def test_an_author_does_not_approve_under_another_spelling(author: str, approver: str) -> None:
    assert same_person(author, approver)
    submitted = Review("ltu-small", 1, (replace(SUBMIT, by=author),))
    with pytest.raises(GateError, match="somebody else must approve it"):
        submitted.taken(replace(APPROVE, by=approver))


@pytest.mark.parametrize(("author", "approver"), DIFFERENT)
def test_another_person_may_approve(author: str, approver: str) -> None:
    assert not same_person(author, approver)
    submitted = Review("ltu-small", 1, (replace(SUBMIT, by=author),))
    assert submitted.taken(replace(APPROVE, by=approver)).state == "approved"


def test_an_author_may_reject_or_revoke_their_own() -> None:
    assert review("submitted").taken(replace(REJECT, by="Ada")).state == "rejected"
    assert review("approved").taken(replace(REVOKE, by="Ada")).state == "revoked"


@pytest.mark.parametrize("nobody", ["", "  ", "\t\n", "\u200b", "\u00a0"])
@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_a_step_needs_a_named_person(state: str, nobody: str) -> None:
    step = next(step for (before, step) in TRANSITIONS if before == state)
    with pytest.raises(UsageError, match="--as NAME"):
        review(state).taken(replace(STEPS[step], by=nobody))


# ---------------------------------------------------------------- what holds now


@pytest.mark.parametrize(
    ("seconds", "holds"), [(-1, True), (0, False), (1, False), (-15_000_000, True), (10**8, False)]
)
def test_an_approval_ends_at_its_moment(seconds: int, holds: bool) -> None:
    now = datetime.fromisoformat(EXPIRES) + timedelta(seconds=seconds)
    if holds:
        approval = require_in_force(review("approved"), now)
        assert (approval.by, approval.binding, approval.expires.isoformat()) == ("Grace", BINDING, EXPIRES)
    else:
        with pytest.raises(GateError, match="by Grace expired on 2027-05-24"):
            require_in_force(review("approved"), now)


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "revoked"])
def test_nothing_but_an_approval_holds(state: str) -> None:
    with pytest.raises(GateError, match=f"ltu-small version 1 is {state}, not approved"):
        require_in_force(review(state), datetime(2026, 11, 25, tzinfo=UTC))


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("state", list(PATHS))
def test_a_review_reads_as_it_was_written(tmp_path: Path, state: str) -> None:
    written = replace(review(state), events=tuple(replace(each, reason="Käy | “näin”\n") for each in PATHS[state]))
    write_review(tmp_path / "1.review.json", written)
    assert read_review(tmp_path / "1.review.json", "ltu-small", 1) == written
    assert [path.name for path in tmp_path.iterdir()] == ["1.review.json"]


def test_no_file_is_a_draft(tmp_path: Path) -> None:
    assert read_review(tmp_path / "1.review.json", "ltu-small", 1) == Review("ltu-small", 1)


def in_approval(**changed: Any) -> Callable[[dict[str, Any]], Any]:
    def change(content: dict[str, Any]) -> Any:
        content["events"][1] |= changed
        return content

    return change


def without(key: str) -> Callable[[dict[str, Any]], Any]:
    def change(content: dict[str, Any]) -> Any:
        del content["events"][1][key]
        return content

    return change


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: [],
        lambda content: None,
        lambda content: "approved",
        lambda content: {},
        lambda content: content | {"events": 5},
        lambda content: content | {"events": [5]},
        lambda content: content | {"events": content["events"][1:]},  # approved without having been submitted
        lambda content: content | {"events": [*content["events"], content["events"][1]]},
        lambda content: content | {"name": "ltu-other"},
        lambda content: content | {"version": 2},
        lambda content: content | {"version": "1"},
        in_approval(step="Approve"),
        in_approval(expires="some day"),
        in_approval(expires="2027-05-24T12:00:00"),  # in which time zone?
        in_approval(expires=None),
        in_approval(expires=99999999999),
        in_approval(binding=None),
        in_approval(binding=["a", "b", "c"]),
        in_approval(binding={"artefact": "a"}),
        in_approval(by=5),
        in_approval(by=None),
        in_approval(at="yesterday"),
        in_approval(accepted=None),
        in_approval(more=1),
        without("by"),
        without("binding"),
        without("accepted"),
    ],
)
def test_a_spoilt_file_is_refused_and_named(tmp_path: Path, spoil: Callable[[dict[str, Any]], Any]) -> None:
    path = tmp_path / "1.review.json"
    write_review(path, review("approved"))
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(spoil(content)), encoding="utf-8")
    with pytest.raises(GateError, match=r"1\.review\.json"):
        require_in_force(read_review(path, "ltu-small", 1), datetime(2026, 11, 25, tzinfo=UTC))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_bytes_that_are_no_json_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1.review.json"
    path.write_bytes(content)
    with pytest.raises(ApualyError, match=r"1\.review\.json"):
        read_review(path, "ltu-small", 1)


def test_an_approval_by_the_author_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "3.review.json"
    write_review(path, Review("ltu-test", 3, (SUBMIT, replace(APPROVE, by=SUBMIT.by.upper()))))
    with pytest.raises(GateError, match=r"cannot be read.*somebody else must approve it"):
        read_review(path, "ltu-test", 3)
