"""`apualy clients import`: whose clients people are and who consented, from a file; whole or not at all."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ml.pseudonym import read_key
from serving.store.clients import client, erase, record_right
from serving.store.database import Database
from serving.store.log import Event
from serving.store.verify import verify

from ..serving_databases import database_url, new_database, postgresql

__all__ = ["database_url", "new_database", "postgresql"]

HEAD = ("identity_code", "office", "caseworker", "assigned_on", "consent", "consent_on")
CODE, SECOND = "131052-308T", "010155-920A"  # of nobody: DVV's example, and a made-up one
GIVEN = ("Itä", "cw-17", "2026-11-02", "given", "2026-11-05")
NONE = ("Itä", "cw-17", "2026-11-02", "none", "")
Row = tuple[str, ...]


@dataclass(frozen=True)
class Office:
    """A service with a key, and its file of clients."""

    run: Callable[..., Any]
    environ: Mapping[str, str]
    file: Path

    def take_in(self, *rows: Row, options: tuple[str, ...] = (), head: Row = HEAD) -> Any:
        with self.file.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows((head, *rows))
        return self.run("clients", "import", self.file, *options, **self.environ)

    def taken_in(self, *rows: Row, options: tuple[str, ...] = (), head: Row = HEAD) -> dict[str, Any]:
        """Return what a file that must be taken in changed."""
        ran = self.take_in(*rows, options=("--json", *options), head=head)
        assert (ran.code, ran.err) == (0, "")
        found: dict[str, Any] = json.loads(ran.out)
        return {name: count for name, count in found.items() if count}

    def pseudonym(self, code: str = CODE, purpose: str = "advice") -> str:
        return read_key(self.environ).for_purpose(purpose).pseudonym(code)

    @property
    def database(self) -> Database:
        return Database(self.environ["APUALY_DATABASE"])

    def rows(self, query: str) -> list[Any]:
        database = self.database
        with database.reading() as connection:
            found = [tuple(row) for row in connection.exec_driver_sql(query)]
        database.close()
        return found

    def right(self, right: str, since: str, code: str = CODE, *, in_force: bool = True) -> None:
        """Let somebody record a right here."""
        database = self.database
        with database.recording(Event("right", "eve", "caseworker")) as entry:
            record_right(entry, self.pseudonym(code), right, since, "eve", in_force=in_force)
        database.close()

    def consent(self, code: str = CODE) -> str | None:
        database = self.database
        with database.reading() as connection:
            found = client(connection, self.pseudonym(code))
        database.close()
        return None if found is None else found.consent


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key"
    path.touch(mode=0o600)
    path.write_text("0123456789abcdef" * 4)
    return path


@pytest.fixture
def office(apualy: Any, database_url: str, key: Path, tmp_path: Path) -> Office:
    """Return a service on SQLite and, in its turn, on PostgreSQL."""
    environ = {"APUALY_DATABASE": database_url, "APUALY_PSEUDONYM_KEY_FILE": str(key), "APUALY_HOME": str(tmp_path)}
    return Office(apualy, environ, tmp_path / "clients.csv")


@pytest.fixture
def desk(apualy: Any, new_database: Callable[[str], str], key: Path, tmp_path: Path) -> Iterator[Office]:
    """Yield a service on SQLite; afterwards its files must hold no identity code."""
    url = new_database("sqlite")
    environ = {"APUALY_DATABASE": url, "APUALY_PSEUDONYM_KEY_FILE": str(key), "APUALY_HOME": str(tmp_path)}
    yield Office(apualy, environ, tmp_path / "clients.csv")
    file = Path(url.removeprefix("sqlite:///"))
    for each in file.parent.glob(f"{file.name}*"):
        assert not any(code.encode() in each.read_bytes() for code in (CODE, SECOND))


# ---------------------------------------------------------------- what is taken in


def test_clients_are_known_by_the_pseudonyms_of_each_purpose(office: Office) -> None:
    assert office.taken_in((CODE, *GIVEN), (SECOND, *NONE)) == {"clients": 2, "new": 2, "assigned": 2, "consents": 1}
    query = "SELECT client, risk_pseudonym, needs_pseudonym, office, caseworker, assigned_on, consent_on FROM clients"
    assert set(office.rows(query)) == {
        (*(office.pseudonym(CODE, each) for each in ("advice", "ltu-risk", "service-need")), *GIVEN[:3], GIVEN[4]),
        (*(office.pseudonym(SECOND, each) for each in ("advice", "ltu-risk", "service-need")), *NONE[:3], None),
    }
    ((right, in_force, since, by),) = office.rows('SELECT "right", in_force, since, recorded_by FROM rights')
    assert (right, bool(in_force), since, by) == ("consent", True, "2026-11-05", "apualy clients import")


def test_it_is_one_entry_of_the_log_with_counts_and_nobody_in_it(office: Office) -> None:
    office.taken_in((CODE, *GIVEN), (SECOND, *NONE))
    ((action, who, role, about, content),) = office.rows("SELECT action, who, role, client, content FROM log")
    assert (action, who, role, about) == ("clients.import", "ada", "operator", None)
    assert json.loads(content)["assigned"] == 2
    database = office.database
    with database.reading() as connection:
        assert verify(connection).entries == 1
    database.close()


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.taken_in((CODE, *GIVEN), (SECOND, *NONE))
    assert office.taken_in((CODE, *GIVEN), (SECOND, *NONE)) == {"clients": 2}
    assert len(office.rows("SELECT seq FROM log")) == 1


def test_a_client_goes_to_another_caseworker_and_to_nobody(office: Office) -> None:
    office.taken_in((CODE, *GIVEN), (SECOND, *GIVEN))
    moved = ("Länsi", "cw-18", "2026-11-20", "given", "2026-11-05")
    assert office.taken_in((CODE, *moved), (SECOND, "", "", "", "given", "2026-11-05")) == {"clients": 2, "assigned": 2}
    assert set(office.rows("SELECT office, caseworker FROM clients")) == {("Länsi", "cw-18"), (None, None)}


def test_who_is_not_in_the_file_stays_unless_it_replaces_what_was(office: Office) -> None:
    office.taken_in((CODE, *GIVEN), (SECOND, *GIVEN))
    assert office.taken_in((CODE, *GIVEN)) == {"clients": 1}
    assert office.taken_in((CODE, *GIVEN), options=("--replace",)) == {"clients": 1, "unassigned": 1}
    assert office.consent(SECOND) == "2026-11-05"  # whose client they are says nothing of what they consented to
    caseworkers = dict(office.rows("SELECT client, caseworker FROM clients"))
    assert caseworkers == {office.pseudonym(CODE): "cw-17", office.pseudonym(SECOND): None}


def test_a_dry_run_says_what_would_change_and_changes_nothing(office: Office) -> None:
    counts = {"clients": 1, "new": 1, "assigned": 1, "consents": 1}
    assert office.taken_in((CODE, *GIVEN), options=("--dry-run",)) == {"dry_run": True, **counts}
    assert office.rows("SELECT client FROM clients") == []
    assert office.rows("SELECT seq FROM log") == []
    assert "nothing was changed" in office.take_in((CODE, *GIVEN), options=("--dry-run",)).out


def test_pseudonyms_may_stand_in_the_file_and_keep_those_of_the_cohorts(office: Office) -> None:
    office.taken_in((CODE, *GIVEN))
    head = ("pseudonym", *HEAD[1:])
    moved = (office.pseudonym(), "Länsi", "cw-18", "2026-11-20", "given", "2026-11-05")
    assert office.taken_in(moved, head=head) == {"clients": 1, "assigned": 1}
    ((risk, caseworker),) = office.rows("SELECT risk_pseudonym, caseworker FROM clients")
    assert (risk, caseworker) == (office.pseudonym(CODE, "ltu-risk"), "cw-18")


# ---------------------------------------------------------------- consent: what was said later counts

# said here before (since, in force; None: nothing) | the file says | in force then
LATER = [
    (None, "given", "2026-11-05", "2026-11-05"),
    (None, "none", "", None),
    (("2026-11-01", False), "given", "2026-11-05", "2026-11-05"),
    (("2026-11-05", False), "given", "2026-11-05", None),
    (("2026-11-09", False), "given", "2026-11-05", None),
    (("2026-11-09", True), "given", "2026-11-05", "2026-11-09"),
    (("2026-11-01", True), "none", "2026-11-05", None),
    (("2026-11-05", True), "none", "2026-11-05", None),
    (("2026-11-09", True), "none", "2026-11-05", "2026-11-09"),
    (("2026-11-09", True), "none", "", "2026-11-09"),
]


@pytest.mark.parametrize(("here", "consent", "day", "then"), LATER)
def test_the_later_word_counts(
    desk: Office, here: tuple[str, bool] | None, consent: str, day: str, then: str | None
) -> None:
    if here is not None:
        desk.right("consent", here[0], in_force=here[1])
    desk.taken_in((CODE, *GIVEN[:3], consent, day))
    assert desk.consent() == then


def test_a_consent_that_an_earlier_file_told_of_is_taken_back_by_one_that_does_not(office: Office) -> None:
    office.taken_in((CODE, *GIVEN))
    hint(office)
    assert office.taken_in((CODE, *NONE)) == {"clients": 1, "consents_taken_back": 1}
    assert office.consent() is None
    assert office.rows("SELECT client FROM hints") == []  # and what lay ready goes at once
    assert [bool(each) for (each,) in office.rows("SELECT in_force FROM rights ORDER BY seq")] == [True, False]


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_no_file_lifts_an_objection(office: Office, right: str) -> None:
    office.right(right, "2026-11-03")
    assert office.taken_in((CODE, *GIVEN)) == {"clients": 1, "assigned": 1, "consents": 1, "protected": 1}
    assert office.rows(f"SELECT {right}_on FROM clients") == [("2026-11-03",)]


def test_who_was_erased_stays_erased_until_they_consent_anew(desk: Office) -> None:
    desk.taken_in((CODE, *GIVEN))
    database = desk.database
    with database.recording(Event("erase", "otso", "officer")) as entry:
        erase(entry, desk.pseudonym())
        day = entry.at.date().isoformat()
    database.close()
    assert desk.taken_in((CODE, *GIVEN)) == {"clients": 1, "erased": 1}
    assert desk.rows("SELECT caseworker, risk_pseudonym, erased_on FROM clients") == [(None, None, day)]


def hint(office: Office) -> None:
    """Let a hint lie ready about the client."""
    database, at = office.database, "2026-11-28T00:00:00.000000Z"
    facts = "'risk', 'ltu', 1, 'd', '2026-11-28', '2027-01-01T00:00:00.000000Z'"
    with database.recording(Event("batch", "eve", "operator")) as entry:
        run = entry.connection.exec_driver_sql
        run(
            "INSERT INTO batches (id, task, model, version, digest, as_of, valid_until, cohort, done_rows, hints, "
            f"completed_at, seq) VALUES ('b', {facts}, 'c', 1, 1, '{at}', {entry.seq})"
        )
        run(
            "INSERT INTO hints (client, batch, task, model, version, digest, as_of, valid_until, content) "
            f"VALUES ('{office.pseudonym()}', 'b', {facts}, '{{}}')"
        )
    database.close()


# ---------------------------------------------------------------- what is refused


REFUSED = {
    "check character": (("131052-308X", *GIVEN), "line 2: the identity code's check character is wrong"),
    "form": (("13105-308T", *GIVEN), "line 2: the identity code does not have the form"),
    "no code": (("", *GIVEN), "line 2: Name the client by pseudonym or by identity_code"),
    "long code": (("1" * 21, *GIVEN), "line 2: identity_code: String should have at most 20 characters"),
    "a day": ((CODE, "Itä", "cw-17", "2.11.2026", "none", ""), "line 2: assigned_on: "),
    "consent": ((CODE, "Itä", "cw-17", "2026-11-02", "yes", "2026-11-02"), "line 2: consent: Input should be"),
    "no day": ((CODE, "Itä", "cw-17", "2026-11-02", "given", ""), "line 2: Consent was given on a day"),
    "to come": ((CODE, "Itä", "cw-17", "2026-11-02", "given", "2126-11-02"), "line 2: consent_on: this day is still"),
    "half": ((CODE, "Itä", "cw-17", "", "none", ""), "line 2: Caseworker and assigned_on belong together"),
    "two words": ((CODE, "Itä", "cw 17", "2026-11-02", "none", ""), "line 2: caseworker: String should match"),
    "code in office": ((CODE, "Itä 131052-308T", "cw-17", "2026-11-02", "none", ""), "line 2: office: There is an id"),
    "long office": ((CODE, "Ä" * 201, "cw-17", "2026-11-02", "none", ""), "line 2: office: String should have at most"),
    "too few cells": ((CODE, "Itä"), "line 2 has 2 cells, the first line 6"),
}


@pytest.mark.parametrize(("row", "words"), REFUSED.values(), ids=REFUSED)
def test_an_odd_row_is_named_by_its_line_and_nothing_is_taken_in(desk: Office, row: Row, words: str) -> None:
    ran = desk.take_in(row, (SECOND, *GIVEN))
    assert (ran.code, ran.out) == (3, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert "308" not in ran.err  # no identity code, not even a part of one
    assert desk.rows("SELECT client FROM clients") == []


def test_a_client_stands_in_the_file_once(desk: Office) -> None:
    ran = desk.take_in((CODE, *GIVEN), (SECOND, *GIVEN), (CODE.lower(), *GIVEN))
    assert "line 4: the same client as in line 2" in ran.err
    assert ran.code == 3


def test_the_first_few_faults_are_told_and_the_others_counted(desk: Office) -> None:
    ran = desk.take_in(*(("nobody", *GIVEN) for _ in range(9)))
    assert [f"line {line}:" in ran.err for line in (2, 3, 4, 5)] == [True, True, True, False]
    assert "and 6 lines more" in ran.err


@pytest.mark.parametrize("head", [HEAD[1:], (*HEAD, "name"), ("pseudonym", *HEAD), tuple(map(str.upper, HEAD))])
def test_other_columns_are_refused(desk: Office, head: Row) -> None:
    ran = desk.take_in(tuple("x" for _ in head), head=head)
    assert ran.code == 3
    assert "the first line must be identity_code,office," in ran.err


def test_a_file_that_is_no_table_is_refused(desk: Office) -> None:
    for content, words in ((b"\xff\xfe", "is not UTF-8"), (b"", "the first line must be"), (b'"a', "no line of a CSV")):
        desk.file.write_bytes(content)
        ran = desk.run("clients", "import", desk.file, **desk.environ)
        assert ran.code == 3
        assert words in ran.err
    assert "cannot be read" in desk.run("clients", "import", "nowhere.csv", **desk.environ).err


def test_a_file_without_anybody_in_it_unassigns_nobody(desk: Office) -> None:
    desk.taken_in((CODE, *GIVEN))
    ran = desk.take_in(options=("--replace",))
    assert ran.code == 3
    assert "there is nobody in the file" in ran.err
    assert desk.rows("SELECT caseworker FROM clients") == [("cw-17",)]


def test_without_a_key_identity_codes_are_refused(desk: Office) -> None:
    desk.take_in((CODE, *GIVEN))
    ran = desk.run("clients", "import", desk.file, **{**desk.environ, "APUALY_PSEUDONYM_KEY_FILE": ""})
    assert ran.code == 2
    assert "no key of pseudonyms" in ran.err


def test_a_database_that_is_not_there_is_not_made(desk: Office) -> None:
    desk.take_in((CODE, *GIVEN))
    ran = desk.run("clients", "import", desk.file, **{**desk.environ, "APUALY_DATABASE": "sqlite:///nowhere.db"})
    assert ran.code == 1
    assert "run apualy database upgrade" in ran.err


# ---------------------------------------------------------------- many


@pytest.mark.slow
def test_as_many_as_were_unemployed_in_helsinki_take_seconds(office: Office) -> None:
    head = ("pseudonym", *HEAD[1:])
    rows = [(f"{number:032x}", "Itä", f"cw-{number // 150}", *GIVEN[2:]) for number in range(65_210)]
    began = time.perf_counter()
    counts = dict.fromkeys(("clients", "new", "assigned", "consents"), 65210)
    assert office.taken_in(*rows, head=head) == counts
    assert time.perf_counter() - began < 60  # 4 to 12 s on a machine with nothing else to do
