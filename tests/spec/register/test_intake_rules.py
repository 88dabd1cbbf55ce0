"""What the intake says of a register in which one thing is wrong: the table is the rule."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from ml.errors import DataError
from ml.progress import silent
from ml.register.intake import Intake, source_of, take_in
from ml.register.intake.rulebook import RECORD_RULES
from ml.register.intake.value_rules import VALUE_RULES

# Four people: A in rows 2 and 3 of jobseekers, B in 4, C in 5, D in 6. Known up to 31.1.2020.
VALID = Path(__file__).parents[2] / "unit" / "register" / "intake" / "valid"
# rule | what to do
TO_DO = {
    "missing value": "fill it in at the source",
    "identity code form": "write it as ddmmyy, century sign, three digits and check character",
    "identity code century sign": "correct the code at the source",
    "identity code date": "correct the code at the source",
    "identity code check character": "correct the code at the source",
    "not a date": "write days as 31.1.2020 or 2020-01-31",
    "ambiguous date": "write days as 31.1.2020 or 2020-01-31",
    "another date form": "write one column in one form",
    "not a whole number": "write digits alone",
    "out of range": "see DATA_DICTIONARY.md for the limits",
    "not yes or no": "write 1 or 0, true or false, K or E",
    "unknown code": "see DATA_DICTIONARY.md for the codes, and keep leading zeros",
    "end before start": "correct the days at the source",
    "after the as-of date": "correct the day, or give the extract's own day with --as-of",
    "entered before it happened": "correct the days at the source",
    "end without its entry": "deliver end_entered wherever end is given",
    "entry of an end without end": "deliver end wherever end_entered is given",
    "end entered before the record": "correct the days at the source",
    "birth date disagrees": "correct the date of birth or the identity code",
    "arrival before birth": "correct the day of arrival",
    "integration plan ends before it starts": "correct the days at the source",
    "more days paid than the period has": "correct days_paid or the period",
    "impossible age": "correct the identity code or the day",
    "repeated row": "deliver each record once",
    "shared key": "deliver one record a key",
    "overlap": "end each before the next begins",
    "person not in jobseekers": "deliver the person, too",
    "artificial person among real ones": "leave test persons out",
}

# table | row as an editor counts, + for a copy of it at the end | what is changed | rule broken | where
HARD = [
    # ---- values
    ("jobseekers", "2", "identity_code=", "missing value", "in identity_code row 2"),
    ("jobseekers", "4", "valid_from=", "missing value", "in valid_from row 4"),
    ("plans", "3", "kind=   ", "missing value", "in kind row 3"),
    ("jobseekers", "2", "identity_code=010180-901", "identity code form", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=010180-901O", "identity code form", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=010180-0015", "identity code form", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=150595-902a", "identity code form", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=0١0180-9015", "identity code form", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=010180G9015", "identity code century sign", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=010180/9015", "identity code century sign", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=310280-9015", "identity code date", "in identity_code row 2"),
    ("jobseekers", "2", "identity_code=290200-9015", "identity code date", "in identity_code row 2"),  # 1900
    ("jobseekers", "2", "identity_code=010180-9016", "identity code check character", "in identity_code row 2"),
    ("plans", "2", "identity_code=010180-9025", "identity code check character", "in identity_code row 2"),
    ("employment_codes", "5", "end=31.2.2018", "not a date", 'in end row 5: "31.2.2018"'),
    ("employment_codes", "5", "start=yesterday", "not a date", 'in start row 5: "yesterday"'),
    ("employment_codes", "5", "start=01.01.0202", "not a date", 'in start row 5: "01.01.0202"'),
    ("employment_codes", "5", "start=03/04/2018", "ambiguous date", 'in start row 5: "03/04/2018"'),
    ("employment_codes", "5", "start=03.04.18", "ambiguous date", 'in start row 5: "03.04.18"'),
    ("employment_codes", "5", "start=03-04-2018", "ambiguous date", 'in start row 5: "03-04-2018"'),
    ("employment_codes", "5", "start=2018-09-03", "another date form", 'in start row 5: "2018-09-03"'),
    ("jobseekers", "4", "birth_date=15/05/1995", "ambiguous date", "in birth_date row 4"),
    ("benefits", "2", "days_paid=22.5", "not a whole number", 'in days_paid row 2: "22.5"'),
    ("benefits", "2", "days_paid=-1", "out of range", 'in days_paid row 2: "-1"'),
    ("benefits", "2", "days_paid=367", "out of range", 'in days_paid row 2: "367"'),
    ("abilitator", "2", "health=11", "out of range", "in health row 2"),
    ("jobseekers", "2", "work_ability_limited=maybe", "not yes or no", "in work_ability_limited row 2"),
    ("employment_codes", "2", "code=09", "unknown code", 'in code row 2: "09"'),
    ("employment_codes", "2", "code=2", "unknown code", 'in code row 2: "2"'),
    ("services", "2", "kind=Training", "unknown code", 'in kind row 2: "Training"'),
    ("jobseekers", "2", "gender=3", "unknown code", "in gender row 2"),
    ("jobseekers", "4", "gender=3", "unknown code", "in gender row 4"),  # B has no other record, yet is a person
    ("jobseekers", "2", "mother_tongue=xx", "unknown code", "in mother_tongue row 2"),
    ("jobseekers", "2", "citizenship=fi", "unknown code", "in citizenship row 2"),
    ("jobseekers", "2", "postal_code=530", "unknown code", "in postal_code row 2"),
    ("jobseekers", "2", "occupation=999", "unknown code", "in occupation row 2"),
    # ---- one record
    ("employment_codes", "2", "end=01.01.2017", "end before start", "row 2"),
    ("services", "2", "end=30.09.2018", "end before start", "row 2"),
    ("employment_codes", "8", "start=01.02.2020", "after the as-of date", 'in start row 8: "01.02.2020"'),
    ("employment_codes", "8", "entered=01.02.2020", "after the as-of date", 'in entered row 8: "01.02.2020"'),
    ("employment_codes", "5", "end_entered=01.02.2020", "after the as-of date", 'in end_entered row 5: "01.02.2020"'),
    ("services", "2", "end_entered=01.02.2020", "after the as-of date", 'in end_entered row 2: "01.02.2020"'),
    ("services", "3", "entered=01.02.2020", "after the as-of date", 'in entered row 3: "01.02.2020"'),
    ("benefits", "2", "start=29.01.2020 end=01.02.2020 days_paid=3 entered=31.01.2020",
     "after the as-of date", 'in end row 2: "01.02.2020"'),
    ("abilitator", "2", "date=01.02.2020", "after the as-of date", 'in date row 2: "01.02.2020"'),
    ("placements", "2", "date=01.02.2020", "after the as-of date", 'in date row 2: "01.02.2020"'),
    ("jobseekers", "4", "valid_from=01.02.2020", "after the as-of date", 'in valid_from row 4: "01.02.2020"'),
    ("jobseekers", "6", "arrived_in_finland=01.02.2020", "after the as-of date", "in arrived_in_finland row 6"),
    ("benefits", "2", "entered=01.01.2017", "entered before it happened", "row 2"),
    ("abilitator", "2", "entered=31.08.2018", "entered before it happened", "row 2"),
    ("employment_codes", "2", "end_entered=", "end without its entry", "row 2"),
    ("employment_codes", "8", "end_entered=01.01.2019", "entry of an end without end", "row 8"),
    ("employment_codes", "5", "end_entered=02.09.2018", "end entered before the record", "row 5"),
    ("jobseekers", "4", "birth_date=16.05.1995", "birth date disagrees", "in birth_date row 4"),
    ("jobseekers", "6", "arrived_in_finland=30.07.1975", "arrival before birth", "row 6"),
    ("jobseekers", "6", "integration_plan_end=29.02.2016", "integration plan ends before it starts", "row 6"),
    ("benefits", "2", "days_paid=30", "", ""),  # 2.1. to 31.1.
    ("benefits", "2", "days_paid=31", "more days paid than the period has", "row 2"),
    ("plans", "4", "date=23.12.2016", "impossible age", "row 4"),  # C: 14
    ("plans", "5", "date=31.07.1990", "", ""),  # D: the fifteenth birthday
    ("plans", "5", "date=30.07.1990", "impossible age", "row 5"),
    ("jobseekers", "5+", "identity_code=010219-910H birth_date=01.02.1919 valid_from=31.01.2020 entered=31.01.2020",
     "", ""),
    ("jobseekers", "5+", "identity_code=310119-9113 birth_date=31.01.1919 valid_from=31.01.2020 entered=31.01.2020",
     "impossible age", "row 7"),
    # ---- records together
    ("employment_codes", "8+", "", "repeated row", "row 9"),
    ("employment_codes", "5+", "code=07", "shared key", "rows 5, 9"),
    ("jobseekers", "3+", "education_level=6", "shared key", "rows 3, 7"),
    ("plans", "3+", "entered=11.09.2018", "shared key", "rows 3, 6"),
    ("plans", "3+", "kind=contact", "", ""),
    ("employment_codes", "2", "end=01.05.2017", "overlap", "row 2"),
    ("employment_codes", "3", "end= end_entered=", "overlap", "row 3"),
    ("plans", "3", "identity_code=010180-920S", "person not in jobseekers", "in identity_code row 3"),
    ("jobseekers", "5+", "identity_code=131052-308T birth_date=13.10.1952",
     "artificial person among real ones", "in identity_code rows 2, 3, 4, 5, 6"),
]  # fmt: skip

# table | row | what is changed | the warning
SOFT = [
    ("employment_codes", "5", "entered=02.09.2018", "entered ahead"),
    ("jobseekers", "4", "entered=02.09.2018", "entered ahead"),
    ("placements", "2", "entered=19.06.2018", "entered ahead"),
    ("services", "2+", "start=01.03.2020 end= ended= end_entered=", "planned ahead"),
    ("plans", "4", "date=01.02.2020", "planned ahead"),
    ("employment_codes", "8", "end=30.06.2020 end_entered=31.01.2020", "end known ahead"),
    ("jobseekers", "4", "gender=1", "gender disagrees"),
    ("jobseekers", "6", "integration_plan_start=", "integration plan without start"),
    ("services", "3", "ended=completed", "ending without end"),
]


def _changed(folder: Path, table: str, row: str, change: str) -> Path:
    """Return a copy of the valid register in which one row was changed, or copied to the end and changed there."""
    shutil.copytree(VALID, folder)
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    if row.endswith("+"):
        rows.append(list(rows[int(row[:-1]) - 2]))
    changed = rows[-1 if row.endswith("+") else int(row) - 2]
    for name, value in (part.split("=") for part in change.replace(" =", "=").split(" ") if "=" in part):
        changed[header.index(name)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows([header, *rows])
    return folder


@pytest.mark.parametrize(("table", "row", "change", "rule", "where"), HARD)
def test_a_broken_rule_refuses_the_whole_and_is_told_in_one_line(
    tmp_path: Path, table: str, row: str, change: str, rule: str, where: str
) -> None:
    source = source_of(str(_changed(tmp_path / "raw", table, row, change)))
    if not rule:
        take_in(source, None, False, silent)
        return
    with pytest.raises(DataError) as refused:
        take_in(source, None, False, silent)
    line = str(refused.value)
    column, named = re.fullmatch(r"(in \w+ )?(rows? .*)", where).groups("")  # type: ignore[union-attr]
    count = len(named.split(", "))
    breaks = "1 row breaks" if count == 1 else f"{count} rows break"
    assert f"{table}: {breaks} '{rule}' {column}({named}). To do: {TO_DO[rule]}." in line
    assert "\n" not in line
    assert len(re.findall("rows? breaks? '", line)) == 1, "exactly one rule is broken"
    for secret in ("010180", "150595", "15.05.1995", "00530"):
        assert secret not in line


@pytest.mark.parametrize(("table", "row", "change", "warning"), SOFT)
def test_a_soft_rule_warns_and_takes_the_row_in(
    tmp_path: Path, table: str, row: str, change: str, warning: str
) -> None:
    before = take_in(source_of(str(VALID)), None, False, silent)
    after = take_in(source_of(str(_changed(tmp_path / "raw", table, row, change))), None, False, silent)

    def counted(intake: Intake) -> int:
        return sum(each.rows for each in intake.quality.broken if (each.table, each.rule) == (table, warning))

    assert counted(after) == counted(before) + 1
    assert any(line.startswith(f"{table}: ") and f"{warning}'" in line for line in after.quality.warnings)
    assert after.rows_set_aside == 0
    assert len(after.extract.tables[table]) == len(before.extract.tables[table]) + row.endswith("+")


def test_the_valid_register_passes() -> None:
    taken = take_in(source_of(str(VALID)), None, False, silent)
    assert {name: table.num_rows for name, table in taken.extract.tables.items()} == {
        "jobseekers": 5, "employment_codes": 7, "services": 3, "benefits": 3, "plans": 4, "abilitator": 2,
        "placements": 2,
    }  # fmt: skip
    assert not [each for each in taken.quality.broken if each.hard]


def test_every_rule_stands_in_the_tables_above() -> None:
    rules = [*VALUE_RULES.values(), *(each.rule for each in RECORD_RULES)]
    assert {rule.name for rule in rules if rule.hard} == set(TO_DO) == {rule for *_, rule, _ in HARD if rule}
    assert {rule.name for rule in rules if not rule.hard} == {warning for *_, warning in SOFT}
