"""Nobody learns whose a pseudonym is without leaving a trace, and the traces cannot be altered unseen."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ml.errors import ApualyError, DataError, GateError, UsageError
from ml.pseudonym import MasterKey
from ml.register.extract import Extract
from ml.register.pseudonymise import reidentify, verify_log

Ask = Callable[..., str]
NOBODY = "0" * 32


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "custody"


@pytest.fixture
def ask(varied: Extract, key: MasterKey, log: Path, made_at: datetime) -> Ask:
    def run(pseudonym: str, **how: Any) -> str:
        usual = {
            "purpose": "ltu-risk",
            "key": key,
            "by": "Ada",
            "reason": "the client asked",
            "log": log,
            "at": made_at,
        }
        return reidentify(pseudonym, varied, **{**usual, **how})

    return run


@pytest.fixture
def pseudonym(key: MasterKey, identity_code: Callable[[int], str]) -> Callable[[int], str]:
    return lambda number: key.for_purpose("ltu-risk").pseudonym(identity_code(number))


def lines(log: Path) -> Path:
    (found,) = log.glob("*.jsonl")
    return found


def test_the_person_is_told_once_it_is_on_the_record(
    ask: Ask, pseudonym: Callable[[int], str], identity_code: Callable[[int], str], log: Path, key: MasterKey
):
    assert ask(pseudonym(7)) == identity_code(7)
    assert ask(f" {pseudonym(8).upper()} ") == identity_code(8)
    first, second = verify_log(log, key).entries
    assert {name: first[name] for name in ("number", "at", "by", "reason", "purpose", "pseudonym", "found")} == {
        "number": 1,
        "at": "2026-11-24T12:00:00+00:00",
        "by": "Ada",
        "reason": "the client asked",
        "purpose": "ltu-risk",
        "pseudonym": pseudonym(7),
        "found": True,
    }
    assert second["number"] == 2
    written = "".join(path.read_text(encoding="utf-8") for path in log.iterdir())
    assert not re.search(r"\d{6}[-A]\d{3}\w", written)
    assert identity_code(7)[:6] not in re.sub(r"[0-9a-f]{16,}", "", written)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in log.iterdir()}
    assert (stat.S_IMODE(log.stat().st_mode), modes) == (0o700, {0o600})


def test_looking_for_nobody_is_on_the_record_too(ask: Ask, log: Path, key: MasterKey, pseudonym: Callable[[int], str]):
    for how in ({}, {"pseudonym": pseudonym(7), "purpose": "planning"}):  # another purpose's pseudonym is nobody's
        asked = {"pseudonym": NOBODY, **how}
        with pytest.raises(DataError, match="nobody in the extract") as refused:
            ask(asked.pop("pseudonym"), **asked)
        assert "is in the custody log" in str(refused.value)
    assert [entry["found"] for entry in verify_log(log, key).entries] == [False, False]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"by": " "}, "say who asks"),
        ({"reason": "\n\t"}, "say why"),
        ({"purpose": "curiosity"}, "not declared"),
        ({"pseudonym": "abc"}, "32 hexadecimal digits"),
        ({"pseudonym": "131052-308T"}, "32 hexadecimal digits"),
    ],
)
def test_a_groundless_request_is_refused(ask: Ask, log: Path, how: dict[str, str], words: str):
    asked = {"pseudonym": NOBODY, **how}
    with pytest.raises(UsageError, match=words):
        ask(asked.pop("pseudonym"), **asked)
    assert not log.exists()


def test_a_reason_that_names_somebody_is_struck_out_and_odd_letters_are_kept_off(ask: Ask, log: Path, key: MasterKey):
    for reason in ("about 131052-308T, who called", "caf\udce9", "line\none\u2028two"):
        with pytest.raises(DataError):
            ask(NOBODY, reason=reason)
    reasons = [entry["reason"] for entry in verify_log(log, key).entries]
    assert reasons == ["about [identity code], who called", "caf?", "line one two"]


def test_where_the_log_cannot_be_written_nothing_is_told(ask: Ask, pseudonym: Callable[[int], str], log: Path):
    log.write_text("a file in its place", encoding="utf-8")
    with pytest.raises(ApualyError, match="nothing was told"):
        ask(pseudonym(7))


def test_another_key_has_a_log_of_its_own(
    ask: Ask, pseudonym: Callable[[int], str], log: Path, key: MasterKey, other_key: MasterKey
):
    ask(pseudonym(7))
    with pytest.raises(DataError):
        ask(NOBODY, key=other_key)
    assert [len(verify_log(log, each).entries) for each in (key, other_key)] == [1, 1]
    assert sorted(name for each in (key, other_key) for name in verify_log(log, each).others) == sorted(
        path.name for path in log.glob("*.jsonl")
    )


# ---------------------------------------------------------------- tampering

Tamper = Callable[[list[bytes], Path], list[bytes] | None]


def _edit(field: str, value: Any, *, reseal: bool = False) -> Tamper:
    def tamper(entries: list[bytes], _: Path) -> list[bytes]:
        entry = {**json.loads(entries[2]), field: value}
        if reseal:  # as somebody would who knows how, but not the key
            entry["seal"] = "0" * 64
        return [*entries[:2], (json.dumps(entry, ensure_ascii=False) + "\n").encode(), *entries[3:]]

    return tamper


def _without_head(entries: list[bytes], log: Path) -> None:
    next(log.glob("*.head")).unlink()


def _truncated_without_head(entries: list[bytes], log: Path) -> list[bytes]:
    _without_head(entries, log)
    return entries[:1]


def _forged_head(entries: list[bytes], log: Path) -> list[bytes]:
    head = next(log.glob("*.head"))
    head.write_bytes(head.read_bytes().replace(b'"entries": 5', b'"entries": 4'))
    return entries


def _unreadable_head(entries: list[bytes], log: Path) -> list[bytes]:
    next(log.glob("*.head")).write_bytes(b"[]")
    return entries


TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "edit the name": (_edit("by", "Grace"), "entry 3 was altered"),
    "edit the reason": (_edit("reason", "none of yours"), "entry 3 was altered"),
    "edit and seal without the key": (_edit("reason", "none of yours", reseal=True), "entry 3 was altered"),
    "edit what was found": (_edit("found", False), "entry 3 was altered"),
    "add a field": (_edit("note", "harmless"), "entry 3 was altered"),
    "delete the first": (lambda e, _: e[1:], "entry 1 does not follow"),
    "delete one within": (lambda e, _: [*e[:2], *e[3:]], "entry 3 does not follow"),
    "delete the last": (lambda e, _: e[:-1], "entry 5 is missing, of 5"),
    "delete the last three": (lambda e, _: e[:-3], "entry 3 is missing, of 5"),
    "delete all": (lambda e, _: [], "entry 1 is missing, of 5"),
    "insert one twice": (lambda e, _: [*e[:3], e[2], *e[3:]], "entry 4 does not follow"),
    "append one twice": (lambda e, _: [*e, e[4]], "entry 6 does not follow"),
    "insert a blank line": (lambda e, _: [*e[:2], b"\n", *e[2:]], "entry 3 cannot be read"),
    "insert a number": (lambda e, _: [*e[:2], b"5\n", *e[2:]], "entry 3 cannot be read"),
    "reorder": (lambda e, _: [e[0], e[2], e[1], *e[3:]], "entry 2 does not follow"),
    "truncate a line": (lambda e, _: [*e[:-1], e[-1][:40]], "entry 5 cannot be read"),
    "cut the last line end": (lambda e, _: [*e[:-1], e[-1][:-1]], "entry 5 was altered"),
    "space within": (lambda e, _: [e[0].replace(b", ", b",  ", 1), *e[1:]], "entry 1 was altered"),
    "remove the head": (_without_head, "its head is gone"),
    "remove the head and all but the first": (_truncated_without_head, "its head is gone"),
    "forge the head": (_forged_head, "was altered"),
    "spoil the head": (_unreadable_head, "cannot be read"),
}


@pytest.mark.parametrize(("tamper", "words"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_told_and_stops_further_requests(
    ask: Ask, pseudonym: Callable[[int], str], log: Path, key: MasterKey, tamper: Tamper, words: str
):
    for number in range(5):
        ask(pseudonym(number), reason=f"reason {number}")
    file = lines(log)
    assert len(verify_log(log, key).entries) == 5
    left = tamper(file.read_bytes().splitlines(keepends=True), log)
    if left is not None:
        file.write_bytes(b"".join(left))
    for attempt in (lambda: verify_log(log, key), lambda: ask(pseudonym(9))):
        with pytest.raises(GateError, match=words):
            attempt()
    if left is not None:
        assert file.read_bytes() == b"".join(left)


def test_a_run_killed_between_entry_and_head_is_no_tampering(
    ask: Ask, pseudonym: Callable[[int], str], log: Path, key: MasterKey
):
    ask(pseudonym(1))
    (head,) = log.glob("*.head")
    before = head.read_bytes()
    ask(pseudonym(2))
    head.write_bytes(before)
    assert len(verify_log(log, key).entries) == 2
    ask(pseudonym(3))
    assert len(verify_log(log, key).entries) == 3


def test_the_chain_can_be_noted_down(ask: Ask, pseudonym: Callable[[int], str], log: Path, key: MasterKey):
    assert verify_log(log, key).entries == ()
    ask(pseudonym(1))
    one = verify_log(log, key)
    ask(pseudonym(2))
    two = verify_log(log, key)
    assert one.last != two.last
    assert two.entries[1]["previous"] == one.last
    assert two.entries[:1] == one.entries


def test_many_at_once_do_not_break_the_chain(varied: Extract, log: Path, key: MasterKey, ask: Ask, pseudonym: Any):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ask(pseudonym(number)), range(24)))
    assert [entry["number"] for entry in verify_log(log, key).entries] == list(range(1, 25))
