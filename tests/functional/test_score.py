"""The night's scoring on both databases: whose hints lie ready, when, and what a right or the gate does to it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ml.contracts import CurrentCohort, Floats, Kind, PlanInForce
from ml.errors import ConflictError, DataError, GateError
from ml.models.needs.classifier import NeedLines
from ml.models.needs.rule import IntegrationPlan
from ml.pseudonym import MasterKey
from serving.batch.scoring import Night, score
from serving.edge import Edge
from serving.hints.needs import NeedHint, compute_needs
from serving.store import batches
from serving.store.advices import stored_hints
from serving.store.clients import erase, record_right
from serving.store.database import Database
from serving.store.log import Event
from serving.store.stops import add_stop
from serving.store.verify import verify

from ..serving_databases import database_url, databases, new_database, postgresql
from .scoring import AS_OF, CHUNK, DAY, Gate, client, cohort, known, named, need_model, night

__all__ = ["database_url", "databases", "new_database", "postgresql"]

PEOPLE = 150  # four chunks, the last of them not whole


def rows(database: Database, query: str) -> list[Any]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def ready(database: Database, number: int) -> NeedHint | None:
    """Return the hint that lies ready about somebody."""
    with database.reading() as connection:
        found = stored_hints(connection, client(number)).get("needs")
    return None if found is None else NeedHint.from_json(found.content)


def right(database: Database, number: int, right: str, *, in_force: bool = True) -> int:
    with database.recording(Event("right", "eve", "caseworker", client(number))) as entry:
        return record_right(entry, client(number), right, DAY, "eve", in_force=in_force)


@pytest.fixture
def house(databases: Database) -> Database:
    """Return a database in which everybody of the cohort is known, and consents."""
    known(databases, PEOPLE)
    return databases


# ---------------------------------------------------------------- what lies ready


def test_each_hint_is_the_one_that_a_question_about_the_person_alone_has(house: Database) -> None:
    people = cohort(PEOPLE)
    scored = score(night(house), people)
    assert (scored.people, scored.hints, scored.went_on) == (PEOPLE, PEOPLE, 0)
    for number in range(PEOPLE):
        ability, course = people.features.iloc[number]
        row = {"ability": None if np.isnan(ability) else float(ability), "language_course": bool(course)}
        plan = IntegrationPlan(date(2026, 1, 2)) if number % 10 == 0 else None
        assert ready(house, number) == compute_needs(need_model(), row, plan, AS_OF, weak=True)


def test_it_says_which_version_of_which_day_until_when(house: Database) -> None:
    scored = score(night(house, valid=timedelta(days=3)), cohort(PEOPLE))
    with house.reading() as connection:
        found = stored_hints(connection, client(7))["needs"]
    assert (found.model, found.version, found.as_of) == ("service-need", 1, "2026-11-27")
    until = datetime.fromisoformat(found.valid_until)
    assert timedelta(days=3) - timedelta(minutes=5) < until - datetime.now(UTC) < timedelta(days=3)
    assert scored.valid_until == found.valid_until


def test_no_hint_outlives_the_approval(house: Database) -> None:
    scored = score(night(house, valid=timedelta(days=10_000)), cohort(PEOPLE))
    assert scored.valid_until == "2031-05-01T12:00:00.000000Z"


def test_the_log_tells_of_it_in_numbers_and_names_nobody(house: Database) -> None:
    score(night(house), cohort(PEOPLE))
    told = rows(house, "SELECT action, who, role, client, content FROM log ORDER BY seq")[1:]
    assert [each[0] for each in told] == ["batch.begin", *["batch.chunk"] * 4, "batch.complete"]
    assert {each[1:4] for each in told} == {("ada", "operator", None)}
    assert [json.loads(each[4]).get("rows") for each in told[1:-1]] == [CHUNK, CHUNK, CHUNK, PEOPLE - 3 * CHUNK]
    with house.reading() as connection:
        verify(connection)


# ---------------------------------------------------------------- who has none


def test_who_is_not_known_or_whose_right_stands_in_the_way_has_no_hint(house: Database) -> None:
    right(house, 1, "objection")
    right(house, 2, "restriction")
    right(house, 3, "consent", in_force=False)
    with house.recording(Event("erase", "otso", "officer")) as entry:
        erase(entry, client(4))
    scored = score(night(house), cohort(PEOPLE + 5))
    assert (scored.people, scored.hints) == (PEOPLE + 5, PEOPLE - 4)
    assert [ready(house, number) is None for number in range(6)] == [False, True, True, True, True, False]


def test_nothing_is_even_computed_about_them(house: Database) -> None:
    """A plan that ends before it begins cannot be computed with: whoever tried would find out."""
    people = cohort(PEOPLE)
    odd = dataclasses.replace(people, plans={named(1): PlanInForce(date(2026, 1, 2), date(2026, 1, 1))})
    right(house, 1, "objection")
    assert score(night(house), odd).hints == PEOPLE - 1
    right(house, 1, "objection", in_force=False)
    with pytest.raises(DataError, match="it ends on 2026-01-01"):
        score(night(house), odd)


def test_on_another_basis_in_law_no_consent_is_asked_but_an_objection_holds(house: Database) -> None:
    right(house, 1, "objection")
    right(house, 3, "consent", in_force=False)
    score(night(house, needs_consent=False), cohort(PEOPLE))
    assert [ready(house, number) is None for number in range(4)] == [False, True, False, False]


class Meanwhile:
    """Does something while a batch is under way: when it says that so many rows are done."""

    def __init__(self, rows: int, act: Callable[[], object]) -> None:
        self.words, self.act = f"{rows:,} of", act

    def __call__(self, said: str) -> None:
        if self.words in said:
            self.act()


@pytest.mark.parametrize("number", [5, 145], ids=["scored already", "not yet"])
def test_an_objection_made_meanwhile_holds(house: Database, number: int) -> None:
    meanwhile = Meanwhile(2 * CHUNK, lambda: right(house, number, "objection"))
    scored = score(night(house, say=meanwhile), cohort(PEOPLE))
    assert ready(house, number) is None
    assert rows(house, f"SELECT count(*) FROM hints WHERE client = '{client(number)}'") == [(0,)]
    assert scored.hints >= PEOPLE - 1
    assert rows(house, "SELECT count(*) FROM hints") == [(PEOPLE - 1,)]


@dataclasses.dataclass(frozen=True)
class Meddled(NeedLines):
    """A scorer during whose work something happens."""

    act: Callable[[], object] = lambda: None

    def margins(self, codes: Floats) -> Floats:
        self.act()
        return super().margins(codes)


def test_an_objection_made_while_the_hint_is_computed_holds(house: Database) -> None:
    plain = night(house)
    used: Any = plain.load("service-need")
    acts = iter([lambda: right(house, 5, "objection")])
    scorer = Meddled(**vars(used.model.scorer), act=lambda: next(acts, lambda: None)())
    meddled = dataclasses.replace(used, model=dataclasses.replace(used.model, scorer=scorer))
    kept: list[object] = []  # the hint is not even kept until the batch is completed
    look = Meanwhile(CHUNK, lambda: kept.append(rows(house, "SELECT count(*) FROM hints")))
    scored = score(dataclasses.replace(plain, load=lambda _: meddled, say=look), cohort(PEOPLE))
    assert kept == [[(CHUNK - 1,)]]
    assert (ready(house, 5), scored.hints) == (None, PEOPLE - 1)


def test_a_right_that_came_another_way_is_seen_when_the_batch_is_completed(house: Database) -> None:
    def beside_the_service() -> None:
        with house.recording(Event("test", "ada", "operator")) as entry:
            entry.connection.exec_driver_sql(f"UPDATE clients SET objection_on = '{DAY}' WHERE client = '{client(5)}'")

    scored = score(night(house, say=Meanwhile(PEOPLE, beside_the_service)), cohort(PEOPLE))
    assert (ready(house, 5), scored.hints) == (None, PEOPLE - 1)


# ---------------------------------------------------------------- before it is complete, and after


def test_before_a_batch_is_complete_nobody_is_shown_any_of_it(house: Database) -> None:
    seen: list[object] = []
    score(night(house, say=Meanwhile(3 * CHUNK, lambda: seen.append(ready(house, 0)))), cohort(PEOPLE))
    assert seen == [None]
    assert ready(house, 0) is not None


def test_the_next_night_replaces_hints_and_leaves_those_of_others(house: Database) -> None:
    score(night(house), cohort(PEOPLE))
    first = [ready(house, number) for number in range(PEOPLE)]
    seen: list[object] = []
    others = cohort(PEOPLE - 50, seed=2)
    score(night(house, say=Meanwhile(CHUNK, lambda: seen.append(ready(house, 0)))), others)
    assert seen == [first[0]]
    second = [ready(house, number) for number in range(PEOPLE)]
    assert second[PEOPLE - 50 :] == first[PEOPLE - 50 :]
    assert sum(old != new for old, new in zip(first, second, strict=True)) > 50
    assert rows(house, "SELECT count(*) FROM hints") == [(PEOPLE,)]  # what was replaced is gone


def test_the_hint_that_was_completed_last_is_shown_before_the_older_one_is_cleared(house: Database) -> None:
    score(night(house), cohort(PEOPLE))
    with house.recording(Event("batch", "ada", "operator")) as entry:
        newer = batches.Batch("0" * 32, "needs", "service-need", 1, "", "", DAY, "2126-01-01")
        batches.begin(entry, newer)
        batches.complete(entry, batches.add_hints(entry, newer, 1, {client(0): json.dumps({"newest": True})}), ())
    with house.reading() as connection:
        assert stored_hints(connection, client(0))["needs"].content == {"newest": True}


def test_the_same_cohort_again_finds_who_consented_since(house: Database) -> None:
    right(house, 1, "consent", in_force=False)
    score(night(house), cohort(PEOPLE))
    right(house, 1, "consent")
    assert score(night(house), cohort(PEOPLE)).hints == PEOPLE
    assert rows(house, "SELECT count(*) FROM hints") == [(PEOPLE,)]


# ---------------------------------------------------------------- broken off


def broken_off(database: Database, rows: int, **changed: Any) -> None:
    """Let a batch end after so many rows, as if the light went out."""

    class LightsOutError(Exception):
        pass

    def off() -> None:
        raise LightsOutError

    with pytest.raises(LightsOutError):
        score(night(database, say=Meanwhile(rows, off), **changed), cohort(PEOPLE))


def test_a_batch_that_broke_off_is_gone_on_with(house: Database) -> None:
    broken_off(house, 2 * CHUNK)
    scored = score(night(house), cohort(PEOPLE))
    assert (scored.went_on, scored.hints) == (2 * CHUNK, PEOPLE)
    assert rows(house, "SELECT count(*), count(completed_at) FROM batches") == [(1, 1)]


@pytest.mark.parametrize("what", ["cohort", "version", "chunk", "out of date"])
def test_where_something_else_was_scored_it_begins_anew(house: Database, what: str) -> None:
    broken_off(house, 2 * CHUNK, **({"valid": timedelta(seconds=-1)} if what == "out of date" else {}))
    changed = {"version": 2} if what == "version" else {"chunk": 70} if what == "chunk" else {}
    people = cohort(PEOPLE, digest="sha256:other" if what == "cohort" else None)
    scored = score(night(house, **changed), people)
    assert (scored.went_on, scored.hints) == (0, PEOPLE)
    assert rows(house, "SELECT count(*), count(completed_at) FROM batches") == [(1, 1)]
    assert rows(house, "SELECT count(*) FROM log WHERE action = 'batch.drop'") == [(1,)]


def test_of_two_runs_at_once_one_goes_on(house: Database) -> None:
    outcome: list[object] = []
    other = Meanwhile(CHUNK, lambda: outcome.append(score(night(house), cohort(PEOPLE))))
    with pytest.raises(ConflictError, match="another apualy score"):
        score(night(house, say=other), cohort(PEOPLE))
    assert [each.hints for each in outcome] == [PEOPLE]  # type: ignore[attr-defined]
    assert rows(house, "SELECT count(*) FROM hints") == [(PEOPLE,)]


def test_a_run_that_another_has_overtaken_ends(house: Database) -> None:
    with pytest.raises(ConflictError, match="another apualy score"):
        score(night(house, say=Meanwhile(CHUNK, lambda: broken_off(house, 3 * CHUNK))), cohort(PEOPLE))
    assert score(night(house), cohort(PEOPLE)).went_on == 3 * CHUNK


def test_a_newer_cohort_meanwhile_ends_the_older_run(house: Database) -> None:
    newer = Meanwhile(CHUNK, lambda: score(night(house), cohort(PEOPLE, seed=2)))
    with pytest.raises(ConflictError):
        score(night(house, say=newer), cohort(PEOPLE))
    assert rows(house, "SELECT cohort FROM batches") == [(cohort(PEOPLE, seed=2).digest,)]


# ---------------------------------------------------------------- the gate, the switch, and what does not fit


@pytest.mark.parametrize("asked", [0, 1], ids=["at the start", "before completion"])
def test_the_gate_is_asked(house: Database, asked: int) -> None:
    with pytest.raises(GateError, match="revoked meanwhile"):
        score(night(house, Gate(asked)), cohort(PEOPLE))
    assert [ready(house, number) for number in (0, PEOPLE - 1)] == [None, None]


def test_a_stop_that_is_made_meanwhile_holds(house: Database) -> None:
    def stop() -> None:
        with house.recording(Event("stop", "olli", "operator")) as entry:
            add_stop(entry, "0" * 32, None, "A fault.", "olli")

    with pytest.raises(GateError, match="advice is stopped since"):
        score(night(house, say=Meanwhile(CHUNK, stop)), cohort(PEOPLE))
    assert ready(house, 0) is None


def changed_cohort(**changed: Any) -> CurrentCohort:
    return dataclasses.replace(cohort(PEOPLE), **changed)


def test_a_cohort_that_the_model_was_not_made_for_is_refused(house: Database) -> None:
    ability, course = cohort(PEOPLE).columns
    with pytest.raises(DataError, match=r"lacks what service-need version 1 takes.*: language_course; build"):
        score(night(house), changed_cohort(columns=(ability,)))
    coded = dataclasses.replace(course, values={"1": "yes"})
    with pytest.raises(DataError, match="or codes it otherwise: language_course; build"):
        score(night(house), changed_cohort(columns=(ability, coded)))
    relabelled = dataclasses.replace(course, kind=Kind.IMMUTABLE, label={"en": "Course of a language"})
    assert score(night(house), changed_cohort(columns=(ability, relabelled))).hints == PEOPLE


def test_a_cohort_of_another_key_is_refused(house: Database) -> None:
    other = MasterKey(b"another key another key another!")
    with pytest.raises(DataError, match="pseudonyms of another key than the service's"):
        score(night(house), changed_cohort(key=other.for_purpose("service-need").fingerprint))
    keyless: Night = dataclasses.replace(night(house), edge=Edge(None))
    assert score(keyless, cohort(PEOPLE)).hints == PEOPLE
