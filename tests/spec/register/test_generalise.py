"""How rare combinations are generalised: people in, what is delivered of them at k = 2."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from ml.register.pseudonymise.attributes import ATTRIBUTES
from ml.register.pseudonymise.generalise import generalise
from ml.register.pseudonymise.ladder import ladders_of

AS_OF = date(2020, 1, 31)
SAME = {
    "birth_date": "1985-07-14",  # 34 years old
    "gender": "1",
    "mother_tongue": "fi",
    "citizenship": "FI",
    "municipality": "091",
    "postal_code": "00530",  # Keskinen
    "education_level": "3",
    "education_code": "3512",
    "occupation": "512",
    "arrived_in_finland": "",
    "integration_plan_start": "",
    "integration_plan_end": "",
}
DATES = ("birth_date", "arrived_in_finland", "integration_plan_start", "integration_plan_end")


def delivered(people: list[dict[str, str]], names: list[str], k: int, persons: list[int]) -> list[tuple[str, ...]]:
    """Return what is delivered of each row; "" stands for what the register does not know."""

    def column(name: str) -> Any:
        values = [{**SAME, **person}[name] or None for person in people]
        if name in DATES:
            return pa.array([value and date.fromisoformat(value) for value in values], pa.date32())
        return pa.array(values, pa.string())

    ladders = ladders_of(ATTRIBUTES, {name: column(name) for name in SAME}, AS_OF)
    found = generalise(ladders, np.array(persons), k, np.random.default_rng(1))
    texts = {each.name: each.column(found.levels[each.name]).to_pylist() for each in ladders}
    return [tuple(texts[name][row] or "" for name in names) for row in range(len(people))]


TABLES = {
    # Each table: the column of the register, the attribute delivered, then raw → delivered a row.
    "shared values stay as they are": ("occupation", "occupation", """
        512 → 512
        512 → 512
        251 → 251
        251 → 251
    """),
    "a rare occupation is told by two digits where two share them": ("occupation", "occupation", """
        512 → 51
        513 → 51
        251 → 251
        251 → 251
    """),
    "by one digit where two share that": ("occupation", "occupation", """
        512 → 5
        522 → 5
        251 → 251
        251 → 251
    """),
    "and not at all where nobody shares it": ("occupation", "occupation", """
        512 → *
        911 → *
        251 → 251
        251 → 251
    """),
    "what the register does not know is not what was suppressed": ("occupation", "occupation", """
            →
            →
        911 → *
        622 → *
    """),
    "one who alone lacks a value is not told from others": ("occupation", "occupation", """
            → *
        911 → *
        251 → 251
        251 → 251
    """),
    "rare languages are foreign, Finnish and Swedish are themselves": ("mother_tongue", "mother_tongue", """
        fi → fi
        fi → fi
        sv → sv
        sv → sv
        ru → foreign
        so → foreign
        et → et
        et → et
    """),
    "rare countries are in the European Union or not": ("citizenship", "citizenship", """
        FI → FI
        FI → FI
        EE → EU
        DE → EU
        SO → other
        RU → other
    """),
    "ages are told by the audit's bands first, by years last": ("birth_date", "age", """
        1985-01-31 → 35
        1985-01-31 → 35
        1977-06-01 → 30–49
        1971-06-01 → 30–49
        1963-06-01 → 55–59
        1960-06-02 → 55–59
        1999-06-01 → *
        1992-06-01 → *
    """),
    "places are major districts": ("postal_code", "district", """
        00530 → Keskinen
        00500 → Keskinen
        00980 → Itäinen
        00940 → Itäinen
        02100 → outside Helsinki
        99999 → outside Helsinki
    """),
    "education falls back to basic, secondary and higher": ("education_level", "education_level", """
        6 → higher
        7 → higher
        3 → secondary
        4 → secondary
        1 → 1
        1 → 1
    """),
    "arrival in Finland is a band of years": ("arrived_in_finland", "years_in_finland", """
        2017-02-01 → under 3
        2019-12-24 → under 3
        2017-01-31 → 3–5
        2014-02-01 → 3–5
        2014-01-31 → over 5
        1999-01-01 → over 5
    """),
}  # fmt: skip


@pytest.mark.parametrize(("column", "attribute", "table"), TABLES.values(), ids=TABLES)
def test_what_is_delivered(column: str, attribute: str, table: str):
    rows = [[cell.strip() for cell in line.split("→")] for line in table.strip().splitlines()]
    people = [{column: raw} for raw, _ in rows]
    found = delivered(people, [attribute], 2, list(range(len(people))))
    assert [(raw, text) for raw, (text,) in zip([raw for raw, _ in rows], found, strict=True)] == [
        (raw, text) for raw, text in rows
    ]


def test_what_is_needed_most_is_kept_longest():
    """Two people who differ in all: gender goes with them only when it has to."""
    names = ["birth_date", "occupation", "postal_code", "citizenship", "mother_tongue"]
    one = dict(zip(names, ["1985-07-14", "512", "00530", "EE", "et"], strict=True))
    two = dict(zip(names, ["1978-02-01", "531", "00980", "DE", "de"], strict=True))
    names = ["gender", "age", "mother_tongue", "occupation", "citizenship", "municipality", "district"]
    shared = ("1", "30–49", "foreign", "5", "EU", "Helsinki", "*")
    assert delivered([one, two], names, 2, [1, 2]) == [shared, shared]


def test_versions_of_one_person_do_not_hide_behind_each_other():
    """The welder is one person with two versions: nobody shares the trade."""
    people = [{"occupation": "721"}, {"occupation": "721"}, {"occupation": "512"}, {"occupation": "512"}]
    assert delivered(people, ["occupation"], 2, [1, 1, 2, 3]) == [("*",), ("*",), ("*",), ("*",)]
    with_a_second_welder = [*people, {"occupation": "721"}]
    found = delivered(with_a_second_welder, ["occupation"], 2, [1, 1, 2, 3, 4])
    assert found == [("721",), ("721",), ("512",), ("512",), ("721",)]
