"""What a contract says, and every way in which it can be wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ml.contracts import CohortContract, ColumnType, Kind, Role
from ml.errors import ContractError
from ml.register.cohort.declaration import read_contract, renamed

WHOLE = """
[cohort]
name = "displaced-workers"
description = "US workers"
licence = "CC0"
[outcome]
duration = "spell"
unit = "2 weeks"
exit = "censor4"
exit_when = [1]
horizon = 13
horizons = [20, 6, 13]
[time]
start = "claim_date"
[columns.age]
type = "number"
role = "protected"
bands = [25, 30, 50]
reference = "30–49"
min = 16
max = 70
label = { en = "Age", fi = "Ikä", sv = "Ålder" }
[columns.tenure]
type = "number"
role = "feature"
kind = "immutable"
missing = "allowed"
label = "Years in the lost job"
[columns.race]
type = "category"
role = "protected"
values = { "1" = "nonwhite", "0" = "white" }
reference = "white"
[columns.person]
role = "id"
"""


TWO_PACES = (
    "".join(
        f'[columns.{name}]\ntype = "number"\nrole = "feature"\npace = true\nmin = 0\nmax = 1\n'
        for name in ("one", "two")
    )
    + "[columns.person]"
)


def read(tmp_path: Path, text: str | bytes) -> CohortContract:
    path = tmp_path / "cohort.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_contract(path)


def test_a_contract_declares_every_column(tmp_path: Path) -> None:
    contract = read(tmp_path, WHOLE)
    assert list(contract.columns) == ["spell", "censor4", "claim_date", "age", "tenure", "race", "person"]
    assert contract.columns["spell"].type is ColumnType.NUMBER
    assert contract.columns["spell"].role is Role.OUTCOME
    assert contract.columns["censor4"].role is Role.OUTCOME
    assert contract.columns["claim_date"].role is Role.TIME
    assert contract.columns["claim_date"].type is ColumnType.DATE
    age, tenure = contract.columns["age"], contract.columns["tenure"]
    assert (age.bands, age.minimum, age.maximum, age.reference) == ((25, 30, 50), 16, 70, "30–49")
    assert age.words("fi") == "Ikä"
    assert (tenure.kind, tenure.missing_allowed, tenure.words("sv")) == (
        Kind.IMMUTABLE, True, "Years in the lost job",
    )  # fmt: skip
    assert contract.columns["race"].values == {"1": "nonwhite", "0": "white"}
    assert [column.name for column in contract.inputs] == ["tenure"]
    assert contract.source == WHOLE


@pytest.mark.parametrize("digest", ["", f"sha256:{'0a' * 32}"])
def test_a_contract_may_name_the_data_quality_report(tmp_path: Path, digest: str) -> None:
    line = f'quality_report = "{digest}"\n' if digest else ""
    assert read(tmp_path, WHOLE.replace("[outcome]", f"{line}[outcome]")).quality_report == digest


def test_the_outcome_is_read_with_its_units_and_horizons(tmp_path: Path) -> None:
    outcome = read(tmp_path, WHOLE).outcome
    assert (outcome.unit, outcome.unit_days, outcome.horizon, outcome.horizons) == ("2 weeks", 14, 13, (6, 13, 20))
    assert (outcome.exit, outcome.exit_when, outcome.censored_when) == ("censor4", ("1",), ())


@pytest.mark.parametrize(
    ("unit", "days"),
    [("day", 1), ("week", 7), ("month", 30.4375), ("3 days", 3), ("2 weeks", 14), ("6 months", 182.625)],
)
def test_units(tmp_path: Path, unit: str, days: float) -> None:
    assert read(tmp_path, WHOLE.replace("2 weeks", unit)).outcome.unit_days == days


def test_a_byte_order_mark_and_decomposed_letters_make_no_difference(tmp_path: Path) -> None:
    decomposed = WHOLE.replace("columns.tenure", '''columns."ika\u0308"''').encode("utf-8-sig")
    assert "ikä" in read(tmp_path, decomposed).columns


def test_a_contract_without_protected_columns_is_allowed(tmp_path: Path) -> None:
    text = WHOLE.replace('"protected"', '"feature"').replace("bands = [25, 30, 50]", "")
    assert not read(tmp_path, re.sub("reference = .*", "", text)).with_role(Role.PROTECTED)


def test_a_protected_column_is_an_input_with_a_justification(tmp_path: Path) -> None:
    text = WHOLE.replace("max = 70", 'use_in_model = true\njustification = "studied"')
    assert [column.name for column in read(tmp_path, text).inputs] == ["age", "tenure"]


def test_other_outcomes_are_declared_and_not_used(tmp_path: Path) -> None:
    contract = read(tmp_path, WHOLE + '[columns.censor1]\ntype = "number"\nrole = "outcome"\n')
    assert "censor1" not in [column.name for column in contract.inputs]


def test_every_exit_seen_needs_no_exit_column(tmp_path: Path) -> None:
    outcome = read(tmp_path, WHOLE.replace('exit = "censor4"\nexit_when = [1]\n', "")).outcome
    assert (outcome.exit, outcome.exit_when, outcome.censored_when) == (None, (), ())


def test_an_entry_is_an_input_from_0_up_that_no_row_lacks(tmp_path: Path) -> None:
    text = WHOLE.replace("horizon = 13\n", 'horizon = 13\nentry = "waited"\n')
    text += '[columns.waited]\ntype = "number"\nrole = "feature"\n'
    contract = read(tmp_path, text)
    assert contract.outcome.entry == "waited"
    assert contract.columns["waited"].minimum == 0
    assert "waited" in [column.name for column in contract.inputs]
    assert renamed(contract, "other").outcome == contract.outcome
    assert read(tmp_path, text + "min = 2\n").columns["waited"].minimum == 2
    assert read(tmp_path, WHOLE).outcome.entry is None


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("", '[outcome] entry = "waited" names no column of [columns]: declare it'),
        ('type = "number"\nrole = "protected"', 'must be a number with role = "feature"; it is a number, role'),
        ('type = "category"\nrole = "feature"', "it is a category, role"),
        ('type = "date"\nrole = "feature"', "it is a date, role"),
        ('type = "number"\nrole = "ignore"', "must be a number with role"),
        ('type = "number"\nrole = "feature"\nmissing = "allowed"', "may not be missing"),
    ],
)
def test_an_entry_that_could_not_be_one(tmp_path: Path, declared: str, message: str) -> None:
    text = WHOLE.replace("horizon = 13\n", 'horizon = 13\nentry = "waited"\n')
    with pytest.raises(ContractError, match=re.escape(message)):
        read(tmp_path, text + (f"[columns.waited]\n{declared}\n" if declared else ""))


@pytest.mark.parametrize("name", ["spell", "censor4", "claim_date"])
def test_an_outcome_is_no_entry(tmp_path: Path, name: str) -> None:
    with pytest.raises(ContractError, match="must be a number with role"):
        read(tmp_path, WHOLE.replace("horizon = 13\n", f'horizon = 13\nentry = "{name}"\n'))


# what is replaced | by what | what the message must say
BROKEN = [
    ('name = "displaced-workers"', "", "[cohort] name is missing"),
    ('name = "displaced-workers"', 'name = "Displaced Workers"', '[cohort] name = "Displaced Workers" must be a slug'),
    ('name = "displaced-workers"', f'name = "{"a" * 61}"', "must be a slug"),
    ('name = "displaced-workers"', "name = 3", "[cohort] name = 3 must be a text"),
    ('licence = "CC0"', 'license = "CC0"', "[cohort] license is unknown here; known: name, description, licence"),
    ('licence = "CC0"', 'quality_report = "report.pdf"', 'quality_report = "report.pdf" must be "sha256:" and 64'),
    ('licence = "CC0"', 'quality_report = ""', 'must be "sha256:" and 64 hexadecimal digits, in small letters'),
    ('licence = "CC0"', f'quality_report = "sha256:{"A" * 64}"', "hexadecimal digits, in small letters"),
    ('licence = "CC0"', "quality_report = 5", "[cohort] quality_report = 5 must be"),
    ("[time]", "[times]", "times is unknown here; known: cohort, outcome, time, columns, reasons"),
    ('duration = "spell"', "", "[outcome] duration is missing"),
    ('duration = "spell"', 'duration = " "', "[outcome] duration"),
    ('duration = "spell"', 'duration = "censor4"', "names a column twice"),
    ('unit = "2 weeks"', "", "[outcome] unit is missing"),
    ('unit = "2 weeks"', 'unit = "fortnight"', '[outcome] unit = "fortnight" must read'),
    ('unit = "2 weeks"', 'unit = "0 weeks"', "must read"),
    ('unit = "2 weeks"', 'unit = "weeks"', "must read"),
    ("horizon = 13\n", "", "[outcome] horizon is missing"),
    ("horizon = 13\n", "horizon = 0\n", "[outcome] horizon = 0 must be above 0"),
    ("horizon = 13\n", 'horizon = "13"\n', "must be a number"),
    ("horizon = 13\n", "horizon = true\n", "must be a number"),
    ("horizon = 13\n", "horizon = inf\n", "must be a number, and finite"),
    ("horizon = 13\n", f"horizon = 1{'0' * 400}\n", "must be a number, and finite"),
    ("horizon = 13\n", f"horizon = 1{'0' * 5000}\n", "is not valid TOML"),
    ("horizons = [20, 6, 13]", "horizons = [6, -1]", "[outcome] horizons"),
    ("horizons = [20, 6, 13]", "horizons = 6", "must be a list"),
    ("exit_when = [1]", "", "needs exactly one of exit_when and censored_when; there are 0"),
    ("exit_when = [1]", "exit_when = [1]\ncensored_when = [0]", "there are 2"),
    ("exit_when = [1]", "exit_when = []", "at least one item"),
    ("exit_when = [1]", "exit_when = [[1]]", "must hold texts, numbers, true or false"),
    ("exit_when = [1]", 'exit_when = [""]', "empty text"),
    ('exit = "censor4"', "", "[outcome] exit_when"),
    ('start = "claim_date"', "", "[time] start is missing"),
    ('start = "claim_date"', 'start = "spell"', "names a column twice"),
    ('start = "claim_date"', 'start = "tenure"', "leaks: [time] names this column"),
    ('duration = "spell"', 'duration = "tenure"', "leaks: [outcome] names this column"),
    ('type = "category"', 'type = "text"', '[columns.race] type = "text" is unknown: write number, category'),
    ('type = "category"', "", "[columns.race] type is missing"),
    ('type = "category"', 'type = "date"', "has no groups that could be audited"),
    ('role = "feature"', 'role = "fature"', '[columns.tenure] role = "fature" is unknown: write feature'),
    ('role = "feature"', "", "[columns.tenure] role is missing"),
    ('role = "feature"', 'role = "time"', "is only for the column that [time] start names"),
    ('role = "feature"', 'role = "ignore"', "a model needs at least one"),
    ('role = "feature"', 'role = "id"\n', "is not possible"),
    ('kind = "immutable"', 'kind = "fixed"', '[columns.tenure] kind = "fixed" is unknown: write can_change'),
    ('missing = "allowed"', "missing = true", "must be a text"),
    ('missing = "allowed"', 'missing = "yes"', 'missing = "yes" is unknown: write allowed'),
    ("min = 16", "min = 71", "[columns.age] min = 71 is above max"),
    ('kind = "immutable"', 'values = { "1" = "a" }', "only for categories and booleans"),
    ('reference = "white"', "min = 0", "is only for numbers, and the type is category"),
    ('values = { "1" = "nonwhite", "0" = "white" }', "values = {}", "must map distinct codes"),
    ('values = { "1" = "nonwhite", "0" = "white" }', 'values = ["white"]', "must be a table"),
    ('reference = "white"', 'translations = { fi = { "2" = "x" } }', 'fi] 2 is unknown here; known: 1, 0'),
    ('reference = "white"', 'translations = { de = { "1" = "x" } }', "de is unknown here; known: fi"),
    ('kind = "immutable"', 'translations = { fi = { "1" = "x" } }', "are of the values; give values too"),
    ('"1" = "nonwhite"', '"1" = 1', "[columns.race.values] 1 = 1 must be a text"),
    ('reference = "white"', 'reference = "black"', 'reference = "black" is not one of the groups: nonwhite, white'),
    ('reference = "30–49"', 'reference = "30-49"', "is not one of the groups: under 25, 25–29, 30–49, 50 and over"),
    ('kind = "immutable"', 'reference = "1"', "is only for protected columns, and the role is feature"),
    ("bands = [25, 30, 50]", "bands = [25, 25]", "must rise"),
    ("bands = [25, 30, 50]", 'bands = ["a"]', "must hold numbers only"),
    ('kind = "immutable"', "bands = [1]", "only for a protected number"),
    ('reference = "white"', "bands = [1]", "only for a protected number"),
    ("max = 70", "use_in_model = true", "[columns.age] justification is missing"),
    ("max = 70", 'use_in_model = true\njustification = " "', "justification"),
    ("max = 70", 'use_in_model = "yes"', "must be true or false"),
    ('kind = "immutable"', "use_in_model = true", "is only for protected columns, and the role is feature"),
    ('kind = "immutable"', "pace = true", "is for a share: give the column min = 0 and max = 1"),
    ('kind = "immutable"', "pace = true\nmin = 0\nmax = 100", "is for a share: give the column min = 0 and max = 1"),
    ('kind = "immutable"', 'pace = "yes"', "must be true or false"),
    ('kind = "immutable"', 'kind = "can_change"\npace = true', 'tells of no person, and kind is "can_change"'),
    ("min = 16", "pace = true", 'is for a number with role = "feature": it is a number, role = "protected"'),
    ('reference = "white"', "pace = true", 'is for a number with role = "feature": it is a category'),
    ("[columns.person]", TWO_PACES, "only one column may have pace = true; there are: one, two"),
    (
        '[time]\nstart = "claim_date"',
        '[columns.share]\ntype = "number"\nrole = "feature"\npace = true\nmin = 0\nmax = 1',
        "columns.share has pace = true, which needs [time]",
    ),
    ('fi = "Ikä"', 'de = "Alter"', "[columns.age.label] de is unknown here; known: en, fi, sv"),
    ('label = "Years in the lost job"', "label = 3", "must be a table"),
    ("[columns.tenure]", '[columns." tenure"]', "is no column name"),
    ("[columns.tenure]", '[columns."010190-123A"]\nbad = 1', "[identity code]"),
    ("[columns.person]", '[columns.other]\nrole = "id"\n[columns.person]', "only one column may have"),
    ("[columns.person]", '[columns.spell]\ntype = "category"\nrole = "outcome"\n[columns.person]', "must be number"),
    ("[columns.person]", '[columns.claim_date]\ntype = "number"\nrole = "time"\n[columns.person]', "must be date"),
    ("[columns.person]", '[columns.censor4]\ntype = "date"\nrole = "outcome"\n[columns.person]', "cannot say how"),
    (
        "[columns.person]",
        '[columns.censor4]\ntype = "boolean"\nrole = "outcome"\nmissing = "allowed"\n[columns.person]',
        "is not possible",
    ),
    ("[columns.age]", "[columns]\nplain = 3\n[columns.age]", "[columns] plain = 3 must be a table"),
    ("[cohort]", "[cohort", "is not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "instead", "message"), BROKEN)
def test_a_broken_contract_says_where_and_what(tmp_path: Path, found: str, instead: str, message: str) -> None:
    assert found in WHOLE
    with pytest.raises(ContractError) as error:
        read(tmp_path, WHOLE.replace(found, instead, 1))
    assert message in str(error.value)
    assert str(error.value).startswith("cohort.toml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("column", "listed", "message"),
    [
        ('type = "number"', '["x"]', 'holds "x", and column censor4 is a number'),
        ('type = "boolean"', '["maybe"]', 'holds "maybe", and column censor4 is a boolean'),
        ('type = "category"\nvalues = { a = "A" }', '["b"]', "is a category, one of a"),
    ],
)
def test_a_value_that_could_never_be_an_exit(tmp_path: Path, column: str, listed: str, message: str) -> None:
    text = WHOLE.replace("exit_when = [1]", f"exit_when = {listed}")
    with pytest.raises(ContractError, match=re.escape(message)):
        read(tmp_path, f'{text}[columns.censor4]\nrole = "outcome"\n{column}\n')


def test_values_read_in_other_languages_too(tmp_path: Path) -> None:
    spoken = 'reference = "white"\ntranslations = { fi = { "0" = "valkoinen" } }'
    race = read(tmp_path, WHOLE.replace('reference = "white"', spoken)).columns["race"]
    assert [race.value_words(value, "fi") for value in ("white", "nonwhite")] == ["valkoinen", "nonwhite"]
    assert race.value_words("white", "sv") == "white"


@pytest.mark.parametrize("values", ['{ "1" = "x" }', '{ "1" = "x", "true" = "y" }', '{ "1" = "x", "2" = "y" }'])
def test_the_values_of_a_boolean_name_both(tmp_path: Path, values: str) -> None:
    column = f'[columns.has]\ntype = "boolean"\nrole = "protected"\nvalues = {values}\n'
    with pytest.raises(ContractError, match="must say how 1 and 0 read"):
        read(tmp_path, WHOLE + column)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xe4", "is not UTF-8"), (b"a = [" * 100_000, "is not valid TOML"), (b"#" * 2_000_000, "larger than 1 MiB")],
)
def test_a_file_that_is_no_contract(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        read(tmp_path, content)


def test_no_such_contract(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ContractError, match="there is no such file"):
            read_contract(path)
