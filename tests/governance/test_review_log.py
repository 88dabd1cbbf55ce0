"""The review log: whatever is done to the file shows, and whatever happens to the machine loses no entry."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ml.errors import ApualyError, GateError
from ml.governance.signing.canonical import canonical
from ml.governance.signing.chain import Chain, Entry, Witness
from ml.governance.signing.clock import note_time, require_clock
from ml.governance.signing.envelope import seal
from ml.governance.signing.keys import SigningKey, new_key, write_key
from ml.governance.signing.log import append, holding, read_log, verify_log
from ml.governance.signing.trust import Person, PersonKey, Role, Trust
from ml.governance.signing.trust_text import add_person

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ADVICE = "keep the folder as evidence and tell the data-protection officer"
KEY = new_key()
ADA = Person("Ada", frozenset({Role.AUTHOR}), False, (PersonKey(KEY.public_key),))
TRUST = Trust((ADA,))
Make = Callable[[Chain], dict[str, Any]]


def statement(chain: Chain, moment: datetime = NOON, **other: Any) -> dict[str, Any]:
    """Return a statement that follows the chain, or not, when other says so."""
    place = {
        "number": len(chain.entries) + 1,
        "previous": chain.last,
        "at": moment.isoformat(),
        "words": "as it is",
        **other,
    }
    return {"_type": "https://in-toto.io/Statement/v1", "predicate": place}


def step(moment: datetime = NOON, key: SigningKey = KEY, **other: Any) -> Make:
    return lambda chain: seal(canonical(statement(chain, moment, **other)), key)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "review" / "log.jsonl"


def filled(log: Path, entries: int) -> list[Entry]:
    return [append(log, TRUST, step(NOON + timedelta(minutes=n))) for n in range(entries)]


# ---------------------------------------------------------------- writing and reading


def test_entries_come_back_with_who_signed_them(log: Path):
    assert read_log(log) == verify_log(log, TRUST, None) == Chain()
    written = filled(log, 3)
    chain = verify_log(log, TRUST, Witness(3, written[2].digest))
    assert list(chain.entries) == written
    assert [(entry.number, entry.by, entry.at) for entry in written] == [
        (number, ADA, NOON + timedelta(minutes=number - 1)) for number in (1, 2, 3)
    ]
    assert (chain.witness, chain.at, chain.cut) == (Witness(3, chain.last), written[2].at, 0)
    assert [entry.by for entry in read_log(log).entries] == [None] * 3  # nobody verified those
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_reader_with_nothing_but_the_file_can_follow_it(log: Path):
    """The form, by hand: SHA-256 of the line before, with its end; 64 zeros before the first."""
    filled(log, 3)
    previous = "0" * 64
    for number, line in enumerate(log.read_bytes().splitlines(keepends=True), start=1):
        said = json.loads(base64.b64decode(json.loads(line)["payload"]))["predicate"]
        assert (said["number"], said["previous"]) == (number, previous)
        previous = hashlib.sha256(line).hexdigest()
    assert read_log(log).last == previous


def test_the_step_is_decided_on_the_verified_log(log: Path):
    filled(log, 1)
    seen: list[Chain] = []

    def refuse(chain: Chain) -> dict[str, Any]:
        seen.append(chain)
        raise GateError("this step is not open")

    before = log.read_bytes()
    with pytest.raises(GateError, match="this step is not open"):
        append(log, TRUST, refuse)
    assert [entry.by for entry in seen[0].entries] == [ADA]
    assert log.read_bytes() == before
    assert append(log, TRUST, step()).number == 2  # the lock is free again


@pytest.mark.parametrize(("make", "words"), [
    (step(number=3), "does not follow the one before it"),
    (step(number=1), "does not follow the one before it"),
    (step(number=2.0), "cannot be signed"),
    (step(number=True), "does not say its number"),
    (step(number="2"), "does not say its number"),
    (step(previous="0" * 64), "does not follow the one before it"),
    (step(previous=None), "does not say its number"),
    (step(NOON - timedelta(seconds=1)), "which is before the one before it"),
    (step(datetime(2027, 1, 1)), "no time of UTC"),
    (step(at="soon"), "'soon', which is no time"),
    (step(key=new_key()), "is nobody's in the trust file"),
    (lambda chain: seal(b"[]", KEY), "does not hold a statement"),
    (lambda chain: seal(b'{"a":1,"a":1}', KEY), "does not hold a statement"),
    (lambda chain: seal(canonical(statement(chain)) + b" ", KEY), "does not hold a statement"),
    (lambda chain: seal(b"{}", KEY), "does not say its number"),
    (lambda chain: seal(b'{"predicate":[]}', KEY), "does not say its number"),
    (lambda chain: {"payload": "x"}, "is not an envelope"),
    (lambda chain: {}, "is not an envelope"),
])  # fmt: skip
def test_what_would_break_the_log_is_not_written(log: Path, make: Make, words: str):
    filled(log, 1)
    before = log.read_bytes()
    with pytest.raises(ApualyError, match=words):
        append(log, TRUST, make)
    assert log.read_bytes() == before


def test_a_broken_log_takes_no_entry(log: Path):
    written = filled(log, 2)
    with pytest.raises(GateError, match="entry 3 is missing, of 3"):
        append(log, TRUST, step(), Witness(3, "f" * 64))
    log.write_bytes(log.read_bytes().replace(b"d", b"e", 1))
    with pytest.raises(GateError, match="entry 1"):
        append(log, TRUST, step(), Witness(2, written[1].digest))


def test_what_goes_wrong_in_a_step_is_not_blamed_on_the_log(log: Path, tmp_path: Path):
    def broken(chain: Chain) -> dict[str, Any]:
        raise OSError(5, "the card's disk is gone")

    with pytest.raises(OSError, match="the card's disk is gone"):
        append(log, TRUST, broken)
    (tmp_path / "file").write_text("no folder")
    for attempt in (lambda path: append(path, TRUST, step()), lambda path: holding(path).__enter__()):
        with pytest.raises(ApualyError, match="the review log cannot be written"):
            attempt(tmp_path / "file" / "log.jsonl")


def test_nobody_appends_while_another_holds_the_log(log: Path):
    filled(log, 1)
    with ThreadPoolExecutor(1) as pool, holding(log):
        waiting = pool.submit(append, log, TRUST, step(NOON + timedelta(hours=1)))
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        assert len(verify_log(log, TRUST, None).entries) == 1


# ---------------------------------------------------------------- what is done to the file


def test_an_entry_must_have_been_signed_by_somebody_trusted_then(log: Path):
    filled(log, 2)
    retired = Person("Ada", ADA.roles, False, (PersonKey(KEY.public_key, None, date(2026, 11, 27)),))
    stranger = Person("Bob", ADA.roles, False, (PersonKey(new_key().public_key),))
    for people in ((stranger,), ()):
        with pytest.raises(GateError, match=rf"log.jsonl: entry 1: .*is nobody's.*{ADVICE}"):
            verify_log(log, Trust(people), None)
    # Who signed with a key that was not valid then is not named: such an entry counts for nothing.
    assert [entry.by for entry in verify_log(log, Trust((retired,)), None).entries] == [None, None]


def test_one_s_words_under_another_s_name_show(log: Path):
    """Whoever can write the file makes all digests right again; the signature they cannot make."""
    other = new_key()
    trust = Trust((ADA, Person("Eve", ADA.roles, False, (PersonKey(other.public_key),))))
    append(log, trust, step(words="no"))
    envelope = json.loads(log.read_bytes())
    forged = seal(base64.b64decode(envelope["payload"]).replace(b"no", b"yes"), other)
    forged["signatures"][0]["keyid"] = KEY.keyid
    log.write_bytes(canonical(forged) + b"\n")
    assert len(read_log(log).entries) == 1  # the chain is whole
    with pytest.raises(GateError, match="entry 1: the signature is not Ada's"):
        verify_log(log, trust, None)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Return the lines of a log of six entries."""
    log = tmp_path_factory.mktemp("lines") / "log.jsonl"
    filled(log, 6)
    return log.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edited") / "log.jsonl"


def require_found(place: Path, text: bytes, lines: list[bytes]) -> str:
    place.write_bytes(text)
    with pytest.raises(GateError, match=r"log.jsonl: entry \d+") as found:
        verify_log(place, TRUST, Witness(len(lines), hashlib.sha256(lines[-1]).hexdigest()))
    assert str(found.value).endswith(ADVICE)
    return str(found.value)


@given(st.data())
def test_a_flipped_byte_is_found(lines: list[bytes], place: Path, data: st.DataObject):
    text = bytearray(b"".join(lines))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 255))
    require_found(place, bytes(text), lines)


@given(st.integers(0, 5))
def test_a_dropped_line_is_found(lines: list[bytes], place: Path, at: int):
    told = require_found(place, b"".join(lines[:at] + lines[at + 1 :]), lines)
    assert f"entry {at + 1} " in told or (at == 5 and "entry 6 is missing, of 6" in told)


@given(st.permutations(range(6)))
def test_moved_lines_are_found(lines: list[bytes], place: Path, order: list[int]):
    assume(order != sorted(order))
    first = next(at for at, number in enumerate(order) if at != number)
    assert f"entry {first + 1} does not follow" in require_found(place, b"".join(lines[at] for at in order), lines)


@given(st.integers(0, 5), st.integers(0, 6))
def test_a_doubled_line_is_found(lines: list[bytes], place: Path, which: int, where: int):
    require_found(place, b"".join([*lines[:where], lines[which], *lines[where:]]), lines)


@given(st.data())
def test_a_cut_tail_is_found_by_the_witness(lines: list[bytes], place: Path, data: st.DataObject):
    text = b"".join(lines)
    left = text[: data.draw(st.integers(0, len(text) - 1))]
    assert f"entry {left.count(10) + 1} is missing, of 6" in require_found(place, left, lines)


@given(st.binary(min_size=1, max_size=80), st.data())
def test_inserted_bytes_are_found(lines: list[bytes], place: Path, inserted: bytes, data: st.DataObject):
    text = b"".join(lines)
    at = data.draw(st.integers(0, len(text) - 1))
    require_found(place, text[:at] + inserted + text[at:], lines)


def test_an_older_log_and_a_rewritten_end_are_found_by_the_witness(log: Path):
    filled(log, 2)
    older = log.read_bytes()
    witness = verify_log(log, TRUST, None).witness
    append(log, TRUST, step(NOON + timedelta(hours=1)))
    assert len(verify_log(log, TRUST, witness).entries) == 3  # longer is fine: an entry is written before its witness
    newer = read_log(log).witness
    log.write_bytes(older)
    append(log, TRUST, step(NOON + timedelta(hours=1), words="otherwise"))  # by Ada herself, who regrets
    with pytest.raises(GateError, match="entry 3 is not the one that was witnessed"):
        verify_log(log, TRUST, newer)
    log.unlink()
    with pytest.raises(GateError, match="entry 1 is missing, of 3"):
        verify_log(log, TRUST, newer)
    with pytest.raises(GateError, match="is not the one that was witnessed"):
        verify_log(log, TRUST, Witness(0, "f" * 64))


def test_a_link_is_not_followed(log: Path, tmp_path: Path):
    filled(log, 1)
    other = tmp_path / "other.jsonl"
    log.rename(other)
    log.symlink_to(other)
    with pytest.raises(GateError, match="the review log cannot be read"):
        read_log(log)
    with pytest.raises(GateError, match="the review log cannot be read"):
        append(log, TRUST, step())


# ---------------------------------------------------------------- what happens to the machine


def test_a_line_cut_short_is_no_entry_and_the_next_append_removes_it(log: Path, caplog: pytest.LogCaptureFixture):
    filled(log, 2)
    whole = log.read_bytes()
    first = whole.index(b"\n") + 1
    for end in (first + 1, first + 40, len(whole) - 1):
        log.write_bytes(whole[:end])
        chain = verify_log(log, TRUST, None)
        assert (len(chain.entries), chain.cut) == (1, end - first)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert append(log, TRUST, step(NOON + timedelta(hours=1))).number == 2
        assert f"{end - first} bytes after entry 1 are no entry" in caplog.text
        assert (len(verify_log(log, TRUST, None).entries), read_log(log).cut) == (2, 0)


FULL = """
import resource, sys
from pathlib import Path
from ml.errors import ApualyError
from ml.governance.signing.log import append
from ml.governance.signing.trust import read_trust
log, trust = Path(sys.argv[1]), read_trust(Path(sys.argv[2]))
line = Path(sys.argv[3]).read_text()
import json
resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 100, resource.RLIM_INFINITY))
try:
    append(log, trust, lambda chain: json.loads(line))
except ApualyError as problem:
    print(problem)
"""


def test_a_full_disk_leaves_the_log_as_it_was(log: Path, tmp_path: Path):
    filled(log, 2)
    add_person(tmp_path / "trust.toml", ADA)
    envelope = step(NOON + timedelta(hours=1))(read_log(log))
    (tmp_path / "envelope.json").write_text(json.dumps(envelope))
    before = log.read_bytes()
    told = subprocess.run(
        [sys.executable, "-c", FULL, log, tmp_path / "trust.toml", tmp_path / "envelope.json"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    ).stdout  # fmt: skip
    assert "the review log cannot be written (No space left on device); nothing was done" in told
    assert log.read_bytes() == before


def test_two_reviewers_at_once_lose_nothing_and_one_step_is_taken_once(log: Path):
    def take(number: int) -> bool:
        def make(chain: Chain) -> dict[str, Any]:
            words = "approve" if number % 4 == 0 else f"step {number}"
            if words == "approve" and any(entry.statement["predicate"]["words"] == words for entry in chain.entries):
                raise GateError("was approved already")
            return seal(canonical(statement(chain, words=words)), KEY)

        try:
            append(log, TRUST, make)
        except GateError:  # what else it could be would be missing below
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(take, range(40)))
    chain = verify_log(log, TRUST, None)
    assert len(chain.entries) == taken == 31
    assert [entry.statement["predicate"]["words"] for entry in chain.entries].count("approve") == 1


def test_readers_do_not_wait_for_a_person_who_thinks(log: Path):
    filled(log, 2)

    def slow(chain: Chain) -> dict[str, Any]:
        assert len(verify_log(log, TRUST, chain.witness).entries) == 2  # under the lock of who writes next
        return step(NOON + timedelta(hours=1))(chain)

    assert append(log, TRUST, slow).number == 3


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ml.governance.signing.canonical import canonical
from ml.governance.signing.envelope import seal
from ml.governance.signing.keys import read_key
from ml.governance.signing.log import append
from ml.governance.signing.trust import read_trust
log, trust = Path(sys.argv[1]), read_trust(Path(sys.argv[2]))
key = read_key(Path(sys.argv[3]), b"correct horse battery")
def make(chain):
    place = {"number": len(chain.entries) + 1, "previous": chain.last, "at": datetime.now(UTC).isoformat()}
    return seal(canonical({"predicate": place}), key)
for _ in range(int(sys.argv[4])):
    print(append(log, trust, make).number, flush=True)
"""


@pytest.fixture
def writer(log: Path, tmp_path: Path) -> Callable[[int], subprocess.Popen[str]]:
    """Return what starts a process that appends a number of entries and prints their numbers."""
    write_key(KEY, tmp_path / "key", b"correct horse battery")
    add_person(tmp_path / "trust.toml", ADA)
    words = [sys.executable, "-c", WRITER, str(log), str(tmp_path / "trust.toml"), str(tmp_path / "key")]
    root = Path(__file__).parents[2]
    return lambda entries: subprocess.Popen([*words, str(entries)], stdout=subprocess.PIPE, text=True, cwd=root)


def test_processes_at_once_lose_nothing(log: Path, writer: Callable[[int], subprocess.Popen[str]]):
    processes = [writer(15) for _ in range(3)]
    numbers = [int(number) for process in processes for number in process.communicate(timeout=120)[0].split()]
    assert sorted(numbers) == list(range(1, 46))
    assert len(verify_log(log, TRUST, None).entries) == 45


def test_a_process_killed_while_it_writes_loses_no_entry_that_it_told(
    log: Path, writer: Callable[[int], subprocess.Popen[str]]
):
    told = 0
    for pause in (0.0, 0.003, 0.011):
        process = writer(10_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        rest = process.communicate(timeout=60)[0].split()
        told = max([told, *map(int, rest)])
        chain = verify_log(log, TRUST, None)
        assert len(chain.entries) >= told
    assert append(log, TRUST, step(datetime.now(UTC))).number == len(chain.entries) + 1


# ---------------------------------------------------------------- the clock


@pytest.mark.parametrize(("back", "fine"), [
    (timedelta(0), True),
    (timedelta(hours=-9), True),
    (timedelta(minutes=5), True),
    (timedelta(minutes=5, seconds=1), False),
    (timedelta(days=400), False),
])  # fmt: skip
def test_a_clock_that_was_set_back_is_noticed(tmp_path: Path, back: timedelta, fine: bool):
    seen = tmp_path / "review" / "seen"
    note_time(seen, NOON)
    for file, last_entry in ((seen, None), (tmp_path / "nothing", NOON), (seen, NOON - timedelta(days=1))):
        if fine:
            require_clock(file, NOON - back, last_entry)
        else:
            with pytest.raises(GateError, match=r"the clock was set back: it says .*, and 2026-11-28T12:00:00"):
                require_clock(file, NOON - back, last_entry)


def test_the_time_is_noted_once_a_minute_and_never_backwards(tmp_path: Path):
    seen = tmp_path / "review" / "seen"
    require_clock(seen, NOON)  # nothing was seen yet
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (0, 60), (119, 60), (-9999, 60), (121, 121)):
        note_time(seen, NOON + timedelta(seconds=seconds))
        assert datetime.fromisoformat(seen.read_text().strip()) == NOON + timedelta(seconds=noted)
    assert [path.name for path in seen.parent.iterdir()] == ["seen"]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-28T12:00:00", "\udcff"])
def test_a_time_that_cannot_be_read_stops_everything(tmp_path: Path, text: str):
    seen = tmp_path / "seen"
    seen.write_bytes(text.encode(errors="surrogateescape"))
    for call in (require_clock, note_time):
        with pytest.raises(GateError, match="the time seen last"):
            call(seen, NOON)
