"""`apualy register synth` and `apualy register report`: a register of people who do not exist, and what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml.register.schema import TABLES


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def synth(apualy: Any, *more: object) -> Any:
    return apualy("register", "synth", "--target-group", 300, "--out", "made", *more)


def test_writes_an_extract_and_the_oracle_beside_it(apualy: Any) -> None:
    ran = synth(apualy)
    assert (ran.code, ran.err) == (0, "")
    assert "made" in ran.out
    assert sorted(path.name for path in Path().iterdir()) == ["made", "made.oracle"]
    assert sorted(path.name for path in Path("made").iterdir()) == sorted(
        ["register.toml", *(f"{name}.csv" for name in TABLES)]
    )


def test_seed_and_day_are_what_was_asked_for(apualy: Any) -> None:
    assert synth(apualy).code == 0
    before = Path("made/employment_codes.csv").read_bytes()
    assert synth(apualy, "--seed", 1, "--as-of", "2020-01-31").code == 0
    assert Path("made/employment_codes.csv").read_bytes() == before
    assert synth(apualy, "--seed", 2).code == 0
    assert Path("made/employment_codes.csv").read_bytes() != before
    assert synth(apualy, "--as-of", "2022-10-31").code == 0
    assert "as_of = 2022-10-31" in Path("made/register.toml").read_text(encoding="utf-8")


def test_unfairness_is_planted(apualy: Any) -> None:
    assert synth(apualy, "--unfair", "occupation:gender=2:1", "--unfair", "education_level:gender=2:1").code == 0
    header, *rows = Path("made/jobseekers.csv").read_text(encoding="utf-8-sig").splitlines()
    names = header.split(";")
    people = [dict(zip(names, row.split(";"), strict=True)) for row in rows]
    women = [person for person in people if person["gender"] == "2"]
    assert women
    assert {(person["occupation"], person["education_level"]) for person in women} == {("", "")}
    assert sum(person["occupation"] != "" for person in people) > 300


def test_reports_what_the_extract_holds(apualy: Any) -> None:
    assert synth(apualy).code == 0
    told = apualy("register", "report", "made", "--json")
    assert (told.code, told.err) == (0, "")
    figures = {figure["name"]: figure for figure in json.loads(told.out)["figures"]}
    assert figures["target_group"]["value"] == figures["target_group"]["target"] == 300
    table = apualy("register", "report", "made")
    assert (table.code, table.err) == (0, "")
    assert "municipal payment list" in table.out


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--target-group", "3"], 2, "a target group of 3 cannot be"),
        (["--target-group", "many"], 2, "'many' is not a whole number"),
        (["--as-of", "31.1.2020"], 2, "'31.1.2020' is not a date like 2020-01-31"),
        (["--as-of", "1950-01-01"], 2, "no world is known for 1950-01-01"),
        (["--unfair", "men first"], 2, "does not read as WHAT:COLUMN=VALUE:SHARE"),
    ],
)
def test_says_in_one_line_what_is_wrong(apualy: Any, more: list[str], code: int, words: str) -> None:
    ran = synth(apualy, *more)
    assert ran.code == code
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not Path("made").exists()


def test_a_folder_of_something_else_is_left_alone(apualy: Any) -> None:
    Path("made").mkdir()
    Path("made/thesis.txt").write_text("three years of work", encoding="utf-8")
    ran = synth(apualy)
    assert ran.code == 2
    assert "made is something else than a register extract" in ran.err
    assert [path.name for path in Path("made").iterdir()] == ["thesis.txt"]


def test_what_cannot_be_reported_is_told(apualy: Any) -> None:
    ran = apualy("register", "report", "nowhere")
    assert ran.code == 3
    assert "nowhere: no such folder" in ran.err
