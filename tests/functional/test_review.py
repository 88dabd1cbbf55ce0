"""`apualy review`: submit, approve, reject, revoke, status, as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

REASON = ("--reason", "Read the card from end to end.")
ACCEPT = ("--accept", "A pilot only, with a second opinion.")


@pytest.fixture
def review(apualy: Any, drafts: Path) -> Any:
    """Return a function that takes a step on version 1 of ltu-small."""
    return lambda step, *argv: apualy("review", step, "ltu-small", 1, *argv)


def status(apualy: Any) -> dict[str, Any]:
    ran = apualy("review", "status", "ltu-small", 1, "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    content: dict[str, Any] = json.loads(ran.out)
    return content


def test_the_way_to_an_approval_and_back(apualy: Any, review: Any) -> None:
    ran = review("submit", "--as", "Ada Virtanen")
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is submitted (by Ada Virtanen)\n")

    ran = review("approve", "--as", "Grace", *REASON, *ACCEPT)
    assert ran.code == 0
    found = status(apualy)
    expires = datetime.fromisoformat(found["events"][1]["expires"])
    assert timedelta(days=180) < expires - datetime.now(UTC) < timedelta(days=185)
    assert ran.out == f"ltu-small version 1 is approved until {expires.isoformat()} (by Grace)\n"

    ran = review("revoke", "--as", "Grace", "--reason", "A complaint came in.")
    assert (ran.code, ran.out) == (0, "ltu-small version 1 is revoked (by Grace)\n")
    assert status(apualy)["state"] == "revoked"
    ran = apualy("serve", "ltu-small", APUALY_ENV="demo")
    assert (ran.code, ran.out) == (4, "")


def test_the_newest_version_is_meant_when_none_is_named(apualy: Any, drafts: Path) -> None:
    assert apualy("review", "submit", "ltu-small", "--as", "Ada").out.startswith("ltu-small version 2 is submitted")
    assert apualy("review", "status", "ltu-small").out.startswith("ltu-small version 2: submitted")
    assert apualy("review", "status", "ltu-small", 1).out.startswith("ltu-small version 1: draft")


def test_status_says_what_an_approval_would_need(apualy: Any, review: Any) -> None:
    review("submit", "--as", "Ada", "--reason", "The pilot needs it")
    ran = review("status")
    lines = ran.out.splitlines()
    assert lines[:2] == ["ltu-small version 1: submitted", "card: var/model_cards/ltu-small/1.md"]
    assert lines[2].endswith("submit by Ada  The pilot needs it")
    assert "  deviates from the policy: no temporal validation" in ran.out
    assert Path("var/model_cards/ltu-small/1.md").is_file()


def test_status_as_json(apualy: Any, review: Any) -> None:
    assert status(apualy) == {
        "name": "ltu-small", "version": 1, "events": [], "state": "draft",
        "card": "var/model_cards/ltu-small/1.md", "deviations": status(apualy)["deviations"],
    }  # fmt: skip
    review("submit", "--as", "Ada")
    review("approve", "--as", "Grace", *REASON, *ACCEPT)
    found = status(apualy)
    assert found["state"] == "approved"
    submitted, approved = found["events"]
    assert (submitted["step"], submitted["by"], submitted["binding"], submitted["expires"]) == (
        "submit", "Ada", None, None,
    )  # fmt: skip
    assert approved["binding"].keys() == {"artefact", "card", "policy"}
    assert all(digest.startswith("sha256:") for digest in approved["binding"].values())
    assert approved["accepted"] == found["deviations"]
    assert found["deviations"][0].startswith("no temporal validation")
    assert datetime.fromisoformat(approved["at"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("before", "argv", "code", "words"),
    [
        ([], ["approve", "--as", "Grace", *REASON, *ACCEPT], 4, "is draft: cannot approve it; open steps: submit"),
        ([], ["revoke", "--as", "Grace", *REASON], 4, "is draft: cannot revoke it"),
        ([], ["submit", "--as", " "], 2, "--as NAME"),
        (["submit"], ["submit", "--as", "Eve"], 4, "open steps: approve, reject"),
        (["submit"], ["approve", "--as", "Ada", *REASON, *ACCEPT], 4, "somebody else must approve it"),
        (["submit"], ["approve", "--as", "  aDA ", *REASON, *ACCEPT], 4, "somebody else must approve it"),
        (["submit"], ["approve", "--as", "Grace", *ACCEPT], 2, "--reason TEXT"),
        (["submit"], ["approve", "--as", "Grace", *ACCEPT, "--reason", "fine"], 2, "--reason TEXT"),
        (["submit"], ["approve", "--as", "Grace", *REASON], 4, "no temporal validation"),
        (["submit"], ["approve", "--as", "Grace", *REASON, "--accept", "yes"], 4, "--accept TEXT"),
        (["submit"], ["reject", "--as", "Grace"], 2, "--reason TEXT"),
        (["submit", "reject"], ["approve", "--as", "Grace", *REASON, *ACCEPT], 4, "open steps: none"),
        (["submit", "approve"], ["revoke", "--as", "Grace"], 2, "--reason TEXT"),
        (["submit", "approve"], ["approve", "--as", "Eve", *REASON, *ACCEPT], 4, "open steps: revoke"),
        (["submit", "approve", "revoke"], ["approve", "--as", "Eve", *REASON, *ACCEPT], 4, "open steps: none"),
    ],
)
def test_refusals_are_one_line_and_change_nothing(
    apualy: Any, review: Any, before: list[str], argv: list[str], code: int, words: str
) -> None:
    for step in before:
        extra = {"submit": (), "approve": (*REASON, *ACCEPT)}.get(step, REASON)
        assert review(step, "--as", "Ada" if step == "submit" else "Grace", *extra).code == 0
    earlier = status(apualy)
    ran = review(argv[0], *argv[1:])
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert ran.err.startswith("apualy: ")
    assert ran.err.count("\n") == 1
    assert status(apualy) == earlier


@pytest.mark.parametrize("step", ["submit", "status"])
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["ltu-none"], "no model named ltu-none in var; known: ltu-small"),
        (["ltu-none", "1"], "ltu-none has no version 1 in var"),
        (["ltu-small", "3"], "ltu-small has no version 3 in var"),
        (["ltu-small", "0"], "ltu-small has no version 0 in var"),
        (["ltu-small", "one"], "'one' is not a whole number"),
        (["ltu-small", "-1"], "-1"),
        ([], "MODEL"),
    ],
)
def test_what_is_not_there(apualy: Any, drafts: Path, step: str, argv: list[str], words: str) -> None:
    ran = apualy("review", step, *argv, *(("--as", "Ada") if step == "submit" else ()))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


@pytest.mark.parametrize("argv", [["review"], ["review", "bless", "ltu-small"], ["review", "submit", "ltu-small"]])
def test_a_wrong_command_line(apualy: Any, drafts: Path, argv: list[str]) -> None:
    ran = apualy(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert "usage: apualy review" in ran.err


def test_asking_about_an_empty_home_makes_no_home(apualy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = apualy("review", "status", "ltu-small")
    assert (ran.code, ran.out) == (2, "")
    assert "no model named ltu-small in var; known: none" in ran.err
    assert not Path("var").exists()
