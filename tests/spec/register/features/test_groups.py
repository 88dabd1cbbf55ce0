"""The groups of the audit: apart from the inputs, at the day of a look, suppressed ones a group of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ml.register.build import build

# age at the as-of date (1 June 2018 plus 0 or 6 years) → band at the look, 0 and 6 years earlier
AGES = {
    "24": ("under 25", "under 25"),
    "25": ("25–29", "under 25"),
    "29": ("25–29", "under 25"),
    "30": ("30–49", "under 25"),
    "34": ("30–49", "25–29"),
    "36": ("30–49", "30–49"),
    "50": ("50 and over", "30–49"),
    "56": ("50 and over", "50 and over"),
    "30–34": ("30–49", "25–29"),
    "under_25": ("under 25", "under 25"),
    "under_20": ("under 25", "under 25"),
    "25–29": ("25–29", "under 25"),
    "30–49": ("30–49", "30–49"),
    "50_and_over": ("50 and over", "50 and over"),
    "65_and_over": ("50 and over", "50 and over"),
    "*": ("suppressed", "suppressed"),
    "-": (None, None),
}
HEADER = "age gender mother_tongue citizenship district years_in_finland valid_from entered"
OTHERS = {
    "a man born in Finland": ("34 1 fi FI Eteläinen -", "men Finnish Finnish Eteläinen no_arrival_recorded"),
    "a woman who came": ("34 2 so SO Itäinen over_5", "women foreign other Itäinen arrived_in_Finland"),
    "a Swedish speaker": ("34 2 sv FI Itäinen -", "women Swedish Finnish Itäinen no_arrival_recorded"),
    "an EU citizen": ("34 2 et EE Itäinen 3–5", "women foreign EU Itäinen arrived_in_Finland"),
    "generalised": ("34 2 foreign EU outside_Helsinki 3–5", "women foreign EU outside_Helsinki arrived_in_Finland"),
    "other countries": ("34 2 foreign other Itäinen 3–5", "women foreign other Itäinen arrived_in_Finland"),
    "suppressed": ("* * * * * *", "suppressed suppressed suppressed suppressed suppressed"),
}


Groups = Callable[[str, dict[str, str]], dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def groups(extract: Callable[..., Path], people: Callable[..., str]) -> Groups:
    """Return the groups at registration on 1 June 2018, by person, from an as-of date and versions of their facts."""

    def make(as_of: str, versions: dict[str, str]) -> dict[str, dict[str, Any]]:
        folder = extract(
            as_of,
            employment=people("code start end", dict.fromkeys(versions, "02 2018-06-01 -")),
            protected=people(HEADER, versions),
        )
        build(folder, folder.parent / "cohort", settled_days=0, history_years=0)
        rows = pq.read_table(folder.parent / "cohort" / "protected.parquet").to_pylist()
        return {row["pseudonym"].replace("_", " "): row for row in rows if row["landmark_months"] == 0}

    return make


@pytest.mark.parametrize("years_later", [0, 6])
def test_age_at_the_look(groups: Groups, years_later: int) -> None:
    ages = {f"person {number}": age for number, age in enumerate(AGES)}
    found = groups(
        f"{2018 + years_later}-06-02",
        {person: f"{age} 1 fi FI Itäinen - 2018-01-01 2018-01-01" for person, age in ages.items()},
    )
    bands = {age: found[person]["age"] for person, age in ages.items()}
    assert bands == {age: expected[1 if years_later else 0] for age, expected in AGES.items()}


def test_other_groups(groups: Groups) -> None:
    found = groups("2019-01-01", {case: f"{facts} 2018-01-01 2018-01-01" for case, (facts, _) in OTHERS.items()})
    names = ("gender", "mother_tongue_group", "citizenship_group", "district", "origin")
    told = {case: " ".join(row[name].replace(" ", "_") for name in names) for case, row in found.items()}
    assert told == {case: expected for case, (_, expected) in OTHERS.items()}


def test_the_version_known_at_the_look_counts_and_else_the_first(groups: Groups) -> None:
    found = groups(
        "2019-01-01",
        {
            "known": """34 1 fi FI Itäinen - 2017-01-01 2017-01-01
                        34 1 fi FI Läntinen - 2018-05-01 2018-05-01
                        34 1 fi FI Keskinen - 2018-05-15 2018-06-02""",
            "none yet": """34 1 fi FI Keskinen - 2018-09-01 2018-09-01
                           34 1 fi FI Itäinen - 2018-06-01 2018-06-03""",
        },
    )
    assert {person: row["district"] for person, row in found.items()} == {"known": "Läntinen", "none yet": "Itäinen"}


def test_no_protected_attribute_stands_among_the_inputs(extract: Callable[..., Path], tmp_path: Path) -> None:
    build(
        extract("2019-01-01", employment="code start end\n02 2018-06-01 -"),
        tmp_path / "cohort",
        settled_days=0,
        history_years=0,
    )
    inputs, protected = (
        set(pq.read_schema(tmp_path / "cohort" / f"{name}.parquet").names) for name in ("inputs", "protected")
    )
    assert inputs & protected == {"pseudonym", "start", "landmark_months"}
    assert protected - inputs == {
        "age", "gender", "mother_tongue_group", "citizenship_group", "origin", "district",
    }  # fmt: skip
