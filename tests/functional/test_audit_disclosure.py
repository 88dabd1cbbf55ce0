"""Nothing that `apualy audit` writes tells of one to four people: not a number, and not what numbers leave over."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

COLUMNS = ("--outcome", "stayed", "--score", "chance", "--protected", "tongue,sex,place")
SMALL = "Sámi"  # so few that they are not told
RATES = {"selection_rate", "false_positive_rate", "false_negative_rate", "precision"}


def people(sizes: dict[str, int], seed: int = 1) -> pd.DataFrame:
    """Return so many people of each tongue, of two sexes and three places, in any order."""
    rng = np.random.default_rng(seed)
    tongue = rng.permutation(np.repeat(list(sizes), list(sizes.values())))
    chance = rng.beta(2, 3, len(tongue)).round(2)
    return pd.DataFrame({
        "stayed": (rng.random(len(tongue)) < chance).astype(int), "chance": chance, "tongue": tongue,
        "sex": rng.choice(["women", "men"], len(tongue)), "place": rng.choice(["north", "south", "east"], len(tongue)),
    })  # fmt: skip


@pytest.fixture
def written(apualy: Any, tmp_path: Path) -> Callable[[pd.DataFrame], dict[str, Any]]:
    """Return what audits people and gives back all that was written: JSON, CSV, page and lines."""

    def run(data: pd.DataFrame) -> dict[str, Any]:
        data.to_csv(tmp_path / "said.csv", index=False)
        argv = ("audit", "--data", tmp_path / "said.csv", *COLUMNS)
        told = apualy(*argv, "--json", "--html", tmp_path / "r.html", "--csv", tmp_path / "f.csv")
        assert (told.code, told.err) == (0, "")
        lines = apualy(*argv).out
        rows = list(csv.DictReader(io.StringIO((tmp_path / "f.csv").read_text(encoding="utf-8"), newline="")))
        page = (tmp_path / "r.html").read_text(encoding="utf-8")
        return {"json": json.loads(told.out), "csv": rows, "page": page, "lines": lines}

    return run


def findings(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all that is told of groups, from JSON and CSV alike, numbers as such."""
    number = {"n", "value", "low", "high", "ratio", "difference", "overall_ratio", "overall_difference"}
    of_csv = [{name: (float(cell) if cell else None) if name in number else cell for name, cell in row.items()}
              for row in found["csv"]]  # fmt: skip
    return [*found["json"]["findings"], *found["json"]["figures"], *of_csv]


class Cells(HTMLParser):
    """The words of each row of each table of a page."""

    def __init__(self) -> None:
        """Begin with no row."""
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row, or a cell of it."""
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th") or (self.inside and tag not in ("tr", "table"))
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        self.inside = self.inside and tag not in ("td", "th", "tr")

    def handle_data(self, data: str) -> None:
        """Keep the words of a cell."""
        if self.inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


# ---------------------------------------------------------------- no number of people is one to four


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_no_number_of_people_from_one_to_four_is_written(written: Any, small: int) -> None:
    found = written(people({"Finnish": 321, "Swedish": 64, "other": 83, SMALL: small}))
    assert {each["n"] for each in findings(found)}.isdisjoint({1, 2, 3, 4})
    assert {each["n"] % 5 for each in findings(found) if each["n"] is not None} == {0}
    assert found["json"]["people"] % 5 == found["json"]["rows"] % 5 == 0
    of_few = [each for each in findings(found) if SMALL in each["group"]]
    assert len(of_few) >= 14
    for each in of_few:
        assert {each[name] for name in ("n", "value", "low", "high", "ratio", "overall_ratio", "difference")} == {None}
    rows = Cells()
    rows.feed(found["page"])
    of_few_in_page = [row for row in rows.rows if any(SMALL in cell for cell in row)]
    assert of_few_in_page
    words = " ".join(cell for row in of_few_in_page for cell in row).replace("\u00a0", " ")
    assert not re.search(r"\d", re.sub(r"fewer than 5|highest \d+ %", "", words))
    assert not any(re.search(r"\d", line.split(SMALL)[1]) for line in found["lines"].splitlines() if SMALL in line)


def test_the_page_shows_only_rounded_numbers_of_people(written: Any) -> None:
    rows = Cells()
    found = written(people({"Finnish": 321, "Swedish": 64, "other": 83}))
    rows.feed(found["page"])
    sizes = {each["n"] for each in findings(found)}
    heads = [row for row in rows.rows if any(cell.strip() == "People" for cell in row)]
    assert heads
    column = [cell.strip() for cell in heads[0]].index("People")
    cells = [row[column].strip() for row in rows.rows if len(row) == len(heads[0])]
    numbers = {int(re.sub(r"\D", "", cell)) for cell in cells if re.fullmatch(r"[\d\s\u00a0\u202f,]+", cell)}
    assert numbers
    assert numbers <= sizes


# ---------------------------------------------------------------- subtraction


def of_whole(found: dict[str, Any], attribute: str, metric: str) -> dict[str, dict[str, Any]]:
    """Return what is told of each group of an attribute at the main cut."""
    return {each["group"]: each for each in (*found["json"]["findings"], *found["json"]["figures"])
            if (each["attribute"], each["metric"], each["scope"]) == (attribute, metric, "attribute")}  # fmt: skip


def left_over(found: dict[str, Any], attribute: str) -> tuple[int, set[int]]:
    """Return the people of a total that no shown group has, and which numbers of one to four those may be.

    Each shown number may be of two more or two fewer; a total, which may have been moved, of seven.
    """
    sizes = [each["n"] for each in of_whole(found, attribute, "selection_rate").values()]
    few, shown = sum(size is None for size in sizes), [size for size in sizes if size is not None]
    left, doubt = found["json"]["people"] - sum(shown), 2 * (len(shown) + 1)
    return left, {number for number in range(few, 4 * few + 1) if abs(number - left) <= doubt}


@pytest.mark.parametrize(
    ("first", "second", "small"),
    [(102, 62, 4), (98, 58, 1), (100, 60, 3), (102, 58, 2), (101, 61, 1), (99, 59, 4), (102, 62, 1), (98, 58, 4)],
)
def test_a_total_less_the_other_groups_leaves_two_numbers_at_least(
    written: Any, first: int, second: int, small: int
) -> None:
    """At 102, 62 and 4 a total that was merely rounded would leave four alone, at 98, 58 and 1 one."""
    left, may_be = left_over(written(people({"Finnish": first, "Swedish": second, SMALL: small})), "tongue")
    assert left % 5 == 0
    assert len(may_be) >= 2
    assert small in may_be


def test_two_reports_less_each_other_leave_multiples_of_five(written: Any) -> None:
    """Three people are added to a group, as from one quarter to the next: no difference of any two numbers is three."""
    before = people({"Finnish": 321, "Swedish": 64, "other": 83}, seed=3)
    joined = people({"Swedish": 3}, seed=4).assign(sex="women", place="north", chance=0.9)
    one, other = written(before), written(pd.concat([before, joined], ignore_index=True))
    for attribute in ("tongue", "sex", "place"):
        then, now = of_whole(one, attribute, "selection_rate"), of_whole(other, attribute, "selection_rate")
        assert {(now[group]["n"] - then[group]["n"]) % 5 for group in then} == {0}
    for of in ("people", "rows"):
        assert (other["json"][of] - one["json"][of]) % 5 == 0
    then, now = (of_whole(each, "tongue", "selection_rate")["Swedish"] for each in (one, other))
    assert (then["n"], now["n"]) == (65, 65)


def test_people_whom_rounding_hides_change_nothing_that_is_shown(written: Any) -> None:
    """A woman of the south more, flagged and exited, where every number that she is of rounds alike."""
    one = people({"Finnish": 300, "Swedish": 90, "other": 90}, seed=8)
    candidates = [row for _, row in one.iterrows() if row["chance"] > 0.75 and not row["stayed"]]
    assert candidates
    found = written(one)
    same = [written(pd.concat([one, row.to_frame().T], ignore_index=True)) for row in candidates[:2]]
    alike = 0
    for other in same:
        for then, now in zip(found["json"]["figures"], other["json"]["figures"], strict=True):
            assert (then["group"], then["metric"], then["cut"]) == (now["group"], now["metric"], now["cut"])
            if then["value"] == now["value"] and then["metric"] in RATES:
                alike += then["low"] == now["low"] and then["high"] == now["high"]
    assert alike > 20  # where the figure is the same, its interval is, too: it is made of nothing else


# ---------------------------------------------------------------- rates times sizes


def test_no_rate_is_shown_of_one_to_four_and_others_are_of_multiples_of_five(written: Any) -> None:
    """Each rate is a fraction of two multiples of five, none of them 1 to 4 of its people; so is each of two groups."""
    data = people({"Finnish": 321, "Swedish": 33, "other": 41}, seed=6)
    found = written(data)
    shown = {each["value"] for each in findings(found) if each["metric"] in RATES and each["value"] is not None}
    multiples = np.arange(0, 500, 5)
    fractions = np.unique(np.round(multiples[:, None] / np.maximum(multiples[None, :], 1), 4))
    assert shown
    assert all(np.min(np.abs(fractions - value)) < 2e-4 for value in shown)
    hidden = [each for each in findings(found) if each["metric"] in RATES and each["value"] is None]
    assert hidden
    for each in hidden:
        assert {each[name] for name in ("low", "high", "ratio", "difference", "overall_ratio")} == {None}


def test_everyones_rate_less_the_groups_is_no_exact_numerator(written: Any) -> None:
    """Attackers know everyone's rate from a group's rate and its ratio to everyone, and take the other groups from it.

    Over twelve worlds in which one to four of a group were flagged, what is left over is that number no more often
    than one of the four is guessed.
    """
    right = tries = 0
    for seed in range(12):
        data = people({"Finnish": 200, "Swedish": 40, "other": 60}, seed=seed)
        line = data["chance"].sort_values().iloc[-75]
        flagged = data["tongue"].eq("Swedish") & data["chance"].ge(line)
        data = data.drop(data[flagged].index[1 + seed % 4 :])
        exact = int((data["tongue"].eq("Swedish") & data["chance"].ge(data["chance"].sort_values().iloc[-75])).sum())
        found = written(data)
        groups = of_whole(found, "tongue", "selection_rate")
        if groups["Swedish"]["value"] is not None or exact not in (1, 2, 3, 4):
            continue
        tries += 1
        everyone = groups["Finnish"]["value"] / groups["Finnish"]["overall_ratio"]
        left = everyone * found["json"]["people"] - sum(
            groups[name]["value"] * groups[name]["n"] for name in ("Finnish", "other")
        )
        right += round(left) == exact
        by_share = found["json"]["selected_share"] * found["json"]["rows"]
        assert by_share == pytest.approx(5 * round(by_share / 5), abs=0.5)
    assert tries >= 6
    assert right <= 0.5 * tries


def test_pairs_of_groups_leave_no_small_group_over(written: Any) -> None:
    """Groups of two attributes together are shown from 120 people on; what they leave of a group is no exact number."""
    found = written(people({"Finnish": 900, "Swedish": 303, "other": 401}, seed=2))
    pairs = [each for each in findings(found) if each["scope"] == "intersection" and each["metric"] == "selection_rate"]
    assert pairs
    assert all(each["n"] >= 120 and each["n"] % 5 == 0 for each in pairs)
    for one, other in combinations(sorted({each["n"] for each in pairs}), 2):
        assert other - one not in (1, 2, 3, 4)
