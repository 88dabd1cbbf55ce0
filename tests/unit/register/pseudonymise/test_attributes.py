"""Each recognisable column has a ladder of levels, each coarser than the next; no step leaves one out."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import Role
from ml.register.pseudonymise.attributes import ATTRIBUTES, DELIVERED, STEPS, SUPPRESSED, Attribute
from ml.register.pseudonymise.dates import in_force, whole_years, year_and_month
from ml.register.pseudonymise.districts import FILE, district_of, major_districts
from ml.register.schema import PURPOSES, TABLES
from ml.register.schema.codes import EDUCATION_LEVELS, OCCUPATIONS, countries, languages

AS_OF = date(2020, 1, 31)
VALUES = {
    "age": range(0, 110),
    "gender": "12",
    "mother_tongue": sorted(languages()),
    "citizenship": sorted(countries()),
    "municipality": ["091", "049", "092"],
    "district": [*sorted(major_districts()), "02100", "99999"],
    "education_level": sorted(EDUCATION_LEVELS),
    "education_code": [f"{code:04d}" for code in range(1000, 9000, 7)],
    "occupation": sorted(OCCUPATIONS),
    "years_in_finland": range(0, 80),
    "integration_plan": ["in force", "not in force"],
    "integration_plan_since": [f"{year}-{month:02d}" for year in (2018, 2019) for month in range(1, 13)],
}


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda each: each.name)
def test_a_finer_text_says_all_that_the_coarser_says(attribute: Attribute):
    for coarse, fine in zip(attribute.levels, attribute.levels[1:], strict=False):
        means: dict[str, str] = {}
        for value in VALUES[attribute.name]:
            assert means.setdefault(fine.text(value), coarse.text(value)) == coarse.text(value)
        assert len(set(means)) > len(set(means.values())), "a level that tells no more"


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda each: each.name)
def test_no_text_has_two_meanings(attribute: Attribute):
    """The same text stands for the same set of values at whatever level it is written."""
    meanings: dict[str, set[frozenset[object]]] = {}
    for level in attribute.levels:
        sets: dict[str, set[object]] = {}
        for value in VALUES[attribute.name]:
            sets.setdefault(level.text(value), set()).add(value)
        for text, members in sets.items():
            meanings.setdefault(text, set()).add(frozenset(members))
    # "fi" is Finnish at both levels, "25–29" a band of the audit and of five years
    assert {text: len(found) for text, found in meanings.items() if len(found) > 1} == {}
    assert SUPPRESSED not in meanings


def test_each_step_goes_one_level_up_and_all_levels_are_reached():
    reached = dict.fromkeys((attribute.name for attribute in ATTRIBUTES), 0)
    for step in STEPS:
        assert step.level == reached[step.attribute] + 1
        assert not step.given or reached[step.given[0]] >= step.given[1], "waits for a later step"
        reached[step.attribute] = step.level
    assert reached == {attribute.name: len(attribute.levels) for attribute in ATTRIBUTES}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_recognisable_column_of_a_purpose_is_generalised(purpose: str):
    generalised = {name for each in ATTRIBUTES if each.role(purpose) for name in each.sources}
    for table in TABLES.values():
        for column in table.columns:
            if column.sensitivity in DELIVERED and purpose in column.roles:
                assert table.name == "jobseekers"
                assert column.name in generalised


def test_an_attribute_goes_where_all_its_sources_go():
    for attribute in ATTRIBUTES:
        for purpose in PURPOSES:
            roles = {column.roles.get(purpose) for column in attribute.columns}
            assert len(roles) == 1
            assert attribute.role(purpose) in (None, Role.PROTECTED, Role.FEATURE)


@pytest.mark.parametrize(
    ("attribute", "value", "texts"),
    [
        ("age", 19, ["under 25", "under 20", "under 20"]),
        ("age", 20, ["under 25", "20–24", "20"]),
        ("age", 24, ["under 25", "20–24", "24"]),
        ("age", 25, ["25–29", "25–29", "25"]),
        ("age", 29, ["25–29", "25–29", "29"]),
        ("age", 30, ["30–49", "30–34", "30"]),
        ("age", 49, ["30–49", "45–49", "49"]),
        ("age", 50, ["50 and over", "50–54", "50"]),
        ("age", 64, ["50 and over", "60–64", "64"]),
        ("age", 65, ["50 and over", "65 and over", "65 and over"]),
        ("mother_tongue", "fi", ["fi", "fi"]),
        ("mother_tongue", "sv", ["sv", "sv"]),
        ("mother_tongue", "ru", ["foreign", "ru"]),
        ("citizenship", "FI", ["FI", "FI"]),
        ("citizenship", "EE", ["EU", "EE"]),
        ("citizenship", "GB", ["other", "GB"]),
        ("citizenship", "XX", ["other", "XX"]),
        ("municipality", "091", ["Helsinki"]),
        ("municipality", "049", ["elsewhere"]),
        ("district", "00530", ["Keskinen"]),
        ("district", "02100", ["outside Helsinki"]),
        ("education_level", "1", ["basic", "1"]),
        ("education_level", "4", ["secondary", "4"]),
        ("education_level", "5", ["higher", "5"]),
        ("education_code", "3512", ["35", "3512"]),
        ("occupation", "512", ["5", "51", "512"]),
        ("years_in_finland", 2, ["under 3"]),
        ("years_in_finland", 3, ["3–5"]),
        ("years_in_finland", 5, ["3–5"]),
        ("years_in_finland", 6, ["over 5"]),
    ],
)
def test_how_values_read_level_by_level(attribute: str, value: object, texts: list[str]):
    found = next(each for each in ATTRIBUTES if each.name == attribute)
    assert [level.text(value) for level in found.levels] == texts


# ---------------------------------------------------------------- days


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.dates(date(2010, 1, 1), date(2030, 1, 1)))
def test_whole_years_are_birthdays_passed(born: date, as_of: date):
    def birthday(year: int) -> date:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return date(year, 3, 1) if (born.month, born.day) == (2, 29) and not leap else born.replace(year=year)

    passed = sum(birthday(year) <= as_of for year in range(born.year + 1, as_of.year + 1))
    assert whole_years(pa.array([born, None], pa.date32()), as_of).to_pylist() == [passed, None]


def test_a_plan_is_in_force_from_its_first_to_its_last_day():
    plans = [
        (date(2020, 1, 31), date(2020, 1, 31), "in force"),
        (date(2019, 1, 1), date(2020, 1, 30), "not in force"),
        (date(2020, 2, 1), date(2022, 1, 1), "not in force"),
        (date(2019, 1, 1), None, "in force"),
        (None, None, None),
    ]
    first, last, said = (list(each) for each in zip(*plans, strict=True))
    assert in_force(pa.array(first, pa.date32()), pa.array(last, pa.date32()), AS_OF).to_pylist() == said
    assert year_and_month(pa.array([*first[:1], None], pa.date32())).to_pylist() == ["2020-01", None]


# ---------------------------------------------------------------- districts


def test_the_eight_major_districts_have_the_postal_codes_of_helsinki():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["postal_code"] for row in rows] == sorted({row["postal_code"] for row in rows})
    assert set(major_districts().values()) == {
        "Eteläinen", "Läntinen", "Keskinen", "Pohjoinen", "Koillinen", "Kaakkoinen", "Itäinen", "Östersundom",
    }  # fmt: skip
    assert district_of("00100") == "Eteläinen"
    with (Path(district_of.__code__.co_filename).parents[1] / "synthetic/postal_codes.csv").open() as file:
        assert {row["postal_code"] for row in csv.DictReader(file)} == set(major_districts())
